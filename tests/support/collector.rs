//! A collector of traces that keeps what it is sent.

use std::net::TcpListener;
use std::sync::Arc;

use parking_lot::Mutex;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What a sender says who records, and its trace.
pub const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
pub const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
pub const PARENT_SPAN: &str = "00f067aa0ba902b7";

pub struct Collector {
    endpoint: String,
    told: Told,
}

type Told = Arc<Mutex<Vec<Value>>>;

impl Collector {
    pub async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        let told = Told::default();
        let taking = told.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(taking.clone(), stream));
            }
        });
        Collector { endpoint, told }
    }

    /// What makes a server tell it of this share of all requests.
    pub fn settings(&self, ratio: f64) -> String {
        format!("traces.endpoint = \"{}\"\ntraces.sample_ratio = {ratio:?}\n", self.endpoint)
    }

    /// All spans so far, each with the node that it is of.
    pub fn all(&self) -> Vec<Value> {
        let told = self.told.lock();
        let spans = told.iter().flat_map(|body| {
            let resource = &body["resourceSpans"][0]["resource"]["attributes"];
            assert_eq!(resource[0]["value"]["stringValue"], "switchboard");
            assert_eq!(resource[2]["key"], "service.instance.id");
            let mut spans = body["resourceSpans"][0]["scopeSpans"][0]["spans"].clone();
            let spans = spans.as_array_mut().unwrap();
            for span in &mut *spans {
                span["node"] = resource[2]["value"]["stringValue"].clone();
            }
            std::mem::take(spans)
        });
        spans.collect()
    }

    /// All spans of a trace so far.
    pub fn spans(&self, trace: &str) -> Vec<Value> {
        self.all().into_iter().filter(|span| span["traceId"] == trace).collect()
    }
}

/// One connection: requests with a length, each answered.
async fn take(told: Told, mut stream: TcpStream) {
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
            told.lock().push(serde_json::from_slice(body).unwrap());
            bytes.drain(..end + 4 + length);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await;
        } else if stream.read_buf(&mut bytes).await.unwrap_or(0) == 0 {
            return;
        }
    }
}

#[track_caller]
pub fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    spans.iter().find(|span| span["name"] == name).unwrap_or_else(|| panic!("{name}: {spans:#?}"))
}

/// What a span is part of, as far as that is there: its parent first.
pub fn ancestors<'a>(spans: &'a [Value], span: &Value) -> Vec<&'a Value> {
    let parent = |of: &Value| {
        let is_parent = |other: &&Value| {
            other["traceId"] == of["traceId"] && other["spanId"] == of["parentSpanId"]
        };
        spans.iter().find(is_parent)
    };
    std::iter::successors(parent(span), |span| parent(span)).collect()
}

/// Their names.
pub fn names<'a>(spans: impl IntoIterator<Item = &'a Value>) -> Vec<&'a str> {
    spans.into_iter().map(|span| span["name"].as_str().unwrap()).collect()
}
