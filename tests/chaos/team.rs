//! Someone of the team who asks by REST, at any node, until there is an answer.

use std::time::Instant;

use reqwest::{Method, RequestBuilder};
use serde_json::Value;

use super::line::{ACKNOWLEDGED_WITHIN, ANSWER, PAUSES};
use crate::support::Agent;
use crate::support::dice::Dice;

#[derive(Clone)]
pub struct Team {
    /// The same person at each node.
    pub seats: Vec<Agent>,
    pub dice: Dice,
}

impl Team {
    pub async fn get(&mut self, path: &str) -> Value {
        self.insist(|agent| agent.request(Method::GET, path)).await.0
    }

    /// Asks, each time at any node, until it is done. Also whether it had to ask again.
    pub async fn insist(&mut self, ask: impl Fn(&Agent) -> RequestBuilder) -> (Value, bool) {
        let until = Instant::now() + ACKNOWLEDGED_WITHIN;
        let mut again = false;
        let mut pause = PAUSES[0];
        loop {
            let seat = self.dice.of(&self.seats);
            if let Some(told) = once(ask(seat)).await {
                return (told, again);
            }
            assert!(Instant::now() < until, "never answered: {:?}", ask(seat).build());
            again = true;
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(PAUSES[1]);
        }
    }
}

/// What a request is answered, unless that is no answer: only a server in trouble may say so.
async fn once(request: RequestBuilder) -> Option<Value> {
    let asked = async {
        let response = request.send().await.ok()?;
        let (status, body) = (response.status(), response.text().await.ok()?);
        let in_trouble = status.as_u16() >= 500 || status.as_u16() == 429;
        assert!(in_trouble || status.is_success(), "{status} {body}");
        let told = status.is_success().then(|| serde_json::from_str(&body).ok());
        told.flatten()
    };
    tokio::time::timeout(ANSWER, asked).await.ok().flatten()
}
