//! Websocket frames as no client of ours sends them, written byte by byte.

use std::time::Instant;

use serde_json::json;
use tokio::io::AsyncWriteExt;

use super::raw::{BINARY, CONTINUATION, PING, PONG, Raw, TEXT};
use crate::support::process::{Process, free_port};
use crate::support::socket::say;
use crate::support::{Agent, Visitor, World, database};

const TOO_LARGE: Option<u16> = Some(4009);
const MALFORMED: Option<u16> = Some(4010);

async fn shop() -> (World, Visitor) {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    (world, visitor)
}

#[tokio::test]
async fn bytes_that_are_no_text_close_the_socket_with_a_code() {
    let (world, visitor) = shop().await;
    for (name, opcode, payload) in [
        ("binary", BINARY, &b"{}"[..]),
        ("bad utf-8", TEXT, b"{\"id\":1,\"type\":\"\xff\xfe\"}"),
        ("half a character", TEXT, b"\xe2\x82"),
        ("a reserved opcode", 3, b"x"),
        ("a long control frame", PING, &[0; 126]),
        ("a continuation of nothing", CONTINUATION, b"x"),
    ] {
        let mut before = Raw::open(world.address).await;
        before.frame(true, opcode, payload).await;
        assert_eq!(before.closed().await, MALFORMED, "{name}, before hello");
        let mut after = Raw::greeted(&world, &visitor).await;
        after.frame(true, opcode, payload).await;
        assert_eq!(after.closed().await, MALFORMED, "{name}, after hello");
    }
    world.stop().await;
}

#[tokio::test]
async fn fragments_are_one_message_and_count_together() {
    let (world, visitor) = shop().await;
    let mut raw = Raw::greeted(&world, &visitor).await;
    let mut post = say("größer 🎉");
    post["id"] = json!(1);
    let text = post.to_string();
    // Cut within characters, with a ping in between.
    for (i, byte) in text.bytes().enumerate() {
        let opcode = if i == 0 { TEXT } else { CONTINUATION };
        raw.frame(i + 1 == text.len(), opcode, &[byte]).await;
        if i == 9 {
            raw.frame(true, PING, b"still there?").await;
        }
    }
    loop {
        let (opcode, payload) = raw.next().await.unwrap();
        if opcode == PONG {
            assert_eq!(payload, b"still there?");
            break;
        }
    }
    raw.until("\"ok\"").await;
    let thread = visitor.get("/visitor/conversation").await.ok();
    assert_eq!(thread["messages"][0]["text"], "größer 🎉");

    raw.frame(false, TEXT, b"{\"id\":1,").await;
    raw.frame(true, CONTINUATION, b"\xff\xff}").await;
    assert_eq!(raw.closed().await, MALFORMED);

    let mut raw = Raw::greeted(&world, &visitor).await;
    raw.frame(false, TEXT, &[b' '; 40_000]).await;
    raw.frame(false, CONTINUATION, &[b' '; 20_000]).await;
    raw.head(true, CONTINUATION, 10_000).await;
    assert_eq!(raw.closed().await, TOO_LARGE, "by its head, before its bytes");
    world.stop().await;
}

#[tokio::test]
async fn a_frame_that_declares_hundreds_of_megabytes_is_refused_before_any_is_kept() {
    let database = database::fresh().await;
    let keys = switchboard_store::seal::MasterKeys::generate();
    let data = tempfile::tempdir().unwrap();
    let server = Process::serve(&database, &keys, data.path(), free_port()).await;
    let world = World::at(server.address, database, keys);
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut other = visitor.connect(&world).await;
    other.done(say("before")).await;
    let before = server.resident_mib();
    let chunk = vec![b' '; 1 << 20];
    for greeted in [false, true] {
        let mut raw = match greeted {
            true => Raw::greeted(&world, &visitor).await,
            false => Raw::open(world.address).await,
        };
        raw.head(true, TEXT, 400 << 20).await;
        // As much as the server takes, up to all that was declared.
        for _ in 0..400 {
            if raw.0.write_all(&chunk).await.is_err() {
                break;
            }
        }
        // It may have hung up on the flood before its words could be read.
        let closed = raw.closed().await;
        assert!(closed == TOO_LARGE || closed.is_none(), "{closed:?}");
    }
    let mut quiet = Raw::greeted(&world, &visitor).await;
    quiet.head(true, TEXT, 400 << 20).await;
    assert_eq!(quiet.closed().await, TOO_LARGE, "with the head alone");
    let grown = server.resident_mib().saturating_sub(before);
    assert!(grown < 40, "{grown} MiB");
    other.done(say("after")).await;
}

#[tokio::test]
async fn who_does_not_say_hello_is_let_go() {
    let (world, visitor) = shop().await;
    let began = Instant::now();
    let mut silent = Raw::open(world.address).await;
    let mut pinging = Raw::open(world.address).await;
    pinging.frame(true, PING, b"").await;
    // Half a hello is none.
    let mut half = Raw::open(world.address).await;
    half.frame(false, TEXT, b"{\"type\":\"hello\",").await;
    for raw in [&mut silent, &mut pinging, &mut half] {
        assert_eq!(raw.closed().await, Some(4011));
    }
    assert!(began.elapsed().as_secs() >= 9);
    Raw::greeted(&world, &visitor).await;
    world.stop().await;
}
