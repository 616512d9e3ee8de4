//! A server that cannot keep up: whom it refuses, in which order, and that nothing is lost by it.

use std::time::Duration;

use switchboard::cluster::{Cluster, Options};

use crate::outage::signal;
use crate::support::accounts::{Connected, NOWHERE, text, whatsapp};
use crate::support::people::{Answer, send};
use crate::support::process::of_postgres;
use crate::support::socket::{PATIENCE, say};
use crate::support::stage::until;
use crate::support::{Agent, Socket, Visitor, World};
use nix::sys::signal::Signal;

/// The answer to a request, unless it takes longer than a refusal.
async fn at_once(request: reqwest::RequestBuilder) -> Option<Answer> {
    tokio::time::timeout(Duration::from_millis(400), send(request)).await.ok()
}

/// A refusal that says when to come back.
fn is_too_busy(answer: &Answer) -> bool {
    let retry = answer.headers.get("retry-after").and_then(|value| value.to_str().ok());
    answer.status == 503
        && answer.code() == "unavailable"
        && retry.is_some_and(|seconds| seconds.parse::<u32>().unwrap() >= 2)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_server_refuses_newcomers_then_reads_and_does_what_people_asked() {
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let patience = "shedding.newcomers_ms = 1000\nshedding.reads_ms = 2000\n\
                    shedding.commands_ms = 0\nshedding.webhooks_ms = 0";
    let world = World::on_database_with(cluster.url(), patience).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;
    let visitor = Visitor::boot(&world, &key).await;
    let mut socket = visitor.connect(&world).await;
    socket.done(say("before")).await;
    let config = || world.http.get(world.url(&format!("/api/v1/widget/config?key={key}")));
    let me = || ana.request(reqwest::Method::GET, "/me");

    let frozen = of_postgres(data.path());
    signal(&frozen, Signal::SIGSTOP);
    let during = socket.send(say("during")).await;
    until("a newcomer is refused", async || at_once(config()).await.filter(is_too_busy)).await;
    let upgrade = Socket::try_dial(world.address, "/ws/visitor", &[]).await;
    let Err(tokio_tungstenite::tungstenite::Error::Http(refused)) = upgrade else {
        panic!("a websocket was let in")
    };
    assert_eq!(refused.status().as_u16(), 503);
    until("a read is refused", async || at_once(me()).await.filter(is_too_busy)).await;
    for path in ["/healthz", "/metrics"] {
        assert_eq!(send(world.http.get(world.url(path))).await.status, 200, "{path}");
    }
    let figures = send(world.http.get(world.url("/metrics"))).await;
    let figures = figures.body.as_str().unwrap();
    for name in
        ["switchboard_shed_total{class=\"reads\"}", "switchboard_delay_seconds{of=\"journal\"}"]
    {
        assert!(figures.contains(name), "{name} is not in {figures}");
    }

    signal(&frozen, Signal::SIGCONT);
    let answer = socket.wait_for(|frame| frame["id"] == during).await;
    assert_eq!(answer["type"], "ok", "what was asked before was done: {answer}");
    until("all is well again", async || at_once(me()).await.filter(|me| me.status == 200)).await;
    let let_in = async || at_once(config()).await.filter(|config| config.status == 200);
    until("newcomers are let in again", let_in).await;
    world.stop().await;
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_very_late_server_refuses_commands_and_puts_webhooks_on_disk() {
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let patience = "shedding.newcomers_ms = 0\nshedding.reads_ms = 0\n\
                    shedding.commands_ms = 1000\nshedding.webhooks_ms = 1000";
    let world = World::on_database_with(cluster.url(), &format!("{patience}\n{NOWHERE}")).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    socket.done(say("before")).await;

    let frozen = of_postgres(data.path());
    signal(&frozen, Signal::SIGSTOP);
    let first = socket.send(say("first")).await;
    let label = || {
        let body = serde_json::json!({"name": "Order", "color": "#2f7d4f"});
        ana.request(reqwest::Method::POST, "/labels").json(&body)
    };
    until("a command is refused", async || at_once(label()).await.filter(is_too_busy)).await;
    let refused = socket.ask(say("second")).await;
    assert_eq!((&refused["type"], &refused["code"]), (&"no".into(), &"unavailable".into()));
    assert!(refused["retry_after"].as_u64().unwrap() >= 2, "{refused}");
    let hook = whatsapp(&[text("wamid.1", 5, "from afar")], &[]);
    let told = tokio::time::timeout(PATIENCE / 4, account.tell(&hook)).await;
    assert_eq!(told.expect("a platform is answered at once").status, 200);
    assert!(std::fs::read_dir(world.data().join("spool")).unwrap().count() > 0);

    signal(&frozen, Signal::SIGCONT);
    let answer = socket.wait_for(|frame| frame["id"] == first).await;
    assert_eq!(answer["type"], "ok", "{answer}");
    until("the webhook arrives", async || {
        let page = ana.get("/conversations").await;
        page.body.to_string().contains("from afar").then_some(())
    })
    .await;
    world.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_storm_of_websockets_is_let_in_in_turn_and_its_end_is_told_to_come_back() {
    let pace = "sockets.per_second = 2\nsockets.burst = 2\nsockets.wait_ms = 600";
    let world = World::with(pace).await;
    let dial = || Socket::try_dial(world.address, "/ws/visitor", &[]);
    let all = futures_util::future::join_all((0..8).map(|_| dial())).await;
    let (let_in, turned): (Vec<_>, Vec<_>) = all.into_iter().partition(Result::is_ok);
    // Two at once, one that waited for half a second, and whoever came a little later.
    assert!((3..=6).contains(&let_in.len()), "{}", let_in.len());
    for refused in turned {
        let Err(tokio_tungstenite::tungstenite::Error::Http(answer)) = refused else {
            panic!("not a refusal")
        };
        assert_eq!(answer.status().as_u16(), 503);
        let retry = answer.headers().get("retry-after").unwrap().to_str().unwrap();
        assert!(retry.parse::<u32>().unwrap() >= 1);
    }
    let figures = send(world.http.get(world.url("/metrics"))).await;
    let figures = figures.body.as_str().unwrap();
    for name in ["switchboard_sockets_waited_total", "switchboard_sockets_turned_away_total"] {
        assert!(figures.contains(name), "{name}");
    }
    world.stop().await;
}
