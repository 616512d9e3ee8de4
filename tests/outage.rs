//! Postgres goes away and comes back under traffic.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::json;
use switchboard::cluster::{Cluster, Options};
use switchboard_store::seal::MasterKeys;

use crate::support::process::{Process, free_port, of_postgres, program};
use crate::support::proxy::{Condition, Link, Target};
use crate::support::socket::{PATIENCE, say};
use crate::support::{Agent, Visitor, World, database};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_nothing_is_acknowledged_and_afterwards_all_goes_on() {
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let world = World::on_database(cluster.url()).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    let mut agent = ana.connect(&world).await;
    socket.done(say("before")).await;
    agent.posted("before").await;

    cluster.stop().await;
    let post = say("during");
    let refused = socket.ask(post.clone()).await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("no"), &json!("unavailable")));
    assert!(refused["retry_after"].is_u64());
    let ready = reqwest::get(world.url("/readyz")).await.unwrap().status().as_u16();
    assert_eq!(ready, 503);
    assert_eq!(reqwest::get(world.url("/healthz")).await.unwrap().status().as_u16(), 200);

    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    // The same post again, as a client does, until it is acknowledged: the sockets stayed open.
    let acknowledged = loop {
        let answer = socket.ask(post.clone()).await;
        if answer["type"] == "ok" {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(acknowledged["n"], 2);
    agent.posted("during").await;
    socket.done(say("after")).await;
    agent.posted("after").await;
    let thread = visitor.get("/visitor/conversation").await.ok();
    let texts: Vec<_> =
        thread["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["before", "during", "after"]);
    world.stop().await;
    cluster.stop().await;
}

#[tokio::test]
async fn a_server_whose_first_connections_are_swallowed_starts_all_the_same() {
    switchboard::server::choose_cryptography();
    let database = database::fresh().await;
    let wire = Link::to(vec![Target::postgres(&database)]).await;
    let data = tempfile::tempdir().unwrap();
    let mut command = program(data.path());
    command.arg("serve").env("DATABASE_URL", wire.to_database(&database.parse().unwrap()));
    command.env("SWITCHBOARD_MASTER_KEYS", MasterKeys::generate());
    wire.set(Condition::Stalled);
    let server = Process::begin(command, SocketAddr::from(([127, 0, 0, 1], free_port())));
    while wire.made() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // What was begun is never answered; what begins from now on is.
    wire.forget();
    wire.heal();
    let http = reqwest::Client::new();
    let ready = async {
        while !server.is_ready(&http).await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(2 * PATIENCE, ready).await.expect("it becomes ready");
}

pub fn signal(pids: &[nix::unistd::Pid], signal: nix::sys::signal::Signal) {
    for pid in pids {
        // One of them may have ended meanwhile.
        let _ = nix::sys::signal::kill(*pid, signal);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_postgres_is_not_waited_for_without_end_and_what_it_did_counts_once() {
    let data = tempfile::tempdir().unwrap();
    let cluster = Cluster::start(Options::new(data.path())).await.unwrap();
    let world = World::on_database(cluster.url()).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    socket.done(say("before")).await;

    let frozen = of_postgres(data.path());
    signal(&frozen, nix::sys::signal::Signal::SIGSTOP);
    let post = say("during");
    let refused = socket.ask(post.clone()).await;
    signal(&frozen, nix::sys::signal::Signal::SIGCONT);
    assert_eq!((&refused["type"], &refused["code"]), (&json!("no"), &json!("unavailable")));

    let acknowledged = loop {
        let answer = socket.ask(post.clone()).await;
        if answer["type"] == "ok" {
            break answer;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    assert_eq!(acknowledged["n"], 2);
    socket.done(say("after")).await;
    let thread = visitor.get("/visitor/conversation").await.ok();
    let texts: Vec<_> =
        thread["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["before", "during", "after"]);
    world.stop().await;
    cluster.stop().await;
}
