//! What a webhook led to, as a collector of traces hears it.

use std::net::TcpListener;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::accounts::{Connected, HOOK_SECRET, NOWHERE, text, whatsapp};
use crate::support::people::send;
use crate::support::socket::say;
use crate::support::stage::until;
use crate::support::world::META;
use crate::support::{Agent, Visitor, World};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// A collector that keeps what it is sent.
#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<Value>>>);

impl Collector {
    async fn start() -> (Collector, String) {
        let collector = Collector::default();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let taking = collector.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(taking.clone().take(stream));
            }
        });
        (collector, format!("http://{address}"))
    }

    /// One connection: requests with a length, each answered.
    async fn take(self, mut stream: tokio::net::TcpStream) {
        let mut bytes = Vec::new();
        loop {
            let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
                assert!(head.starts_with("post /v1/traces "), "{head}");
                assert!(head.contains("content-type: application/json"), "{head}");
                let length = head.split("content-length: ").nth(1).unwrap();
                let length: usize = length.lines().next().unwrap().trim().parse().unwrap();
                while bytes.len() < end + 4 + length {
                    if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                        return;
                    }
                }
                let body = &bytes[end + 4..end + 4 + length];
                self.0.lock().push(serde_json::from_slice(body).unwrap());
                bytes.drain(..end + 4 + length);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
            } else if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
                return;
            }
        }
    }

    /// All spans of a trace so far.
    fn spans(&self, trace: &str) -> Vec<Value> {
        let told = self.0.lock();
        let all = told.iter().flat_map(|body| {
            assert_eq!(
                body["resourceSpans"][0]["resource"]["attributes"][0]["value"]["stringValue"],
                "switchboard"
            );
            body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()
        });
        all.filter(|span| span["traceId"] == trace).collect()
    }
}

fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_can_be_followed_through_the_journal_and_the_bus_to_the_frames() {
    let (collector, endpoint) = Collector::start().await;
    let settings =
        format!("traces.endpoint = \"{endpoint}\"\ntraces.sample_ratio = 0.0\n{NOWHERE}");
    let world = World::with(&settings).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let mut agent = ana.connect(&world).await;

    let body = whatsapp(&[text("wamid.1", 3, "a secret word")], &[]).to_string();
    let signature = switchboard_channels::meta::sign(META[1].1, body.as_bytes());
    let hook = world.http.post(world.url("/hooks/whatsapp")).header("traceparent", PARENT);
    let hook = hook.header("x-hub-signature-256", format!("sha256={signature}"));
    let hook = hook.header("x-telegram-bot-api-secret-token", HOOK_SECRET).body(body);
    let answer = send(hook).await;
    assert_eq!(answer.status, 200);
    let ours = answer.headers["traceparent"].to_str().unwrap().to_owned();
    assert!(ours.contains(TRACE) && ours != PARENT, "{ours}");
    agent.posted("a secret word").await;

    let spans = until("the spans", async || {
        let spans = collector.spans(TRACE);
        spans.iter().any(|span| span["name"] == "POST /hooks/whatsapp").then_some(spans)
    })
    .await;
    let chain = ["POST /hooks/whatsapp", "conversation.act", "journal.append", "journal.commit"];
    let mut parent = "00f067aa0ba902b7".to_owned();
    for name in chain {
        let span = named(&spans, name);
        assert_eq!(span["parentSpanId"], parent, "{name}: {spans:#?}");
        parent = span["spanId"].as_str().unwrap().to_owned();
    }
    let append = &named(&spans, "journal.append")["spanId"];
    for name in ["hub.deliver", "bus.publish"] {
        assert_eq!(named(&spans, name)["parentSpanId"], *append, "{name}");
    }
    assert_eq!(named(&spans, "journal.commit")["links"][0]["spanId"], *append);
    let nanos = |span: &Value, key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
    for span in &spans {
        assert!(nanos(span, "startTimeUnixNano") <= nanos(span, "endTimeUnixNano"), "{span}");
    }
    let all = format!("{spans:?}");
    for secret in ["a secret word", "34655120987", "Nerea"] {
        assert!(!all.contains(secret), "{secret}");
    }
    assert!(account.tell(&whatsapp(&[], &[])).await.status < 500);
    world.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_collector_that_is_away_holds_up_nobody() {
    let settings = "traces.endpoint = \"http://127.0.0.1:9\"\ntraces.sample_ratio = 1.0";
    let world = World::with(settings).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    for n in 0..20 {
        socket.done(say(&format!("{n}"))).await;
    }
    until("they are counted", async || {
        let figures = send(world.http.get(world.url("/metrics"))).await;
        let figures = figures.body.as_str().unwrap().to_owned();
        let lost =
            figures.lines().find_map(|line| line.strip_prefix("switchboard_spans_lost_total "));
        lost.is_some_and(|lost| lost != "0").then_some(())
    })
    .await;
    world.stop().await;
}
