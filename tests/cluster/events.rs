//! Events reach other nodes through the bus, and nothing else does.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::nodes::{Node, Nodes};
use crate::support::redis::Redis;
use crate::support::socket::say;
use crate::support::{Agent, Socket, Visitor};

/// A visitor at one node and an agent at the other, who hears by the bus what the visitor writes.
pub async fn across(one: &Node, other: &Node) -> (Agent, Socket, Socket) {
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let visitor = Visitor::boot(&one.world, &ana.widget_key().await).await;
    let mut writer = visitor.connect(&one.world).await;
    let mut reader = ana.connect(&other.world).await;
    // A node that has just begun to take part in a workspace reads what it may have missed.
    let mut n = 0;
    while n < 100 && other.figure("switchboard_bus_received_total{kind=\"events\"}").await == 0.0 {
        n += 1;
        writer.done(say(&format!("warm {n}"))).await;
        reader.posted(&format!("warm {n}")).await;
    }
    assert!(n < 100, "nothing came through the bus");
    (ana, writer, reader)
}

#[tokio::test]
async fn what_is_written_at_one_node_is_seen_at_another_without_a_look_at_postgres() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    let reads = other.figure("switchboard_hub_fetches_total").await;
    let heard = other.figure("switchboard_bus_received_total{kind=\"events\"}").await;
    for n in 0..10 {
        let text = format!("message {n}");
        writer.done(say(&text)).await;
        reader.posted(&text).await;
    }
    assert_eq!(other.figure("switchboard_hub_fetches_total").await, reads);
    let heard_since = other.figure("switchboard_bus_received_total{kind=\"events\"}").await - heard;
    assert!((1.0..=10.0).contains(&heard_since), "{heard_since}");
}

#[tokio::test]
async fn what_two_nodes_write_at_once_is_seen_at_both_in_one_order() {
    const EACH: usize = 40;
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    let key = ana.widget_key().await;
    let mut readers = [ana.connect(&one.world).await, ana.connect(&other.world).await];
    let write = async |node: &Node, name: &str| {
        let mut socket = Visitor::boot(&node.world, &key).await.connect(&node.world).await;
        for n in 0..EACH {
            socket.done(say(&format!("{name} {n}"))).await;
        }
    };
    tokio::join!(write(&one, "one"), write(&other, "other"));
    let mut orders = Vec::new();
    for reader in &mut readers {
        let mut texts = BTreeSet::new();
        let mut order: Vec<(u64, Value)> = Vec::new();
        while texts.len() < 2 * EACH {
            let event = reader.event(|event| event["change"] == "posted").await;
            texts.insert(event["message"]["text"].to_string());
            order.push((event["seq"].as_u64().unwrap(), event["message"]["id"].clone()));
        }
        assert!(order.is_sorted_by_key(|(seq, _)| *seq), "{order:?}");
        assert_eq!(order.len(), 2 * EACH);
        orders.push(order);
    }
    assert_eq!(orders[0], orders[1]);
}

#[tokio::test]
async fn what_a_stranger_publishes_is_passed_over() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (ana, mut writer, mut reader) = across(&one, &other).await;
    let channel = format!("switchboard:1:{}", ana.workspace());
    let forged = [&[1u8][..], &[7; 16], &1u64.to_be_bytes(), br#"{"kind":"close"}"#].concat();
    for letter in [&b"hello"[..], &forged, &[2; 64], &vec![1; 700_000]] {
        assert_eq!(nodes.redis.ask(&[b"PUBLISH", channel.as_bytes(), letter]), ":2");
    }
    other.until_figure("switchboard_bus_ignored_total", |ignored| ignored == 4.0).await;
    assert_eq!(other.figure("switchboard_bus_ignored_total{why=\"forged\"}").await, 1.0);
    writer.done(say("still here")).await;
    reader.posted("still here").await;
}

#[tokio::test]
async fn nodes_of_another_installation_on_the_same_redis_are_not_believed() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let strangers = Nodes::through(Redis::nowhere(), "").await;
    let stranger = strangers.start_on(&nodes.redis.url()).await;
    stranger.connected().await;
    let eve = Agent::sign_up(&stranger.world, "Eve").await;
    // Told to all nodes there are on this Redis.
    eve.patch("/workspace", serde_json::json!({"name": "Elsewhere"})).await.ok();
    for node in [&one, &other] {
        node.until_figure("switchboard_bus_ignored_total{why=\"forged\"}", |n| n >= 1.0).await;
        assert_eq!(node.figure("switchboard_bus_received_total").await, 0.0);
    }
}
