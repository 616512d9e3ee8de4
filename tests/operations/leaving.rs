//! Health, figures, and a server that is told to leave.

use switchboard_store::seal::MasterKeys;

use crate::support::people::send;
use crate::support::process::{Process, free_port};
use crate::support::socket::{PATIENCE, reply, say};
use crate::support::{Agent, Socket, Visitor, World, database};

#[tokio::test]
async fn health_readiness_and_figures_are_told() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    let _other = ana.connect(&world).await;
    socket.done(say("Hello")).await;
    for (path, text) in [("/healthz", "alive\n"), ("/readyz", "ready\n")] {
        let answer = reqwest::get(world.url(path)).await.unwrap();
        assert_eq!(
            (answer.status().as_u16(), &answer.headers()["cache-control"]),
            (200, &"no-store".parse().unwrap())
        );
        assert_eq!(answer.text().await.unwrap(), text);
    }
    let answer = reqwest::get(world.url("/metrics")).await.unwrap();
    assert!(answer.headers()["content-type"].to_str().unwrap().starts_with("text/plain"));
    // The servers of other tests count into the same registry of this process, so the figure that
    // is this server's own may have to be asked for again.
    let own = async {
        loop {
            let text = reqwest::get(world.url("/metrics")).await.unwrap().text().await.unwrap();
            if text.contains("switchboard_sockets_open 2") {
                return text;
            }
        }
    };
    let text = tokio::time::timeout(PATIENCE, own).await.expect("two sockets are counted");
    for name in [
        "switchboard_http_requests_total{",
        "switchboard_http_request_seconds_bucket{",
        "switchboard_http_requests_open ",
        "switchboard_database_connections{pool=\"read\"}",
        "switchboard_database_waiting{pool=\"write\"}",
        "switchboard_conversations_active ",
        "route=\"/api/v1/sign-up\"",
    ] {
        assert!(text.contains(name), "{name} is not in {text}");
    }
    for secret in [visitor.id.as_str(), &visitor.conversation(), ana.id(), ana.workspace()] {
        assert!(!text.contains(secret), "{secret}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_server_that_is_told_to_leave_lets_go_of_everyone_and_loses_nothing() {
    let database = database::fresh().await;
    let keys = MasterKeys::generate();
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let server = Process::serve(&database, &keys, data.path(), port).await;
    let world = World::at(server.address, database.clone(), keys.clone());
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut of_visitor = visitor.connect(&world).await;
    let mut of_ana = ana.connect(&world).await;
    of_visitor.done(say("Hello")).await;
    let idle = Socket::dial(&world, "/ws/visitor", &[]).await;

    // Commands that are on their way when the order comes: each is answered or is not done.
    let commands = 50;
    for n in 0..commands {
        of_ana.send(reply(&visitor.conversation(), "public", &format!("{n}"))).await;
    }
    server.terminate();
    let mut acknowledged = 0;
    let closed = loop {
        match of_ana.receive().await {
            Ok(frame) => acknowledged += u64::from(frame["type"] == "ok"),
            Err(closed) => break closed,
        }
    };
    assert_eq!(closed.code, Some(4000));
    assert_eq!(of_visitor.closed().await.code, Some(4000));
    drop(idle);
    assert!(server.left().await.success());
    let refused = reqwest::get(world.url("/healthz")).await;
    assert!(refused.is_err(), "{refused:?}");

    let server = Process::serve(&database, &keys, data.path(), port).await;
    let messages = format!("/conversations/{}/messages?limit=100", visitor.conversation());
    let kept = ana.get(&messages).await.ok()["items"].as_array().unwrap().len() as u64 - 1;
    assert!((acknowledged..=commands).contains(&kept), "{acknowledged} of {kept}");
    server.terminate();
    assert!(server.left().await.success());
}

#[tokio::test]
async fn what_is_under_way_is_finished_before_the_server_leaves() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let database = database::fresh().await;
    let keys = MasterKeys::generate();
    let data = tempfile::tempdir().unwrap();
    let server = Process::serve(&database, &keys, data.path(), free_port()).await;
    let world = World::at(server.address, database.clone(), keys.clone());
    let ana = Agent::sign_up(&world, "Ana").await;
    // One connection that is kept, one request that is half sent.
    let kept = reqwest::Client::new();
    kept.get(world.url("/readyz")).send().await.unwrap().bytes().await.unwrap();
    let body = r##"{"name":"Order","color":"#2f7d4f"}"##;
    let head = format!(
        "POST /api/v1/labels HTTP/1.1\r\nhost: {}\r\ncookie: {}\r\norigin: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        server.address,
        ana.cookie,
        world.url(""),
        body.len()
    );
    let mut stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body.as_bytes()[..5]).await.unwrap();
    // The request is known to the server once another one counts it.
    let open = async {
        loop {
            let figures = kept.get(world.url("/metrics")).send().await.unwrap();
            if figures.text().await.unwrap().contains("switchboard_http_requests_open 2") {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, open).await.unwrap();

    server.terminate();
    let draining = async {
        loop {
            let answer = send(kept.get(world.url("/readyz"))).await;
            if answer.status != 200 {
                return answer;
            }
        }
    };
    let draining = tokio::time::timeout(PATIENCE, draining).await.unwrap();
    assert_eq!((draining.status, draining.code()), (503, "unavailable"));
    // Longer than a server that does not wait stays for its last bytes.
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    stream.write_all(&body.as_bytes()[5..]).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 201");
    assert!(server.left().await.success());
}
