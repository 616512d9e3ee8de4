//! A websocket client that speaks the protocol as its documentation says.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use super::World;

/// Nothing that a test waits for takes longer, even on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    next_id: u32,
    /// Frames that were passed over while another was waited for.
    passed: VecDeque<Value>,
    pub epoch: String,
    /// The position of the last event, snapshot or beat.
    pub seq: u64,
    pub welcome: Value,
    pub snapshot: Value,
}

/// How a socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    pub code: Option<u16>,
}

impl Socket {
    pub async fn try_dial(
        address: std::net::SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
    ) -> Result<Socket, Error> {
        let mut request = format!("ws://{address}{path}").into_client_request().unwrap();
        for (name, value) in headers {
            let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let config = WebSocketConfig::default().read_buffer_size(4096).write_buffer_size(0);
        let (stream, _) = connect_async_with_config(request, Some(config), true).await?;
        Ok(Socket {
            stream,
            next_id: 1,
            passed: VecDeque::new(),
            epoch: String::new(),
            seq: 0,
            welcome: Value::Null,
            snapshot: Value::Null,
        })
    }

    pub async fn dial(world: &World, path: &str, headers: &[(&str, &str)]) -> Socket {
        Socket::try_dial(world.address, path, headers).await.unwrap()
    }

    pub async fn send_text(&mut self, text: &str) {
        self.stream.send(Message::text(text)).await.unwrap();
    }

    pub async fn send_message(&mut self, message: Message) -> Result<(), Error> {
        self.stream.send(message).await
    }

    /// The next frame, or how the socket ended.
    pub async fn receive(&mut self) -> Result<Value, Closed> {
        loop {
            let received = tokio::time::timeout(PATIENCE, self.stream.next()).await;
            match received.expect("a frame comes in time") {
                Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                Some(Ok(Message::Close(frame))) => {
                    return Err(Closed { code: frame.map(|frame| frame.code.into()) });
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Closed { code: None }),
            }
        }
    }

    /// The next frame that `wanted` picks; others wait for later.
    pub async fn wait_for(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.passed.iter().position(&wanted) {
            return self.passed.remove(at).unwrap();
        }
        // Beats come for ever: what does not come in time does not come.
        let until = Instant::now() + 2 * PATIENCE;
        loop {
            let frame = self.receive().await.expect("the socket stays open");
            assert!(Instant::now() < until, "no such frame came");
            if let Some(seq) = frame["seq"].as_u64().filter(|_| frame["type"] != "ok") {
                self.seq = self.seq.max(seq);
            }
            if wanted(&frame) {
                return frame;
            }
            self.passed.push_back(frame);
        }
    }

    /// Says hello and takes the welcome, and the snapshot where one follows.
    pub async fn greet(&mut self, hello: Value) {
        self.send_text(&hello.to_string()).await;
        self.welcome = self.wait_for(|frame| frame["type"] == "welcome").await;
        self.epoch = self.welcome["epoch"].as_str().unwrap().to_owned();
        if self.welcome["snapshot"] == true {
            let frame = self.wait_for(|frame| frame["type"] == "snapshot").await;
            self.seq = frame["seq"].as_u64().unwrap();
            self.snapshot = frame["snapshot"].clone();
        }
    }

    /// Sends a command without waiting; its number.
    pub async fn send(&mut self, mut command: Value) -> u32 {
        let id = self.next_id;
        self.next_id += 1;
        command["id"] = json!(id);
        self.send_text(&command.to_string()).await;
        id
    }

    /// Sends a command and gives its answer, `ok` or `no`.
    pub async fn ask(&mut self, command: Value) -> Value {
        let id = self.send(command).await;
        self.wait_for(|frame| frame["id"] == id && (frame["type"] == "ok" || frame["type"] == "no"))
            .await
    }

    /// Sends a command that must be done.
    pub async fn done(&mut self, command: Value) -> Value {
        let answer = self.ask(command).await;
        assert_eq!(answer["type"], "ok", "{answer}");
        answer
    }

    /// The next event that `wanted` picks.
    pub async fn event(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        self.wait_for(|frame| frame["type"] == "event" && wanted(frame)).await
    }

    /// The next event that posts a message with this text.
    pub async fn posted(&mut self, text: &str) -> Value {
        self.event(|event| event["message"]["text"] == text && event["change"] == "posted").await
    }

    /// All frames until the server has told its position, which it does every few seconds.
    pub async fn until_beat(&mut self) -> Vec<Value> {
        let mut frames: Vec<Value> = self.passed.drain(..).collect();
        loop {
            let frame = self.receive().await.expect("the socket stays open");
            let beat = frame["type"] == "beat";
            frames.push(frame);
            if beat {
                return frames;
            }
        }
    }

    /// Waits until the server closes, and says how.
    pub async fn closed(&mut self) -> Closed {
        let until = Instant::now() + 2 * PATIENCE;
        loop {
            assert!(Instant::now() < until, "the socket stayed open");
            if let Err(closed) = self.receive().await {
                return closed;
            }
        }
    }

    /// The socket itself, for clients that behave badly.
    pub fn into_stream(self) -> WebSocketStream<MaybeTlsStream<TcpStream>> {
        self.stream
    }
}

/// A post of the visitor's.
pub fn say(text: &str) -> Value {
    json!({"type": "post", "ref": uuid::Uuid::now_v7().to_string(), "text": text})
}

/// A post of an agent's.
pub fn reply(conversation: &str, kind: &str, text: &str) -> Value {
    json!({
        "type": "post", "conversation": conversation, "kind": kind,
        "ref": uuid::Uuid::now_v7().to_string(), "text": text,
    })
}
