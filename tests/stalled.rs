//! A client that stops reading is cut off; its memory and socket are freed, and others feel
//! nothing.

use std::time::Duration;

use serde_json::json;

use crate::support::socket::{PATIENCE, reply, say};
use crate::support::{Agent, Visitor, World};

/// Connections of this process to or from a port, by the kernel's table.
fn sockets(port: u16) -> usize {
    let hex = format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    let established = |line: &&str| line.split_whitespace().nth(3) == Some("01");
    let local =
        |line: &&str| line.split_whitespace().nth(1).is_some_and(|address| address.ends_with(&hex));
    table.lines().filter(established).filter(local).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_does_not_read_is_cut_off_and_others_feel_nothing() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    socket.done(say("hello")).await;
    let conversation = visitor.conversation();

    let mut healthy = ana.connect(&world).await;
    let stalled = ana.connect(&world).await;
    // Held open and never read again.
    let stalled = stalled.into_stream();
    let port = world.address.port();
    let before = sockets(port);

    let text = "x".repeat(7_000);
    let cut = async {
        let mut sent = 0;
        loop {
            let posted = healthy.done(reply(&conversation, "note", &text)).await;
            let seq = posted["seq"].as_u64().unwrap();
            healthy.event(|event| event["seq"] == seq).await;
            sent += 1;
            if sent % 50 == 0 && sockets(port) < before {
                return sent;
            }
            assert!(sent < 5_000, "the stalled client was never cut off");
            if sent >= 600 {
                // By now its queue is over the bound; what is left is the kernel's patience.
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        }
    };
    let sent = tokio::time::timeout(PATIENCE * 4, cut).await.expect("the socket is freed");
    assert!(sent > 10);
    let metrics = reqwest::get(world.url("/metrics")).await.unwrap().text().await.unwrap();
    assert!(metrics.contains("switchboard_sessions_too_slow_total"), "{metrics}");

    // It may come back, and misses nothing.
    drop(stalled);
    let mut back = ana.dial(&world).await;
    let hello = json!({"type": "hello", "epoch": healthy.epoch, "after": healthy.seq - 5});
    back.greet(hello).await;
    for seq in healthy.seq - 4..=healthy.seq {
        back.event(|event| event["seq"] == seq).await;
    }
    world.stop().await;
}
