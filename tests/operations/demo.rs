//! `switchboard demo`.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::json;

use crate::support::people::send;
use crate::support::process::{Process, free_port, program};
use crate::support::{Agent, Visitor, World, database};

/// Starts it, and what it says when it is up.
async fn start(data: &Path, database: &str, port: u16) -> (Process, String) {
    let said = data.join("said.txt");
    let mut command = program(data);
    command.arg("demo").env("DATABASE_URL", database);
    command.stdout(Stdio::from(std::fs::File::create(&said).unwrap()));
    let server = Process::start(command, port).await;
    let text = async {
        loop {
            let text = std::fs::read_to_string(&said).unwrap();
            if text.contains('╯') {
                return text;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let text = tokio::time::timeout(crate::support::socket::PATIENCE, text).await.unwrap();
    (server, text)
}

/// Their port is the next one, or any other where that is taken.
fn without_phones(said: &str) -> Vec<&str> {
    said.lines().filter(|line| !line.contains("/phones") && !line.contains("──")).collect()
}

fn after<'a>(text: &'a str, words: &str) -> &'a str {
    text.split_once(words).unwrap().1.split_whitespace().next().unwrap()
}

#[tokio::test]
async fn the_demo_is_ready_to_look_at_and_the_same_when_it_starts_again() {
    let data = tempfile::tempdir().unwrap();
    let (database, port) = (database::fresh().await, free_port());
    let (server, said) = start(data.path(), &database, port).await;
    let world = World::at(server.address, database.clone(), String::new());
    let (email, password) = (after(&said, "sign in as"), after(&said, "password"));
    assert!(said.contains(&format!("http://localhost:{port}/demo")), "{said}");
    assert!(said.contains(&format!("http://localhost:{port}/console")), "{said}");

    let phones = said.split_whitespace().find(|word| word.ends_with("/phones")).unwrap();
    let phones_page = reqwest::get(phones).await.unwrap();
    assert_eq!(phones_page.status(), 200);

    let sign_in = async || {
        let request = reqwest::Client::new().post(world.url("/api/v1/sign-in"));
        let body = json!({"email": email, "password": password});
        Agent::of(&world, send(request.json(&body)).await)
    };
    let ana = sign_in().await;
    assert_eq!(ana.get("/channels").await.ok()["phones_url"], phones);
    let inbox = ana.get("/conversations?status=all").await.ok();
    let conversations = inbox["items"].as_array().unwrap().len();
    assert!(conversations >= 3, "{inbox}");
    assert!(ana.get("/labels").await.ok().as_array().unwrap().len() >= 3);
    let shop = reqwest::get(world.url("/demo")).await.unwrap();
    assert!(shop.headers()["content-security-policy"].to_str().unwrap().contains("script-src"));
    let shop = shop.text().await.unwrap();
    let key = ana.widget_key().await;
    assert!(shop.contains(&format!("/widget.js?key={key}")) && !shop.contains("{{"), "{shop}");
    Visitor::boot(&world, &key).await;

    for entry in std::fs::read_dir(data.path()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_string_lossy().contains("secret") {
            assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
    }
    server.terminate();
    assert!(server.left().await.success());

    let (server, again) = start(data.path(), &database, port).await;
    assert_eq!(without_phones(&again), without_phones(&said));
    assert!(again.contains("/phones"), "{again}");
    let ana = sign_in().await;
    let inbox = ana.get("/conversations?status=all").await.ok();
    assert_eq!(inbox["items"].as_array().unwrap().len(), conversations, "not told twice");
    server.terminate();
    assert!(server.left().await.success());
}

#[tokio::test]
async fn a_server_that_is_no_demo_has_no_shop() {
    let world = World::start().await;
    for path in ["/demo", "/demo/demo.js"] {
        let answer = send(reqwest::Client::new().get(world.url(path))).await;
        assert_eq!((answer.status, answer.code()), (404, "not_found"));
    }
    world.stop().await;
}
