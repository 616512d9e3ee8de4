//! Redis may stall, restart or vanish: nothing is lost, and it is back by itself.

use super::events::across;
use crate::support::guarded::Certificate;
use crate::support::nodes::Nodes;
use crate::support::process::free_port;
use crate::support::redis::Redis;
use crate::support::socket::say;

const EVENTS: &str = "switchboard_bus_received_total{kind=\"events\"}";

#[tokio::test]
async fn a_redis_that_is_killed_and_comes_back_loses_nothing() {
    let mut nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    nodes.redis.kill();
    for node in [&one, &other] {
        node.says("redis: away").await;
    }
    // Found by the look at the position, the last one as well.
    for n in 0..3 {
        writer.done(say(&format!("away {n}"))).await;
    }
    for n in 0..3 {
        reader.posted(&format!("away {n}")).await;
    }
    nodes.redis.revive().await;
    for node in [&one, &other] {
        node.connected().await;
    }
    let heard = other.figure(EVENTS).await;
    let mut n = 0;
    while other.figure(EVENTS).await == heard {
        n += 1;
        assert!(n < 50, "nothing comes through the bus again");
        writer.done(say(&format!("back {n}"))).await;
        reader.posted(&format!("back {n}")).await;
    }
}

#[tokio::test]
async fn what_was_missed_while_a_node_was_cut_off_is_looked_for_once_it_is_back() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    let gaps = "switchboard_bus_gaps_total";
    let before = other.figure(gaps).await;
    // The connections of both are cut, again and again, while messages come.
    for n in 0..20 {
        nodes.redis.ask(&[b"CLIENT", b"KILL", b"TYPE", b"pubsub"]);
        writer.done(say(&format!("cut {n}"))).await;
    }
    for n in 0..20 {
        reader.posted(&format!("cut {n}")).await;
    }
    // Both topics that the other node listens to were looked after, at least once.
    other.until_figure(gaps, |gaps| gaps >= before + 2.0).await;
}

#[tokio::test]
async fn redis_is_spoken_to_over_tls_and_by_a_user_of_little_right() {
    const RIGHTS: [&str; 5] = ["+subscribe", "+unsubscribe", "+publish", "+ping", "+hello"];
    let certificate = Certificate::new();
    let port = free_port().to_string();
    let key = certificate.key().display().to_string();
    let ca = certificate.path().display().to_string();
    let mut options = vec!["--tls-port", &port, "--tls-key-file", &key, "--tls-cert-file", &ca];
    options.extend(["--tls-auth-clients", "no", "--user", "switchboard", "on", ">secret"]);
    options.extend(["resetchannels", "&switchboard:*", "-@all"].into_iter().chain(RIGHTS));
    let redis = Redis::with(&options).await;
    let settings = format!("[redis]\nca_file = {ca:?}\n");
    let nodes = Nodes::through(redis, &settings).await;
    let url = format!("rediss://switchboard:secret@localhost:{port}");
    let (one, other) = (nodes.start_on(&url).await, nodes.start_on(&url).await);
    for node in [&one, &other] {
        node.connected().await;
    }
    across(&one, &other).await;
    let wrong = nodes.start_on(&format!("rediss://switchboard:guess@localhost:{port}")).await;
    assert!(wrong.ready().await.unwrap().contains("redis: away"));
    let unknown = Nodes::through(Redis::nowhere(), "").await.start_on(&url).await;
    assert!(unknown.ready().await.unwrap().contains("redis: away"));
}

/// More messages than the bus's own commands wait for, and fewer than one may write in a row.
const FROZEN_FOR: usize = 150;

#[tokio::test]
async fn a_frozen_redis_holds_up_no_commit() {
    let nodes = Nodes::new().await;
    let (one, other) = nodes.pair().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    nodes.redis.freeze();
    for n in 0..FROZEN_FOR {
        writer.done(say(&format!("frozen {n}"))).await;
    }
    for n in 0..FROZEN_FOR {
        reader.posted(&format!("frozen {n}")).await;
    }
    for node in [&one, &other] {
        node.says("redis: away").await;
    }
    nodes.redis.thaw();
    for node in [&one, &other] {
        node.connected().await;
    }
}

#[tokio::test]
async fn a_node_starts_without_redis_and_finds_it_when_it_comes() {
    let mut nodes = Nodes::through(Redis::nowhere(), "").await;
    let (one, other) = (nodes.start().await, nodes.start().await);
    assert!(one.ready().await.unwrap().contains("redis: away"));
    nodes.redis.revive().await;
    for node in [&one, &other] {
        node.connected().await;
    }
    across(&one, &other).await;
}

#[tokio::test]
async fn of_several_servers_one_that_dies_concerns_its_own_workspaces_alone() {
    let nodes = Nodes::new().await;
    let mut second = Redis::start().await;
    let both = format!("{},{}", nodes.redis.url(), second.url());
    let (one, other) = (nodes.start_on(&both).await, nodes.start_on(&both).await);
    for node in [&one, &other] {
        node.connected().await;
    }
    // Until both carry some.
    let mut talks = Vec::new();
    let carried = |redis: &Redis| {
        let count = redis.ask(&[b"PUBSUB", b"NUMSUB", b"switchboard:1:nodes"]);
        assert_eq!(count, "*2");
        redis.ask(&[b"PUBSUB", b"CHANNELS", b"switchboard:1:wsp_*"]) != "*0"
    };
    while talks.len() < 2 || !carried(&nodes.redis) || !carried(&second) {
        assert!(talks.len() < 20, "one server carries everything");
        talks.push(across_again(&one, &other).await);
    }
    second.kill();
    for node in [&one, &other] {
        node.says("redis: 1 of 2 away").await;
    }
    for (n, (writer, reader)) in talks.iter_mut().enumerate() {
        writer.done(say(&format!("after {n}"))).await;
        reader.posted(&format!("after {n}")).await;
    }
}

async fn across_again(
    one: &crate::support::nodes::Node,
    other: &crate::support::nodes::Node,
) -> (crate::support::Socket, crate::support::Socket) {
    let (_, writer, reader) = across(one, other).await;
    (writer, reader)
}
