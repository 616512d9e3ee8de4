//! The widget's side: boots, the pages that may carry it, and who a visitor is.

mod identity;
mod loader;
mod origins;
mod visits;

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::people::{Answer, send};
use crate::support::{Agent, Socket, Visitor, World};

/// A boot from a page of this origin, as a browser sends it.
async fn boot_from(world: &World, origin: Option<&str>, body: &Value) -> Answer {
    let mut request = reqwest::Client::new().post(world.url("/api/v1/widget/boot"));
    if let Some(origin) = origin {
        request = request.header("origin", origin);
    }
    send(request.json(body)).await
}

/// How a visitor's socket from a page of this origin ends, or nothing when it was let in.
async fn knock(world: &World, origin: Option<&str>, token: &str) -> Option<u16> {
    let headers: Vec<(&str, &str)> = origin.map(|origin| ("origin", origin)).into_iter().collect();
    let mut socket = Socket::dial(world, "/ws/visitor", &headers).await;
    socket.send_text(&json!({"type": "hello", "token": token}).to_string()).await;
    match socket.receive().await {
        Ok(frame) => {
            assert_eq!(frame["type"], "welcome", "{frame}");
            None
        }
        Err(closed) => closed.code,
    }
}

/// Where the server thinks it is reached: its own pages may always carry the widget.
fn own_origin(world: &World) -> String {
    format!("http://localhost:{}", world.address.port())
}

/// A request with this visitor token from a page of this origin.
fn from_page(world: &World, origin: &str, token: &str) -> reqwest::RequestBuilder {
    let url = world.url("/api/v1/visitor/conversation");
    let request = reqwest::Client::new().request(Method::GET, url).header("origin", origin);
    request.header("authorization", format!("Bearer {token}"))
}

async fn settings(agent: &Agent, change: Value) {
    agent.patch("/widget-settings", change).await.ok();
}

async fn shop() -> (World, Agent, String) {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;
    (world, ana, key)
}

async fn contacts(agent: &Agent) -> Vec<Value> {
    let page = agent.get("/conversations?status=all").await.ok();
    page["items"].as_array().unwrap().iter().map(|c| c["contact"].clone()).collect()
}

async fn says(world: &World, visitor: &Visitor, text: &str) -> Value {
    visitor.connect(world).await.done(crate::support::socket::say(text)).await
}
