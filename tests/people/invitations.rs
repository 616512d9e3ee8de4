//! Invitations by link.

use serde_json::{Value, json};

use super::{email_of, post, token_of};
use crate::support::people::{Answer, PASSWORD, send};
use crate::support::{Agent, World, database};

async fn invite(agent: &Agent, email: &str, role: &str) -> Value {
    agent.post("/invitations", json!({"email": email, "role": role})).await.ok()
}

async fn preview(world: &World, token: &str) -> Answer {
    let url = world.url(&format!("/api/v1/invitations/by-token/{token}"));
    send(reqwest::Client::new().get(url)).await
}

async fn accept(world: &World, token: &str, name: &str) -> Answer {
    let body = json!({"token": token, "name": name, "password": PASSWORD});
    post(world, "/invitations/accept", body).await
}

#[tokio::test]
async fn an_invitation_lets_in_once_with_the_role_it_names() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let mut socket = ana.connect(&world).await;
    let made = invite(&ana, "Ben@Shop.example", "admin").await;
    let token = token_of(&made);
    assert!(!ana.get("/invitations").await.ok().to_string().contains(&token));
    let shown = preview(&world, &token).await.ok();
    let expected = json!({
        "workspace": ana.me["workspace"]["name"], "email": "ben@shop.example", "role": "admin",
        "has_login": false,
    });
    assert_eq!(shown, expected);

    // Twice at the same moment is once.
    let (one, two) = tokio::join!(accept(&world, &token, "Ben"), accept(&world, &token, "Bob"));
    let mut statuses = [one.status, two.status];
    statuses.sort();
    assert!(statuses[0] == 201 && [409, 410].contains(&statuses[1]), "{statuses:?}");
    let ben = Agent::of(&world, if one.status == 201 { one } else { two });
    assert_eq!(ben.me["member"]["role"], "admin");
    assert_eq!(ben.workspace(), ana.workspace());
    let joined = socket.event(|e| e["event"] == "member").await;
    assert_eq!(joined["member"]["id"], ben.id());

    assert_eq!(accept(&world, &token, "Eve").await.code(), "gone");
    assert_eq!(preview(&world, &token).await.code(), "gone");
    assert_eq!(ana.get("/invitations").await.ok(), json!([]));
    let again = ana.post("/invitations", json!({"email": email_of(&ben), "role": "agent"})).await;
    assert_eq!((again.code(), &again.body["field"]), ("conflict", &json!("email")));
    world.stop().await;
}

#[tokio::test]
async fn an_invitation_that_is_old_withdrawn_or_replaced_lets_nobody_in() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let replaced = token_of(&invite(&ana, "ben@shop.example", "agent").await);
    let withdrawn = invite(&ana, "ben@shop.example", "agent").await;
    assert_eq!(accept(&world, &replaced, "Ben").await.code(), "not_found");
    let id = withdrawn["invitation"]["id"].as_str().unwrap();
    assert_eq!(ana.delete(&format!("/invitations/{id}")).await.status, 204);
    assert_eq!(ana.delete(&format!("/invitations/{id}")).await.code(), "not_found");
    assert_eq!(accept(&world, &token_of(&withdrawn), "Ben").await.code(), "not_found");

    let expired = token_of(&invite(&ana, "ben@shop.example", "agent").await);
    let aged = "update invitations set expires_at = now() - interval '1 second'";
    database::superuser(&world.database).await.batch_execute(aged).await.unwrap();
    assert_eq!(accept(&world, &expired, "Ben").await.code(), "gone");
    assert_eq!(preview(&world, &expired).await.code(), "gone");
    for forged in ["x", "", "%00", "a/b"] {
        assert_eq!(preview(&world, forged).await.status, 404, "{forged:?}");
    }
    assert_eq!(ana.get("/members").await.ok().as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn an_invitation_is_worth_what_its_sender_may_do_when_it_is_used() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let adam = ana.colleague(&world, "Adam", "admin").await;
    let eve = ana.colleague(&world, "Eve", "admin").await;
    let of_adam = token_of(&invite(&adam, "one@shop.example", "admin").await);
    let of_eve = token_of(&invite(&eve, "two@shop.example", "agent").await);

    ana.patch(&format!("/members/{}", adam.id()), json!({"role": "agent"})).await.ok();
    assert_eq!(ana.delete(&format!("/members/{}", eve.id())).await.status, 204);
    assert_eq!(accept(&world, &of_adam, "One").await.code(), "gone");
    assert_eq!(accept(&world, &of_eve, "Two").await.code(), "gone");
    world.stop().await;
}

#[tokio::test]
async fn somebody_with_a_login_joins_with_its_own_password() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let token = token_of(&invite(&ana, email_of(&zoe), "agent").await);
    assert_eq!(preview(&world, &token).await.ok()["has_login"], true);
    let thief = json!({"token": token, "name": "Eve", "password": "a password of Eve's"});
    let refused = post(&world, "/invitations/accept", thief).await;
    assert_eq!((refused.code(), &refused.body["field"]), ("unauthenticated", &json!("password")));

    let joined = Agent::of(&world, accept(&world, &token, "somebody else").await);
    assert_eq!(joined.me["user"], zoe.me["user"]);
    assert_eq!(joined.me["member"]["name"], "Zoe", "a login keeps its name");
    assert_eq!(joined.me["workspaces"].as_array().unwrap().len(), 2);
    world.stop().await;
}
