//! The Postgres that a server runs for itself.

use std::process::Stdio;

use serde_json::json;
use switchboard_store::seal::MasterKeys;

use super::{run, words};
use crate::support::process::{Process, free_port, program};
use crate::support::socket::say;
use crate::support::{Agent, Visitor, World};

#[tokio::test]
async fn a_killed_server_finds_its_data_again_and_shares_it_with_no_other() {
    let data = tempfile::tempdir().unwrap();
    let keys = MasterKeys::generate();
    let port = free_port();
    let serve = || {
        let mut command = program(data.path());
        command.arg("serve").env("SWITCHBOARD_MASTER_KEYS", &keys);
        command
    };
    let mut server = Process::start(serve(), port).await;
    let world = World::at(server.address, String::new(), keys.clone());
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    for n in 0..5 {
        socket.done(say(&format!("{n}"))).await;
    }

    let mut second = serve();
    second.env("SWITCHBOARD_LISTEN", "127.0.0.1:0").stderr(Stdio::piped());
    let second = run(second).await;
    let said = words(&second.stderr);
    assert_eq!(second.status.code(), Some(1), "{said}");
    assert!(said.contains("is in use by another Switchboard"), "{said}");
    socket.done(say("5")).await;

    server.kill();
    let server = Process::start(serve(), port).await;
    let thread = visitor.get("/visitor/conversation").await.ok();
    let texts: Vec<_> =
        thread["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, (0..6).map(|n| json!(n.to_string())).collect::<Vec<_>>());
    ana.get("/me").await.ok();
    server.terminate();
    assert!(server.left().await.success());

    // Nothing of it runs on, and nobody else reads it.
    let folder = data.path().join("postgres");
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&folder).unwrap().permissions());
    assert_eq!(mode & 0o007, 0, "{mode:o}");
    let pid_files = walk(&folder).into_iter().filter(|path| path.ends_with("postmaster.pid"));
    assert_eq!(pid_files.count(), 0);
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => found.extend(walk(&path)),
            false => found.push(path),
        }
    }
    found
}
