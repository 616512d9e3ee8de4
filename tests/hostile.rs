//! Clients that mean harm, or do not know what they do.

mod commands;
mod described;
mod frames;
mod raw;
mod requests;
mod upgrades;

use crate::support::people::Answer;
use crate::support::{Agent, Socket, Visitor, World};

/// Two workspaces that must not meet, each with a visitor who has written.
struct Two {
    world: World,
    ana: Agent,
    of_ana: Visitor,
    zoe: Agent,
    of_zoe: Visitor,
}

impl Two {
    async fn start() -> Two {
        let world = World::start().await;
        let ana = Agent::sign_up(&world, "Ana").await;
        let zoe = Agent::sign_up(&world, "Zoe").await;
        let of_ana = Visitor::boot(&world, &ana.widget_key().await).await;
        let of_zoe = Visitor::boot(&world, &zoe.widget_key().await).await;
        for visitor in [&of_ana, &of_zoe] {
            let hello = crate::support::socket::say("Hello");
            visitor.connect(&world).await.done(hello).await;
        }
        Two { world, ana, of_ana, zoe, of_zoe }
    }
}

/// Says what is wrong in the one form that all errors have.
#[track_caller]
fn is_problem(answer: &Answer, status: u16, code: &str) {
    let words = format!("{} {:?}", answer.status, answer.body);
    assert_eq!((answer.status, answer.body["code"].as_str()), (status, Some(code)), "{words}");
    assert_eq!(answer.headers["content-type"], "application/problem+json", "{words}");
    assert_eq!(answer.body["status"], status, "{words}");
    assert!(!answer.body["title"].as_str().unwrap().is_empty(), "{words}");
    assert!(!answer.body["detail"].as_str().unwrap().is_empty(), "{words}");
    assert!(answer.headers.contains_key("x-request-id"), "{words}");
}

/// The socket takes commands.
async fn lives(socket: &mut Socket) {
    socket.done(serde_json::json!({"type": "watch", "conversation": null})).await;
}
