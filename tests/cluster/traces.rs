//! A trace goes on at the node where its message is read.

use reqwest::Method;
use serde_json::{Value, json};

use super::events::across;
use crate::support::collector::{Collector, PARENT, PARENT_SPAN, TRACE, ancestors, named, names};
use crate::support::nodes::Nodes;
use crate::support::people::send;
use crate::support::socket::say;
use crate::support::stage::until;

#[tokio::test]
async fn what_is_posted_at_one_node_and_read_at_another_is_one_trace() {
    let collector = Collector::start().await;
    let nodes = Nodes::with(&collector.settings(0.0)).await;
    let (one, other) = nodes.pair().await;
    let (ana, mut writer, mut reader) = across(&one, &other).await;
    writer.done(say("Anyone there?")).await;
    let asked = reader.posted("Anyone there?").await;
    let path = format!("/conversations/{}/messages", asked["conversation"]["id"].as_str().unwrap());
    let reference = uuid::Uuid::now_v7().to_string();
    let body = json!({"kind": "public", "text": "a secret word", "ref": reference});
    let post = ana.request(Method::POST, &path).header("traceparent", PARENT).json(&body);
    send(post).await.ok();
    reader.posted("a secret word").await;

    let posted = "POST /api/v1/conversations/{id}/messages";
    let spans: Vec<Value> = until("the spans of both nodes", async || {
        let spans = collector.spans(TRACE);
        let delivered = spans.iter().filter(|span| span["name"] == "hub.deliver").count();
        (delivered == 2 && spans.iter().any(|span| span["name"] == posted)).then_some(spans)
    })
    .await;
    let (first, received) = (named(&spans, posted), named(&spans, "bus.receive"));
    assert_eq!(first["parentSpanId"], PARENT_SPAN);
    assert_ne!(first["node"], received["node"]);
    let whole = ["bus.publish", "journal.append", "conversation.act", posted];
    assert_eq!(names(ancestors(&spans, received)), whole);
    assert_eq!((&named(&spans, "bus.publish")["kind"], &received["kind"]), (&json!(4), &json!(5)));

    let (there, here): (Vec<&Value>, Vec<&Value>) =
        spans.iter().partition(|span| span["node"] == received["node"]);
    assert!(here.iter().all(|span| span["node"] == first["node"]), "{spans:#?}");
    let delivered = there.iter().find(|span| span["name"] == "hub.deliver").unwrap();
    assert_eq!(delivered["parentSpanId"], received["spanId"]);
    assert_eq!(there.len(), 2, "{spans:#?}");
    let delivered = here.iter().find(|span| span["name"] == "hub.deliver").unwrap();
    assert_eq!(delivered["parentSpanId"], named(&spans, "journal.append")["spanId"]);

    let all = collector.all();
    assert!(all.iter().all(|span| span["traceId"] == TRACE), "nothing else is recorded");
    assert!(!format!("{all:?}").contains("a secret word"));
}
