//! Postgres across a network: encrypted, and with nobody who only says that they are it.

use std::process::{Output, Stdio};

use crate::cluster::events::across;
use crate::support::guarded::{Certificate, GuardedPostgres};
use crate::support::nodes::Nodes;
use crate::support::process::program;
use crate::support::socket::say;

fn verified(certificate: &Certificate) -> String {
    format!("sslmode=verify-full&sslrootcert={}", certificate.path().display())
}

#[tokio::test]
async fn nodes_work_together_on_a_postgres_that_is_reached_over_tls() {
    let certificate = Certificate::new();
    let postgres = GuardedPostgres::start(&certificate).await;
    let mut nodes = Nodes::new().await;
    nodes.database = postgres.url("localhost", &verified(&certificate));
    let (one, other) = nodes.pair().await;
    let (_, mut writer, mut reader) = across(&one, &other).await;
    writer.done(say("through a tunnel")).await;
    reader.posted("through a tunnel").await;
}

#[tokio::test]
async fn a_postgres_that_cannot_prove_who_it_is_is_told_nothing() {
    let (certificate, another) = (Certificate::new(), Certificate::new());
    let postgres = GuardedPostgres::start(&certificate).await;
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
        ("localhost", verified(&certificate)),
        ("127.0.0.1", verified(&certificate).replace("full", "ca")),
        ("127.0.0.1", "sslmode=require".to_owned()),
        ("127.0.0.1", String::new()),
    ] {
        let said = doctor(name, &query).await;
        assert!(said.contains("is empty"), "{query}: {said}");
    }
    for (name, query, why) in [
        ("localhost", verified(&another), "invalid peer certificate"),
        ("127.0.0.1", verified(&certificate), "not valid for name"),
        ("localhost", "sslmode=verify-full".to_owned(), "invalid peer certificate"),
        ("localhost", "sslmode=disable".to_owned(), "no encryption"),
    ] {
        let said = doctor(name, &query).await;
        assert!(said.starts_with("BAD") && said.contains(why), "{query}: {said}");
    }
}
