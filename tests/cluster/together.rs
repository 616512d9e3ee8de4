//! People at several nodes are one team, with one door.

use serde_json::json;

use super::events::across;
use crate::support::nodes::Nodes;
use crate::support::socket::say;
use crate::support::{Agent, Visitor};

#[tokio::test]
async fn the_team_and_visitors_of_other_nodes_are_seen_to_be_there() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (ana, mut writer, mut reader) = across(&one, &other).await;
    let key = ana.widget_key().await;
    // The visitor, at the first node, and the agent, at the second, know of each other.
    let known = reader.wait_for(|f| f["type"] == "presence" && f["who"]["kind"] == "visitor").await;
    assert_eq!(known["presence"], "online");
    writer.wait_for(|frame| frame["type"] == "presence" && frame["online"] == true).await;
    // And so does somebody who comes to the first node, where no agent is.
    let asked = json!({"key": key});
    let booted = reqwest::Client::new()
        .post(one.world.url("/api/v1/widget/boot"))
        .json(&asked)
        .send()
        .await
        .unwrap();
    let booted: serde_json::Value = booted.json().await.unwrap();
    assert_eq!(booted["config"]["online"], true, "{booted}");
    // What the agent says of itself is heard there at once.
    reader.done(json!({"type": "set_presence", "presence": "away"})).await;
    writer.wait_for(|frame| frame["type"] == "presence" && frame["online"] == false).await;
}

#[tokio::test]
async fn whoever_is_at_a_node_that_is_killed_is_gone_after_a_while() {
    let nodes = Nodes::new().await;
    let (one, mut other) = nodes.pair().await;
    let (_, mut writer, _reader) = across(&one, &other).await;
    writer.wait_for(|frame| frame["type"] == "presence" && frame["online"] == true).await;
    other.process.kill();
    writer.wait_for(|frame| frame["type"] == "presence" && frame["online"] == false).await;
}

#[tokio::test]
async fn typing_and_what_is_on_screen_are_seen_at_other_nodes() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (ana, mut writer, mut reader) = across(&one, &other).await;
    writer.done(say("here")).await;
    let talk = reader.posted("here").await["conversation"]["id"].clone();
    reader.done(json!({"type": "watch", "conversation": talk})).await;
    let ben = ana.colleague(&one.world, "Ben", "agent").await;
    let mut beside = ben.connect(&one.world).await;
    beside.done(json!({"type": "watch", "conversation": talk})).await;
    let both = |frame: &serde_json::Value| {
        frame["type"] == "viewers" && frame["members"].as_array().is_some_and(|m| m.len() == 2)
    };
    reader.wait_for(both).await;
    beside.wait_for(both).await;
    writer.send(json!({"type": "typing", "on": true})).await;
    let typing = reader.wait_for(|frame| frame["type"] == "typing").await;
    assert_eq!(typing["who"]["kind"], "visitor");
    reader.done(json!({"type": "typing", "conversation": talk, "on": true, "note": false})).await;
    let typing = writer.wait_for(|frame| frame["type"] == "typing").await;
    assert_eq!(typing["name"], "Ana");
}

#[tokio::test]
async fn who_is_taken_off_the_team_at_one_node_is_put_out_at_another() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let ben = ana.colleague(&one.world, "Ben", "agent").await;
    let there = ben.at(&other.world);
    let mut socket = there.connect(&other.world).await;
    there.get("/me").await.ok();
    ana.delete(&format!("/members/{}", ben.id())).await.ok();
    assert_eq!(socket.closed().await.code, Some(4012));
    // It was told, and did not have to find out.
    assert!(other.figure("switchboard_bus_received_total{kind=\"signed_out\"}").await >= 1.0);
    assert_eq!(there.get("/me").await.status, 401);
}

#[tokio::test]
async fn a_widget_that_is_changed_at_one_node_is_new_at_another() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let key = ana.widget_key().await;
    let look = async |node: &crate::support::nodes::Node| {
        let url = node.world.url(&format!("/api/v1/widget/config?key={key}"));
        reqwest::get(url).await.unwrap().json::<serde_json::Value>().await.unwrap()
    };
    let before = look(&other).await["workspace"].clone();
    assert_eq!(before, "Ana's shop");
    ana.patch("/workspace", json!({"name": "Kiln & Clay"})).await.ok();
    other.until_figure("switchboard_bus_received_total{kind=\"forget\"}", |n| n >= 1.0).await;
    assert_eq!(look(&other).await["workspace"], "Kiln & Clay");
    Visitor::boot(&other.world, &key).await;
}
