//! People: logins, sessions, invitations, roles and tokens.

mod invitations;
mod limits;
mod passwords;
mod roles;
mod sign_in;
mod tokens;

use serde_json::{Value, json};

use crate::support::people::{Answer, PASSWORD, send};
use crate::support::{Agent, World};

/// A request of nobody in particular.
async fn post(world: &World, path: &str, body: Value) -> Answer {
    let url = world.url(&format!("/api/v1{path}"));
    send(reqwest::Client::new().post(url).json(&body)).await
}

async fn sign_in(world: &World, email: &str, password: &str) -> Answer {
    post(world, "/sign-in", json!({"email": email, "password": password})).await
}

/// The same login in another browser.
async fn another_browser(world: &World, agent: &Agent) -> Agent {
    Agent::of(world, sign_in(world, email_of(agent), PASSWORD).await)
}

fn email_of(agent: &Agent) -> &str {
    agent.me["member"]["email"].as_str().unwrap()
}

/// The secret at the end of a link that one person hands to another.
fn token_of(made: &Value) -> String {
    made["link"].as_str().unwrap().rsplit('/').next().unwrap().to_owned()
}
