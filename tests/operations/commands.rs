//! The command line.

use std::net::TcpListener;
use std::process::Stdio;

use serde_json::json;

use super::{run, with_keys, words};
use crate::support::people::{PASSWORD, send};
use crate::support::process::program;
use crate::support::{Agent, World, database};

/// Fails, says each of these, and does not chat about where in the code it happened.
async fn refuses(mut command: std::process::Command, says: &[&str]) {
    command.stderr(Stdio::piped());
    let output = run(command).await;
    let said = words(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    for part in says {
        assert!(said.contains(part), "{part:?} is not in {said:?}");
    }
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn serve_refuses_settings_it_cannot_use_and_says_what_to_do() {
    let data = tempfile::tempdir().unwrap();
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = held.local_addr().unwrap().to_string();
    let serve = |environment: &[(&str, &str)]| {
        let mut command = with_keys(data.path());
        command.arg("serve").envs(environment.iter().copied());
        command
    };
    let mut without_keys = program(data.path());
    without_keys.arg("serve");
    refuses(without_keys, &["SWITCHBOARD_MASTER_KEYS", "openssl rand -base64 32"]).await;
    for (name, value, says) in [
        ("SWITCHBOARD_MASTER_KEYS", "short", "32 bytes in base64"),
        ("SWITCHBOARD_LISTEN", "8080", "such as 127.0.0.1:8080"),
        ("SWITCHBOARD_PUBLIC_URL", "chat.example", "in the environment, is a scheme"),
        ("DATABASE_URL", "mysql://x", "DATABASE_URL cannot be used: it looks like"),
        ("REDIS_URL", "http://x", "it looks like redis://user:password@host:6379"),
        ("SWITCHBOARD_CONFIG", "/none/such.toml", "could not be read"),
    ] {
        refuses(serve(&[(name, value)]), &[says]).await;
    }
    let mut occupied = serve(&[("SWITCHBOARD_LISTEN", &taken)]);
    occupied.env("DATABASE_URL", "host=127.0.0.1 port=1 user=x");
    refuses(occupied, &["cannot listen on", "SWITCHBOARD_LISTEN"]).await;

    let file = data.path().join("settings.toml");
    std::fs::write(&file, "[http]\nworkers = 1000\nunknown = 1\n").unwrap();
    refuses(serve(&[("SWITCHBOARD_CONFIG", file.to_str().unwrap())]), &["unknown"]).await;
    std::fs::write(&file, "[http]\nworkers = 1000\ndrain_seconds = 0\n").unwrap();
    let both = ["http.workers is between", "http.drain_seconds is between"];
    refuses(serve(&[("SWITCHBOARD_CONFIG", file.to_str().unwrap())]), &both).await;
}

#[tokio::test]
async fn the_printed_settings_are_settings() {
    let data = tempfile::tempdir().unwrap();
    let mut print = program(data.path());
    print.args(["serve", "--print-config"]).stdout(Stdio::piped());
    let printed = run(print).await;
    assert!(printed.status.success());
    let text = words(&printed.stdout);
    assert!(text.contains("public_url") && text.contains("# "), "{text}");
    switchboard::config::Config::from_parts(&text, |_| None).unwrap();
}

#[tokio::test]
async fn migrate_can_be_run_again_and_doctor_says_so() {
    let data = tempfile::tempdir().unwrap();
    let database = database::empty().await;
    let command = |name: &str| {
        let mut command = with_keys(data.path());
        command.arg(name).env("DATABASE_URL", &database).env("SWITCHBOARD_LISTEN", "127.0.0.1:0");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let before = run(command("doctor")).await;
    assert!(words(&before.stdout).contains("is empty"), "{before:?}");
    for _ in 0..2 {
        let migrated = run(command("migrate")).await;
        assert!(migrated.status.success(), "{migrated:?}");
        assert!(words(&migrated.stdout).contains("up to date"), "{migrated:?}");
    }
    let (one, two) = tokio::join!(run(command("migrate")), run(command("migrate")));
    assert!(one.status.success() && two.status.success(), "{one:?} {two:?}");
    let after = run(command("doctor")).await;
    let said = words(&after.stdout);
    assert!(after.status.success() && said.contains("is up to date"), "{said}");
    assert!(!said.contains("BAD"), "{said}");

    let mut hopeless = command("doctor");
    hopeless.env_remove("SWITCHBOARD_MASTER_KEYS").env("DATABASE_URL", "host=127.0.0.1 port=1");
    let hopeless = run(hopeless).await;
    let said = words(&hopeless.stdout);
    assert_eq!(hopeless.status.code(), Some(1), "{said}");
    assert_eq!(said.matches("BAD").count(), 2, "the keys and the database: {said}");
}

#[tokio::test]
async fn whoever_runs_the_server_can_let_somebody_back_in() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let link = |email: &str| {
        let mut command = program(world.data());
        command.args(["password-link", email]).env("DATABASE_URL", &world.database);
        command.env("SWITCHBOARD_PUBLIC_URL", "https://chat.example");
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let output = run(link(ana.me["member"]["email"].as_str().unwrap())).await;
    assert!(output.status.success(), "{output:?}");
    let said = words(&output.stdout);
    let url = said.lines().next().unwrap();
    let token = url.strip_prefix("https://chat.example/console/reset/").unwrap();
    let body = json!({"token": token, "password": "a new staple"});
    let request = reqwest::Client::new().post(world.url("/api/v1/password-reset"));
    assert_eq!(send(request.json(&body)).await.ok()["user"], ana.me["user"]);
    let body = json!({"email": ana.me["member"]["email"], "password": PASSWORD});
    let request = reqwest::Client::new().post(world.url("/api/v1/sign-in"));
    assert_eq!(send(request.json(&body)).await.code(), "unauthenticated");
    refuses(link("nobody@nowhere.example"), &["nobody signs in as nobody@nowhere.example"]).await;
    refuses(link("nonsense"), &["this is not an e-mail address"]).await;
    world.stop().await;
}
