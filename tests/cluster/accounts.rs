//! Accounts are spoken for by one node at a time, shared evenly, and moved when a node leaves, dies
//! or freezes.

use std::net::SocketAddr;

use crate::support::accounts::{Connected, NOWHERE};
use crate::support::collector::{Collector, ancestors, named, names};
use crate::support::nodes::{Node, Nodes};
use crate::support::process::free_port;
use crate::support::redis::Redis;
use crate::support::socket::reply;
use crate::support::stage::{Stage, until};
use crate::support::{Agent, World};

const HELD: &str = "switchboard_leases_held";
const PHONE: &str = "telegram-ana";

/// Two nodes, the platforms' stand-ins, and a conversation on one account.
struct Scene {
    nodes: Nodes,
    /// The first and, when it was started, the second.
    one: Node,
    stage: Stage,
    talk: String,
}

impl Scene {
    /// With one node, which holds the account.
    async fn set() -> Scene {
        Scene::with("").await
    }

    /// The same, whose nodes' settings begin with these.
    async fn with(settings: &str) -> Scene {
        let port = free_port();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        let sandbox = Stage::stand_ins(address).await;
        let redis = Redis::start().await;
        let nodes =
            Nodes::through(redis, &format!("{settings}{}", Stage::settings(&sandbox))).await;
        let one = nodes.start_at(&nodes.redis.url(), port).await;
        let world = World::at(address, nodes.database.clone(), nodes.keys.clone());
        let stage = Stage::around(world, sandbox).await;
        stage.connect("telegram").await;
        let talk = stage.conversation(PHONE, "Are you there?").await;
        one.until_figure(HELD, |held| held == 1.0).await;
        Scene { nodes, one, stage, talk }
    }

    async fn join(&self) -> Node {
        let other = self.nodes.start().await;
        other.connected().await;
        self.one.connected().await;
        other
    }

    /// Ana says something at a node.
    async fn say(&self, at: &Node, text: &str) {
        let path = format!("/conversations/{}/messages", self.talk);
        let body = serde_json::json!({"kind": "public", "text": text,
            "ref": uuid::Uuid::now_v7().to_string()});
        self.stage.ana.at(&at.world).post(&path, body).await.ok();
    }

    async fn heard(&self, texts: &[&str]) {
        until("all that was said", async || (self.stage.heard(PHONE).await == texts).then_some(()))
            .await;
    }
}

#[tokio::test]
async fn what_is_said_at_one_node_is_sent_by_the_one_that_holds_the_account() {
    let scene = Scene::set().await;
    let other = scene.join().await;
    scene.say(&other, "from the other").await;
    scene.heard(&["from the other"]).await;
    assert_eq!(other.figure(HELD).await, 0.0);
    let woken = "switchboard_bus_received_total{kind=\"account\"}";
    assert!(scene.one.figure(woken).await >= 1.0);
}

#[tokio::test]
async fn what_another_node_sends_is_part_of_the_trace_in_which_it_was_said() {
    let collector = Collector::start().await;
    let scene = Scene::with(&collector.settings(1.0)).await;
    let other = scene.join().await;
    scene.say(&other, "from the other").await;
    scene.heard(&["from the other"]).await;
    let said = "POST /api/v1/conversations/{id}/messages";
    let whole = ["journal.append", "conversation.act", said];
    let spans = until("what was said and sent", async || {
        let spans = collector.all();
        let sent = spans.iter().find(|span| span["name"] == "account.send")?;
        (names(ancestors(&spans, sent)) == whole).then_some(spans)
    });
    let spans = spans.await;
    assert_ne!(named(&spans, "account.send")["node"], named(&spans, said)["node"]);
}

#[tokio::test]
async fn the_accounts_of_a_node_that_leaves_are_told_to_be_free() {
    let scene = Scene::set().await;
    let other = scene.join().await;
    scene.say(&scene.one, "before").await;
    scene.heard(&["before"]).await;
    let Scene { one, ref stage, ref talk, .. } = scene;
    one.process.terminate();
    other.until_figure(HELD, |held| held == 1.0).await;
    assert!(other.figure("switchboard_bus_received_total{kind=\"free\"}").await >= 1.0);
    one.process.left().await;
    let mut socket = stage.ana.at(&other.world).connect(&other.world).await;
    socket.done(reply(talk, "public", "after")).await;
    let both = async || (stage.heard(PHONE).await == ["before", "after"]).then_some(());
    until("both", both).await;
}

#[tokio::test]
async fn the_accounts_of_a_node_that_is_killed_are_taken_over() {
    let mut scene = Scene::set().await;
    let other = scene.join().await;
    scene.one.process.kill();
    scene.say(&other, "somebody else answers").await;
    other.until_figure(HELD, |held| held == 1.0).await;
    scene.heard(&["somebody else answers"]).await;
}

#[tokio::test]
async fn a_node_that_was_frozen_past_its_hold_sends_nothing_when_it_wakes() {
    let scene = Scene::set().await;
    let other = scene.join().await;
    scene.one.process.freeze();
    scene.say(&other, "one").await;
    scene.say(&other, "two").await;
    other.until_figure(HELD, |held| held == 1.0).await;
    scene.heard(&["one", "two"]).await;
    scene.one.process.thaw();
    scene.one.until_figure(HELD, |held| held == 0.0).await;
    scene.say(&scene.one, "three").await;
    scene.say(&other, "four").await;
    scene.heard(&["one", "two", "three", "four"]).await;
}

#[tokio::test]
async fn a_node_that_joins_gets_its_share() {
    const ALL: usize = 7;
    let nodes = Nodes::with(NOWHERE).await;
    let one = nodes.start().await;
    let ana = Agent::sign_up(&one.world, "Ana").await;
    for n in 0..ALL {
        Connected::telegram_called(&one.world, &ana, &format!("77000{n}")).await;
    }
    one.until_figure(HELD, |held| held == ALL as f64).await;
    let other = nodes.start().await;
    // Half of seven, rounded up, and one more.
    one.until_figure(HELD, |held| held == 5.0).await;
    other.until_figure(HELD, |held| held == 2.0).await;
    let third = nodes.start().await;
    for node in [&one, &other, &third] {
        node.until_figure("switchboard_nodes_alive", |alive| alive == 3.0).await;
    }
    one.until_figure(HELD, |held| held == 4.0).await;
    let sum = until("all of them held", async || {
        let mut sum = 0.0;
        for node in [&one, &other, &third] {
            sum += node.figure(HELD).await;
        }
        (sum == ALL as f64).then_some(sum)
    });
    assert_eq!(sum.await, ALL as f64);
    let held = third.figure(HELD).await;
    assert!((0.0..=4.0).contains(&held), "{held}");
}
