//! The question that a webhook's address must answer before it is used.

use std::time::Duration;

use crate::graph::GraphError;
use crate::world::{World, hex};

const PATIENCE: Duration = Duration::from_secs(5);

/// What the address said, and what it should have said.
pub struct Said {
    pub status: u16,
    pub body: String,
    pub challenge: String,
}

/// Asks an address whether it expects webhooks.
pub async fn ask(world: &World, url: &str, verify_token: &str) -> Option<Said> {
    if !url.starts_with("https://") && !world.config().allow_http_hooks {
        return None;
    }
    let challenge = hex(&world.lock().random()[..8]);
    let client = reqwest::Client::builder().timeout(PATIENCE).build().ok()?;
    let query = [
        ("hub.mode", "subscribe"),
        ("hub.challenge", &challenge),
        ("hub.verify_token", verify_token),
    ];
    let answer = client.get(url).query(&query).send().await.ok()?;
    let status = answer.status().as_u16();
    Some(Said { status, body: answer.text().await.ok()?, challenge })
}

/// Refuses an address that does not answer as documented.
pub async fn check(world: &World, url: &str, verify_token: &str) -> Result<(), GraphError> {
    match ask(world, url, verify_token).await {
        Some(said) if said.status == 200 && said.body == said.challenge => Ok(()),
        _ => Err(GraphError::new(
            400,
            2200,
            "(#2200) Callback verification failed with the following errors: the address did not \
             answer with the challenge",
        )),
    }
}
