//! What the websockets can do, REST can do.

mod agents;
mod pages;
mod settings;
mod visitors;

use serde_json::Value;

use crate::support::socket::say;
use crate::support::{Agent, Visitor, World};

/// A world with an agent and a visitor who has said hello.
async fn shop() -> (World, Agent, Visitor) {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = newcomer(&world, &ana, "Hello").await;
    (world, ana, visitor)
}

async fn newcomer(world: &World, agent: &Agent, text: &str) -> Visitor {
    let visitor = Visitor::boot(world, &agent.widget_key().await).await;
    visitor.connect(world).await.done(say(text)).await;
    visitor
}

fn conversation(visitor: &Visitor) -> String {
    format!("/conversations/{}", visitor.conversation())
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().unwrap().iter();
    items.map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}
