//! Postgres and Redis across a network: encrypted, and with nobody who only says that it is them.

use std::process::{Output, Stdio};

use crate::cluster::events::across;
use crate::support::guarded::{Authority, GuardedPostgres};
use crate::support::nodes::Nodes;
use crate::support::process::program;
use crate::support::redis::Redis;
use crate::support::socket::say;

/// What the README gives a user of Redis.
const RIGHTS: &str = "+subscribe +unsubscribe +publish +ping +hello &switchboard:*";

fn verified(authority: &Authority) -> String {
    format!("sslmode=verify-full&sslrootcert={}", authority.ca().display())
}

#[tokio::test]
async fn nodes_work_together_over_tls_with_no_more_rights_at_redis_than_they_are_said_to_need() {
    let authority = Authority::new();
    let postgres = GuardedPostgres::start(&authority).await;
    let mut options = authority.of_redis();
    // The plain port is for the test alone.
    let tls = crate::support::process::free_port();
    options.extend(["--tls-port".to_owned(), tls.to_string()]);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let redis = Redis::with(&options).await;
    let user: Vec<&[u8]> = ["ACL", "SETUSER", "node", "on", ">secret"]
        .into_iter()
        .chain(RIGHTS.split(' '))
        .map(str::as_bytes)
        .collect();
    assert_eq!(redis.ask(&user), "+OK");
    let settings = format!("redis.ca_file = \"{}\"\n", authority.ca().display());
    let mut nodes = Nodes::through(redis, &settings).await;
    nodes.database = postgres.url("localhost", &verified(&authority));
    let through = format!("rediss://node:secret@localhost:{tls}");
    let (one, other) = (nodes.start_on(&through).await, nodes.start_on(&through).await);
    one.connected().await;
    other.connected().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    writer.done(say("through two tunnels")).await;
    reader.posted("through two tunnels").await;
    assert!(one.figure("switchboard_bus_published_total").await > 0.0);
}

#[tokio::test]
async fn a_postgres_that_cannot_prove_who_it_is_is_told_nothing() {
    let (authority, another) = (Authority::new(), Authority::new());
    let postgres = GuardedPostgres::start(&authority).await;
    let doctor = async |name: &str, query: &str| {
        let data = tempfile::tempdir().unwrap();
        let mut command = program(data.path());
        command.arg("doctor").env("DATABASE_URL", postgres.url(name, query));
        command.stdout(Stdio::piped());
        let run = tokio::task::spawn_blocking(move || command.output().unwrap());
        let Output { stdout, .. } = run.await.unwrap();
        let said = String::from_utf8(stdout).unwrap();
        said.lines().find(|line| line.contains("database ")).unwrap().to_owned()
    };
    for (name, query) in [
        ("localhost", verified(&authority)),
        ("127.0.0.1", verified(&authority).replace("full", "ca")),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", String::new()),
    ] {
        let said = doctor(name, &query).await;
        assert!(said.contains("is empty"), "{query}: {said}");
    }
    for (name, query, why) in [
        ("localhost", verified(&another), "UnknownIssuer"),
        ("127.0.0.1", verified(&authority), "not valid for name"),
        ("localhost", "sslmode=verify-full".to_owned(), "UnknownIssuer"),
        ("localhost", "sslmode=disable".to_owned(), "no encryption"),
    ] {
        let said = doctor(name, &query).await;
        assert!(said.starts_with("BAD") && said.contains(why), "{query}: {said}");
    }
}
