//! A websocket client that speaks the protocol, as lean as thousands of them in one process ask.

use std::borrow::Cow;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use switchboard_wire::CloseCode;
use switchboard_wire::agent::AgentHello;
use switchboard_wire::visitor::VisitorHello;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::http::Owner;

/// Nothing that a client waits for takes longer on a server that works.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// A read buffer for each of 10,000 sockets.
const BUFFER: usize = 4 * 1024;
/// The least that the system grants for what is not read yet.
const NARROW: u32 = 2 * 1024;
/// Ports of one source address that are used before the next address is. Few: those of sockets that
/// have just been closed rest for a minute, and among many of them the system looks long for a free
/// one.
const PORTS: usize = 2_000;

/// What is read of a frame where speed matters: its kind and how it is told from others.
#[derive(Debug, Deserialize)]
pub struct Peek<'a> {
    #[serde(rename = "type")]
    pub kind: &'a str,
    pub id: Option<u32>,
    pub seq: Option<u64>,
}

/// What is read of an event that brings a message.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Row<'a> {
    pub n: Option<u32>,
    #[serde(rename = "ref")]
    pub reference: Option<&'a str>,
    #[serde(borrow)]
    pub text: Option<Cow<'a, str>>,
}

/// How a welcome continues.
#[derive(Debug, Deserialize)]
struct Welcome {
    #[serde(rename = "type")]
    kind: String,
    epoch: String,
    snapshot: bool,
}

#[derive(Debug, Deserialize)]
struct Positioned {
    seq: u64,
}

/// From where a socket goes on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cursor {
    pub epoch: String,
    pub after: u64,
}

/// An open websocket that has been welcomed.
pub struct Socket {
    stream: WebSocketStream<TcpStream>,
    pub cursor: Cursor,
    /// What it began with, where it did not go on from a cursor.
    pub snapshot: Option<Utf8Bytes>,
}

impl Socket {
    /// A visitor's. `nth` spreads sockets over the addresses of this machine: one of them has
    /// ports for some 28,000 only.
    pub async fn visitor(
        address: SocketAddr,
        nth: usize,
        token: &str,
        resume: Option<&Cursor>,
    ) -> Result<Socket> {
        let stream = dial(Route { address, nth, room: None }, "/ws/visitor", &[]).await?;
        let (epoch, after) = split(resume);
        let hello = VisitorHello::Hello { token: token.to_owned(), epoch, after, page: None };
        greet(stream, &hello, resume.map_or(0, |cursor| cursor.after)).await
    }

    /// An agent's, by the owner's cookie.
    pub async fn agent(address: SocketAddr, nth: usize, owner: &Owner) -> Result<Socket> {
        Socket::agent_by(Route { address, nth, room: None }, owner).await
    }

    /// An agent's whose system takes in next to nothing that is not read.
    pub async fn narrow_agent(address: SocketAddr, nth: usize, owner: &Owner) -> Result<Socket> {
        Socket::agent_by(Route { address, nth, room: Some(NARROW) }, owner).await
    }

    async fn agent_by(route: Route, owner: &Owner) -> Result<Socket> {
        let headers = [("cookie", owner.cookie.as_str()), ("origin", owner.base.as_str())];
        let stream = dial(route, "/ws/agent", &headers).await?;
        let hello = AgentHello::Hello { token: None, epoch: None, after: None };
        greet(stream, &hello, 0).await
    }

    pub async fn send(&mut self, frame: &impl Serialize) -> Result<()> {
        let text = serde_json::to_string(frame)?;
        Ok(self.stream.send(Message::text(text)).await?)
    }

    /// The next frame. May be abandoned at any time without losing one.
    pub async fn frame(&mut self) -> Result<Utf8Bytes> {
        next(&mut self.stream).await
    }

    /// The next frame, which must come.
    pub async fn soon(&mut self) -> Result<Utf8Bytes> {
        tokio::time::timeout(PATIENCE, self.frame()).await.context("no frame came in time")?
    }
}

/// The server closed a socket, with this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the server closed a socket with {0}")]
pub struct Closed(pub u16);

impl Closed {
    /// Whether the code says that the client may come back with what it has.
    pub fn may_come_back(&self) -> bool {
        CloseCode::ALL.iter().any(|code| code.number() == self.0 && code.retry())
    }
}

/// Reads what a hot path needs of a frame.
pub fn peek(text: &str) -> Result<Peek<'_>> {
    serde_json::from_str(text).with_context(|| format!("a frame that is none: {text:.200}"))
}

