//! Websocket frames as no client of ours sends them, written byte by byte.

use std::net::SocketAddr;
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::process::{Process, free_port};
use crate::support::socket::{PATIENCE, say};
use crate::support::{Agent, Visitor, World, database};

const TEXT: u8 = 1;
const CONTINUATION: u8 = 0;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

const TOO_LARGE: Option<u16> = Some(4009);
const MALFORMED: Option<u16> = Some(4010);

/// A websocket without a library.
struct Raw(TcpStream);

impl Raw {
    async fn open(address: SocketAddr) -> Raw {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let upgrade = "GET /ws/visitor HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\n\
                       upgrade: websocket\r\nsec-websocket-version: 13\r\n\
                       sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
        stream.write_all(upgrade.as_bytes()).await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        assert!(head.starts_with(b"HTTP/1.1 101"), "{}", String::from_utf8_lossy(&head));
        Raw(stream)
    }

    /// Opened and welcomed.
    async fn greeted(world: &World, visitor: &Visitor) -> Raw {
        let mut raw = Raw::open(world.address).await;
        let hello = json!({"type": "hello", "token": visitor.token}).to_string();
        raw.frame(true, TEXT, hello.as_bytes()).await;
        raw.until("snapshot").await;
        raw
    }

    /// The head of a frame, masked by zeros, so that what follows stays as it is.
    async fn head(&mut self, last: bool, opcode: u8, length: u64) {
        let mut head = vec![if last { 0x80 | opcode } else { opcode }];
        match length {
            0..=125 => head.push(0x80 | length as u8),
            126..=0xffff => {
                head.push(0x80 | 126);
                head.extend((length as u16).to_be_bytes());
            }
            _ => {
                head.push(0x80 | 127);
                head.extend(length.to_be_bytes());
            }
        }
        head.extend([0; 4]);
        self.0.write_all(&head).await.unwrap();
    }

    async fn frame(&mut self, last: bool, opcode: u8, payload: &[u8]) {
        self.head(last, opcode, payload.len() as u64).await;
        self.0.write_all(payload).await.unwrap();
    }

    /// The next frame of the server's, or nothing when it hung up.
    async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
        let read = async {
            let opcode = self.0.read_u8().await? & 0x0f;
            let length = match self.0.read_u8().await? {
                126 => u64::from(self.0.read_u16().await?),
                127 => self.0.read_u64().await?,
                short => u64::from(short),
            };
            let mut payload = vec![0; usize::try_from(length).unwrap()];
            self.0.read_exact(&mut payload).await?;
            std::io::Result::Ok((opcode, payload))
        };
        tokio::time::timeout(PATIENCE, read).await.expect("the server answers in time").ok()
    }

    /// The next text that contains this.
    async fn until(&mut self, part: &str) -> String {
        loop {
            let (opcode, payload) = self.next().await.expect("the socket stays open");
            let text = String::from_utf8_lossy(&payload).into_owned();
            assert_ne!(opcode, CLOSE, "{payload:?}");
            if opcode == TEXT && text.contains(part) {
                return text;
            }
        }
    }

    /// The code with which the server closes.
    async fn closed(&mut self) -> Option<u16> {
        // Beats come for ever.
        let until = Instant::now() + 2 * PATIENCE;
        while Instant::now() < until {
            let (opcode, payload) = self.next().await?;
            if opcode == CLOSE {
                return Some(u16::from_be_bytes([payload[0], payload[1]]));
            }
        }
        panic!("the socket stayed open");
    }
}

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
