//! Clients of the peers, each in its server's own protocol.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

use super::Kind;
use crate::client::{PATIENCE, Route, dial};
use crate::crowd::Hear;

const CHANNEL: &str = "everybody";

pub struct Client {
    kind: Kind,
    stream: WebSocketStream<TcpStream>,
    /// The number of the newest command.
    id: u32,
}

impl Hear for Client {
    async fn hear(&mut self) -> Result<(u64, u64)> {
        Ok((self.heard().await?, 0))
    }
}

impl Client {
    /// Someone who is sent everything from now on.
    pub async fn reader(kind: Kind, address: SocketAddr, nth: usize) -> Result<Client> {
        let mut client = Client::open(kind, address, nth, "/read").await?;
        match kind {
            Kind::Centrifugo => client.ask("subscribe", json!({"channel": CHANNEL})).await?,
            Kind::Ws => {}
            Kind::SocketIo => client.send(r#"42["read"]"#.to_owned()).await?,
        }
        Ok(client)
    }

    /// Someone who only writes.
    pub async fn writer(kind: Kind, address: SocketAddr, nth: usize) -> Result<Client> {
        Client::open(kind, address, nth, "/write").await
    }

    async fn open(kind: Kind, address: SocketAddr, nth: usize, path: &str) -> Result<Client> {
        let path = match kind {
            Kind::Centrifugo => "/connection/websocket",
            Kind::Ws => path,
            Kind::SocketIo => "/socket.io/?EIO=4&transport=websocket",
        };
        let stream = dial(Route { address, nth, room: None }, path, &[]).await?;
        let mut client = Client { kind, stream, id: 0 };
        match kind {
            Kind::Centrifugo => client.ask("connect", json!({})).await?,
            Kind::Ws => {}
            Kind::SocketIo => {
                client.until(|text| text.starts_with('0')).await?;
                client.send("40".to_owned()).await?;
                client.until(|text| text.starts_with("40")).await?;
            }
        }
        Ok(client)
    }

    /// Says something to everybody who reads.
    pub async fn publish(&mut self, text: &str) -> Result<()> {
        match self.kind {
            Kind::Centrifugo => {
                let data = json!({"text": text});
                self.command("publish", json!({"channel": CHANNEL, "data": data})).await.map(drop)
            }
            Kind::Ws => self.send(text.to_owned()).await,
            Kind::SocketIo => self.send(format!("42{}", json!(["post", text]))).await,
        }
    }

    /// Waits until something was said, and tells how often: several messages may come as one.
    /// Keeps the connection alive meanwhile.
    async fn heard(&mut self) -> Result<u64> {
        loop {
            let text = self.frame().await?;
            let said = match self.kind {
                Kind::Centrifugo => {
                    text.lines().filter(|line| line.starts_with(r#"{"push""#)).count()
                }
                Kind::Ws => 1,
                Kind::SocketIo => usize::from(text.starts_with("42")),
            };
            match said {
                0 => self.stay(&text).await?,
                said => return Ok(said as u64),
            }
        }
    }

    /// Answers what the server sends to see whether somebody is there.
    async fn stay(&mut self, text: &str) -> Result<()> {
        match self.kind {
            Kind::Centrifugo if text.trim() == "{}" => self.send("{}".to_owned()).await,
            Kind::SocketIo if text == "2" => self.send("3".to_owned()).await,
            _ => Ok(()),
        }
    }

    /// A command of Centrifugo's, and its answer.
    async fn ask(&mut self, name: &str, what: serde_json::Value) -> Result<()> {
        let id = self.command(name, what).await?;
        let begins = format!(r#"{{"id":{id},"#);
        let answer = self.until(|text| text.starts_with(&begins)).await?;
        if answer.contains(r#""error""#) {
            bail!("{name} was refused: {answer}");
        }
        Ok(())
    }

    async fn command(&mut self, name: &str, what: serde_json::Value) -> Result<u32> {
        self.id += 1;
        let id = self.id;
        self.send(json!({"id": id, name: what}).to_string()).await?;
        Ok(id)
    }

    async fn until(&mut self, wanted: impl Fn(&str) -> bool) -> Result<Utf8Bytes> {
        let looking = async {
            loop {
                let text = self.frame().await?;
                if wanted(&text) {
                    return anyhow::Ok(text);
                }
                self.stay(&text).await?;
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        found.with_context(|| format!("{} did not answer in time", self.kind.name()))?
    }

    async fn send(&mut self, text: String) -> Result<()> {
        Ok(self.stream.send(Message::text(text)).await?)
    }

    async fn frame(&mut self) -> Result<Utf8Bytes> {
        loop {
            match self.stream.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text),
                // What is sent as bytes is text here all the same.
                Some(Ok(Message::Binary(bytes))) => return Ok(Utf8Bytes::try_from(bytes)?),
                Some(Ok(Message::Close(_))) | None => bail!("{} hung up", self.kind.name()),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
            }
        }
    }
}