/// The message of an event's frame, if it brings one.
pub fn row(text: &str) -> Result<Option<Row<'_>>> {
    #[derive(Deserialize)]
    struct Carrier<'a> {
        #[serde(borrow)]
        message: Option<Row<'a>>,
    }
    let carrier: Carrier<'_> = serde_json::from_str(text)
        .with_context(|| format!("an event that is none: {text:.200}"))?;
    Ok(carrier.message)
}

fn split(resume: Option<&Cursor>) -> (Option<String>, Option<switchboard_domain::Seq>) {
    let resume = resume.cloned();
    resume.map(|cursor| (cursor.epoch, switchboard_domain::Seq(cursor.after))).unzip()
}

/// Where to, and from where.
#[derive(Debug, Clone, Copy)]
pub struct Route {
    pub address: SocketAddr,
    /// Spreads sockets over the addresses of this machine.
    pub nth: usize,
    /// The bytes that the system takes in before they are read, if not as many as it likes.
    pub room: Option<u32>,
}

/// Opens a websocket, of this protocol or of a peer's.
pub async fn dial(
    route: Route,
    path: &str,
    headers: &[(&str, &str)],
) -> Result<WebSocketStream<TcpStream>> {
    let Route { address, nth, room } = route;
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    for (name, value) in headers {
        let name: tokio_tungstenite::tungstenite::http::HeaderName = name.parse()?;
        request.headers_mut().insert(name, value.parse()?);
    }
    let socket = TcpSocket::new_v4()?;
    let last = u8::try_from(1 + nth / PORTS).context("more sockets than addresses for them")?;
    if let Some(room) = room {
        socket.set_recv_buffer_size(room)?;
    }
    socket.bind(SocketAddr::from((Ipv4Addr::new(127, 0, 0, last), 0)))?;
    let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(0);
    let opened = async {
        let stream = socket.connect(address).await?;
        stream.set_nodelay(true)?;
        let (stream, _) = client_async_with_config(request, stream, Some(config)).await?;
        anyhow::Ok(stream)
    };
    tokio::time::timeout(PATIENCE, opened).await.context("no websocket opened in time")?
}

async fn next(stream: &mut WebSocketStream<TcpStream>) -> Result<Utf8Bytes> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => return Ok(text),
            Some(Ok(Message::Close(frame))) => {
                return Err(Closed(frame.map_or(0, |frame| frame.code.into())).into());
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(error.into()),
            None => bail!("a socket ended"),
        }
    }
}

/// Says hello, and takes the welcome and the snapshot where one follows. Without a snapshot the
/// client is where it was, and what it missed is still to come.
async fn greet(
    mut stream: WebSocketStream<TcpStream>,
    hello: &impl Serialize,
    mut after: u64,
) -> Result<Socket> {
    let welcomed = async {
        stream.send(Message::text(serde_json::to_string(hello)?)).await?;
        let welcome: Welcome = serde_json::from_str(&next(&mut stream).await?)?;
        if welcome.kind != "welcome" {
            bail!("not welcomed but {}", welcome.kind);
        }
        let mut snapshot = None;
        if welcome.snapshot {
            let frame = next(&mut stream).await?;
            after = serde_json::from_str::<Positioned>(&frame)?.seq;
            snapshot = Some(frame);
        }
        Ok((Cursor { epoch: welcome.epoch, after }, snapshot))
    };
    let welcomed = tokio::time::timeout(PATIENCE, welcomed).await;
    let (cursor, snapshot) = welcomed.context("no welcome came in time")??;
    Ok(Socket { stream, cursor, snapshot })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peek_tells_frames_apart() {
        let event = r#"{"type":"event","seq":7,"event":"message",
            "message":{"n":3,"ref":"a-1","text":"x"},"conversation":{}}"#;
        let peeked = peek(event).unwrap();
        assert_eq!((peeked.kind, peeked.seq), ("event", Some(7)));
        let wanted = Row { n: Some(3), reference: Some("a-1"), text: Some("x".into()) };
        assert_eq!(row(event).unwrap(), Some(wanted));

        let ok = peek(r#"{"type":"ok","id":4,"seq":9,"message":"msg_1","n":1}"#).unwrap();
        assert_eq!((ok.kind, ok.id), ("ok", Some(4)));

        let no = peek(r#"{"type":"no","id":4,"code":"refused","message":"a \"b\""}"#).unwrap();
        assert_eq!((no.kind, no.id), ("no", Some(4)));
    }
}
