//! The door between HTTP and websockets, and what may stand in it.

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::raw::{Raw, TEXT, head, upgrade};
use crate::support::{Agent, Visitor, World};

const TOO_LARGE: Option<u16> = Some(4009);

async fn connect(world: &World) -> Raw {
    Raw(TcpStream::connect(world.address).await.unwrap())
}

#[tokio::test]
async fn what_a_client_says_together_with_its_request_is_heard() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let hello = json!({"type": "hello", "token": visitor.token}).to_string();
    let said = [
        upgrade("/ws/visitor", "websocket").into_bytes(),
        head(true, TEXT, hello.len() as u64),
        hello.into_bytes(),
    ]
    .concat();
    let mut raw = connect(&world).await;
    raw.0.write_all(&said).await.unwrap();
    assert!(raw.answer().await.starts_with("HTTP/1.1 101"));
    raw.until("welcome").await;
    raw.until("snapshot").await;
    world.stop().await;
}

#[tokio::test]
async fn who_may_not_leave_http_is_told_so_as_by_any_answer_and_the_connection_ends() {
    let world = World::start().await;
    for (path, status, code) in
        [("/ws/nothing", "404", "not_found"), ("/api/v1/conversations", "401", "unauthenticated")]
    {
        let mut raw = connect(&world).await;
        raw.0.write_all(upgrade(path, "websocket").as_bytes()).await.unwrap();
        let answer = raw.answer().await.to_lowercase();
        assert!(answer.starts_with(&format!("http/1.1 {status}")), "{answer}");
        assert!(answer.contains("connection: close"), "{answer}");
        assert!(answer.contains("x-request-id: "), "{answer}");
        let mut body = String::new();
        raw.0.read_to_string(&mut body).await.unwrap();
        assert!(body.contains(&format!("\"code\":\"{code}\"")), "{body}");
    }
    world.stop().await;
}

#[tokio::test]
async fn a_websockets_address_says_what_it_is_to_who_asks_in_http() {
    let world = World::start().await;
    let answer = reqwest::get(format!("http://{}/ws/visitor", world.address)).await.unwrap();
    assert_eq!(answer.status(), 400);
    let problem: serde_json::Value = answer.json().await.unwrap();
    assert_eq!(problem["code"], "invalid");
    assert!(problem["detail"].as_str().unwrap().contains("websocket"), "{problem}");
    world.stop().await;
}

#[tokio::test]
async fn who_asks_for_a_protocol_that_is_not_spoken_is_answered_in_http() {
    let world = World::start().await;
    let mut raw = connect(&world).await;
    raw.0.write_all(upgrade("/readyz", "h2c").as_bytes()).await.unwrap();
    let answer = raw.answer().await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    world.stop().await;
}

/// Closing a connection on which bytes wait to be read resets it, and what was said last is lost.
#[tokio::test]
async fn who_is_still_sending_when_the_socket_is_closed_reads_why() {
    let world = World::start().await;
    let mut raw = Raw::open(world.address).await;
    let flood = [head(true, TEXT, 1 << 30), vec![b'x'; 1 << 20]].concat();
    // The server need not read all of it.
    let _ = raw.0.write_all(&flood).await;
    assert_eq!(raw.closed().await, TOO_LARGE);
    world.stop().await;
}
