//! Old and new versions of the server beside one another, on one database.

use std::process::Stdio;

use serde_json::json;
use switchboard_store::seal::MasterKeys;

use super::{run, words};
use crate::support::process::{Process, free_port, program};
use crate::support::socket::{reply, say};
use crate::support::{Agent, Visitor, World, database};

/// Notes a migration of a version to come, and does what it would.
async fn migrated_by_a_newer_one(database: &str, version: i32, name: &str, sql: &str) {
    let admin = database::superuser(database).await;
    let note = format!(
        "insert into refinery_schema_history (version, name, applied_on, checksum)
         values ({version}, '{name}', '2030-01-01T00:00:00Z', '1')"
    );
    admin.batch_execute(&format!("{sql}; {note}")).await.unwrap();
}

#[tokio::test]
async fn a_server_runs_on_a_schema_that_is_newer_until_something_was_taken_away() {
    let (database, keys) = (database::fresh().await, MasterKeys::generate());
    let data = tempfile::tempdir().unwrap();
    let columns = "alter table messages add column mood text;
                   alter table conversations add column priority smallint not null default 0;
                   create table moods (workspace_id uuid not null, mood text);";
    migrated_by_a_newer_one(&database, 9_001, "moods", columns).await;
    let server = Process::serve(&database, &keys, data.path(), free_port()).await;
    let world = World::at(server.address, database.clone(), keys.clone());
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    visitor.connect(&world).await.done(say("hello")).await;
    let doctor = |data: &std::path::Path| {
        let mut doctor = program(data);
        doctor.arg("doctor").env("DATABASE_URL", &database).env("SWITCHBOARD_MASTER_KEYS", &keys);
        doctor.stdout(Stdio::piped());
        doctor
    };
    let said = words(&run(doctor(data.path())).await.stdout);
    assert!(said.contains("newer than this version"), "{said}");
    server.terminate();
    assert!(server.left().await.success());

    migrated_by_a_newer_one(&database, 9_002, "contract_moods", "drop table moods").await;
    let mut serve = program(data.path());
    serve.arg("serve").env("DATABASE_URL", &database).env("SWITCHBOARD_MASTER_KEYS", &keys);
    let refused = run({
        serve.env("SWITCHBOARD_LISTEN", "127.0.0.1:0").stderr(Stdio::piped());
        serve
    })
    .await;
    let said = words(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{said}");
    assert!(said.contains("too old for the database: migration V9002__contract_moods"), "{said}");
    let said = words(&run(doctor(data.path())).await.stdout);
    assert!(said.contains("BAD") && said.contains("too old"), "{said}");
}

/// Needs the program of the last release: `script/rolling` builds it and names it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_last_release_and_this_version_serve_the_same_people_side_by_side() {
    let Ok(previous) = std::env::var("SWITCHBOARD_PREVIOUS_BIN") else {
        println!("skipped: script/rolling builds the last release and runs this beside it");
        return;
    };
    let (database, keys) = (database::empty().await, MasterKeys::generate());
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let serve_old = async |port: u16| {
        let mut command = std::process::Command::new(&previous);
        command.arg("serve").env("DATABASE_URL", &database).env("SWITCHBOARD_MASTER_KEYS", &keys);
        command.env("SWITCHBOARD_DATA", folders[0].path()).stderr(Stdio::null());
        Process::start(command, port).await
    };
    let port = free_port();
    let mut old = serve_old(port).await;
    let at_old = World::at(old.address, database.clone(), keys.clone());
    let ana = Agent::sign_up(&at_old, "Ana").await;
    let visitor = Visitor::boot(&at_old, &ana.widget_key().await).await;
    let mut of_visitor = visitor.connect(&at_old).await;
    of_visitor.done(say("before")).await;

    // The new one brings the schema up to date under the old one.
    let new = Process::serve(&database, &keys, folders[1].path(), free_port()).await;
    let at_new = World::at(new.address, database.clone(), keys.clone());
    let mut of_ana = ana.at(&at_new).connect(&at_new).await;
    of_visitor.done(say("to the old one")).await;
    of_ana.posted("to the old one").await;
    of_ana.done(reply(&visitor.conversation(), "public", "by the new one")).await;
    of_visitor.posted("by the new one").await;

    // An old one starts on the newer schema, and takes up clients of the new one.
    old.kill();
    let old = serve_old(port).await;
    let mut back = ana.dial(&at_old).await;
    back.greet(json!({"type": "hello", "epoch": of_ana.epoch, "after": of_ana.seq})).await;
    let mut of_visitor = visitor.at(&at_new).connect(&at_new).await;
    of_visitor.done(say("after")).await;
    back.posted("after").await;

    old.terminate();
    assert!(old.left().await.success());
    let thread = visitor.at(&at_new).get("/visitor/conversation").await.ok();
    let texts: Vec<_> =
        thread["messages"].as_array().unwrap().iter().map(|m| m["text"].clone()).collect();
    assert_eq!(texts, ["before", "to the old one", "by the new one", "after"]);
    new.terminate();
    assert!(new.left().await.success());
}
