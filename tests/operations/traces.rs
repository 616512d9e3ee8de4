//! What a webhook led to, as a collector of traces hears it.

use serde_json::{Value, json};
use switchboard::cluster::{Cluster, Options};

use crate::support::accounts::{Connected, HOOK_SECRET, NOWHERE, text, whatsapp};
use crate::support::collector::{Collector, PARENT, PARENT_SPAN, TRACE, ancestors, named, names};
use crate::support::people::send;
use crate::support::socket::say;
use crate::support::stage::{Stage, until};
use crate::support::world::META;
use crate::support::{Agent, Visitor, World};

const PHONE: &str = "whatsapp-ana";

/// A webhook of a sender who records.
fn webhook(world: &World, body: &Value) -> reqwest::RequestBuilder {
    let body = body.to_string();
    let signature = switchboard_channels::meta::sign(META[1].1, body.as_bytes());
    let hook = world.http.post(world.url("/hooks/whatsapp")).header("traceparent", PARENT);
    let hook = hook.header("x-hub-signature-256", format!("sha256={signature}"));
    hook.header("x-telegram-bot-api-secret-token", HOOK_SECRET).body(body)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_can_be_followed_through_the_journal_and_the_bus_to_the_frames() {
    let collector = Collector::start().await;
    let world = World::with(&format!("{}{NOWHERE}", collector.settings(0.0))).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let mut agent = ana.connect(&world).await;

    let hook = webhook(&world, &whatsapp(&[text("wamid.1", 3, "a secret word")], &[]));
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
    let mut parent = PARENT_SPAN.to_owned();
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

#[tokio::test]
async fn what_is_sent_to_a_platform_and_fetched_from_it_is_part_of_what_caused_it() {
    let collector = Collector::start().await;
    let stage = Stage::with(&collector.settings(1.0)).await;
    stage.connect("whatsapp").await;
    let conversation = stage.conversation(PHONE, "Anyone there?").await;
    stage.does(PHONE, "send", json!({"media": {"kind": "image", "sample": "image"}})).await;
    let reference = uuid::Uuid::now_v7().to_string();
    let body = json!({"kind": "public", "text": "Yes, here", "ref": reference});
    stage.post(&conversation, body).await;

    let posted = "POST /api/v1/conversations/{id}/messages";
    for (work, cause) in [("account.send", posted), ("account.fetch", "POST /hooks/whatsapp")] {
        let whole = ["journal.append", "conversation.act", cause];
        let spans = until(work, async || {
            let spans = collector.all();
            let done = spans.iter().find(|span| span["name"] == work)?;
            (names(ancestors(&spans, done)) == whole).then_some(spans)
        });
        let spans = spans.await;
        let done = named(&spans, work);
        let parts: Vec<&Value> = spans
            .iter()
            .filter(|span| {
                span["traceId"] == done["traceId"] && span["parentSpanId"] == done["spanId"]
            })
            .collect();
        let calls = parts.iter().filter(|part| part["name"] == "platform.call");
        for call in calls.clone() {
            assert_eq!((&call["kind"], &call["status"]), (&json!(3), &Value::Null), "{call}");
        }
        assert!(calls.count() > 0, "{work}: {spans:#?}");
        // What became of it is told to the conversation.
        assert!(names(parts).contains(&"conversation.act"), "{work}: {spans:#?}");
    }
    stage.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_webhook_that_waited_on_disk_goes_on_in_its_trace() {
    let collector = Collector::start().await;
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let settings = format!("{}{NOWHERE}", collector.settings(0.0));
    let world = World::on_database_with(cluster.url(), &settings).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    Connected::whatsapp(&world, &ana).await;
    cluster.stop().await;
    let hook = webhook(&world, &whatsapp(&[text("wamid.1", 3, "Hello")], &[]));
    assert_eq!(send(hook).await.status, 200);
    assert!(std::fs::read_dir(world.data().join("spool")).unwrap().count() > 0);

    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let whole = ["journal.append", "conversation.act", "spool.drain", "POST /hooks/whatsapp"];
    until("its events at the sessions", async || {
        let spans = collector.spans(TRACE);
        let delivered = spans.iter().find(|span| span["name"] == "hub.deliver")?;
        (names(ancestors(&spans, delivered)) == whole).then_some(())
    })
    .await;
    world.stop().await;
    cluster.stop().await;
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
