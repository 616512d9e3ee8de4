//! A client that stops reading is cut off; its memory and socket are freed, and others feel
//! nothing.

use std::time::Duration;

use serde_json::json;
use tokio_tungstenite::MaybeTlsStream;

use crate::support::socket::{PATIENCE, reply, say};
use crate::support::{Agent, Visitor, World};

/// Whether the server still holds its end of a connection, by the kernel's table.
fn is_held(server: u16, client: u16) -> bool {
    let at = |port: u16| format!(":{port:04X}");
    let table = std::fs::read_to_string("/proc/net/tcp").unwrap();
    table.lines().any(|line| {
        let mut columns = line.split_whitespace().skip(1);
        let (local, remote, state) = (columns.next(), columns.next(), columns.next());
        local.is_some_and(|address| address.ends_with(&at(server)))
            && remote.is_some_and(|address| address.ends_with(&at(client)))
            && state == Some("01")
    })
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
    let MaybeTlsStream::Plain(tcp) = stalled.get_ref() else { panic!("no TLS here") };
    let (server, client) = (world.address.port(), tcp.local_addr().unwrap().port());
    assert!(is_held(server, client));

    let text = "x".repeat(7_000);
    let cut = async {
        let mut sent = 0;
        loop {
            let posted = healthy.done(reply(&conversation, "note", &text)).await;
            let seq = posted["seq"].as_u64().unwrap();
            healthy.event(|event| event["seq"] == seq).await;
            sent += 1;
            if sent % 50 == 0 && !is_held(server, client) {
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
