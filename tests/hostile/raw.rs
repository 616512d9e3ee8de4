//! A websocket client that writes and reads bytes, and so can be as rude as it likes.

use std::net::SocketAddr;
use std::time::Instant;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::support::socket::PATIENCE;
use crate::support::{Visitor, World};

pub const TEXT: u8 = 1;
pub const CONTINUATION: u8 = 0;
pub const BINARY: u8 = 2;
pub const CLOSE: u8 = 8;
pub const PING: u8 = 9;
pub const PONG: u8 = 10;

/// A request to leave HTTP for this protocol.
pub fn upgrade(path: &str, protocol: &str) -> String {
    format!(
        "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: {protocol}\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
}

/// The head of a frame, masked by zeros, so that what follows stays as it is.
pub fn head(last: bool, opcode: u8, length: u64) -> Vec<u8> {
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
    head
}

/// A websocket without a library.
pub struct Raw(pub TcpStream);

impl Raw {
    pub async fn open(address: SocketAddr) -> Raw {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(upgrade("/ws/visitor", "websocket").as_bytes()).await.unwrap();
        let mut raw = Raw(stream);
        let answer = raw.answer().await;
        assert!(answer.starts_with("HTTP/1.1 101"), "{answer}");
        raw
    }

    /// The head of the next HTTP answer.
    pub async fn answer(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(self.0.read_u8().await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// Opened and welcomed.
    pub async fn greeted(world: &World, visitor: &Visitor) -> Raw {
        let mut raw = Raw::open(world.address).await;
        let hello = json!({"type": "hello", "token": visitor.token}).to_string();
        raw.frame(true, TEXT, hello.as_bytes()).await;
        raw.until("snapshot").await;
        raw
    }

    pub async fn head(&mut self, last: bool, opcode: u8, length: u64) {
        self.0.write_all(&head(last, opcode, length)).await.unwrap();
    }

    pub async fn frame(&mut self, last: bool, opcode: u8, payload: &[u8]) {
        self.head(last, opcode, payload.len() as u64).await;
        self.0.write_all(payload).await.unwrap();
    }

    /// The next frame of the server's, or nothing when it hung up.
    pub async fn next(&mut self) -> Option<(u8, Vec<u8>)> {
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
    pub async fn until(&mut self, part: &str) -> String {
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
    pub async fn closed(&mut self) -> Option<u16> {
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
