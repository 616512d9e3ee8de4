//! Changing a password, and links for those who forgot theirs.

use serde_json::json;

use super::{another_browser, email_of, post, sign_in, token_of};
use crate::support::people::PASSWORD;
use crate::support::{Agent, World, database};

const NEW: &str = "a new staple";

#[tokio::test]
async fn a_new_password_signs_out_everywhere_else() {
    let world = World::start().await;
    let here = Agent::sign_up(&world, "Ana").await;
    let there = another_browser(&world, &here).await;
    let mut socket_here = here.connect(&world).await;
    let mut socket_there = there.connect(&world).await;

    for (body, field) in [
        (json!({"new_password": NEW}), "current_password"),
        (json!({"new_password": NEW, "current_password": "wrong"}), "current_password"),
        (json!({"new_password": "short", "current_password": PASSWORD}), "new_password"),
    ] {
        let answer = here.patch("/me", body).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)));
    }
    there.get("/me").await.ok();

    let change = json!({"name": "Anna", "new_password": NEW, "current_password": PASSWORD});
    assert_eq!(here.patch("/me", change).await.ok()["member"]["name"], "Anna");
    assert_eq!(socket_there.closed().await.code, Some(4012));
    assert_eq!(there.get("/me").await.code(), "unauthenticated");
    here.get("/me").await.ok();
    let renamed = socket_here.event(|e| e["event"] == "member").await;
    assert_eq!(renamed["member"]["name"], "Anna");
    assert_eq!(sign_in(&world, email_of(&here), PASSWORD).await.code(), "unauthenticated");
    sign_in(&world, email_of(&here), NEW).await.ok();
    world.stop().await;
}

#[tokio::test]
async fn a_password_link_works_once_and_signs_everyone_else_out() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let mut socket = ben.connect(&world).await;
    let path = format!("/members/{}/password-link", ben.id());

    let first = token_of(&ana.post(&path, json!({})).await.ok());
    let second = token_of(&ana.post(&path, json!({})).await.ok());
    let reset = |token: &str, password: &str| {
        let body = json!({"token": token, "password": password});
        let world = &world;
        async move { post(world, "/password-reset", body).await }
    };
    assert_eq!(reset(&first, NEW).await.code(), "gone", "a newer link replaces it");
    let weak = reset(&second, "short").await;
    assert_eq!((weak.code(), &weak.body["field"]), ("invalid", &json!("password")));

    let back = Agent::of(&world, reset(&second, NEW).await);
    assert_eq!(back.id(), ben.id());
    assert_eq!(reset(&second, "yet another one").await.code(), "gone");
    assert_eq!(socket.closed().await.code, Some(4012));
    assert_eq!(ben.get("/me").await.code(), "unauthenticated");
    assert_eq!(sign_in(&world, email_of(&ben), PASSWORD).await.code(), "unauthenticated");
    sign_in(&world, email_of(&ben), NEW).await.ok();

    let third = token_of(&ana.post(&path, json!({})).await.ok());
    let aged = "update password_links set expires_at = now() - interval '1 second'";
    database::superuser(&world.database).await.batch_execute(aged).await.unwrap();
    assert_eq!(reset(&third, NEW).await.code(), "gone");
    world.stop().await;
}

#[tokio::test]
async fn a_password_link_is_for_colleagues_that_this_team_alone_answers_for() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let adam = ana.colleague(&world, "Adam", "admin").await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let path = |member: &Agent| format!("/members/{}/password-link", member.id());
    for (who, whom, code) in [
        (&ana, &ana, "refused"),
        (&adam, &ana, "forbidden"),
        (&ben, &adam, "forbidden"),
        (&zoe, &ben, "not_found"),
    ] {
        assert_eq!(who.post(&path(whom), json!({})).await.code(), code);
    }
    adam.post(&path(&ben), json!({})).await.ok();

    // Zoe joins with a login that her own workspace trusts: this team cannot take it over.
    let made = ana.post("/invitations", json!({"email": email_of(&zoe), "role": "agent"})).await;
    let accept = json!({"token": token_of(&made.ok()), "name": "Zoe", "password": PASSWORD});
    let joined = Agent::of(&world, post(&world, "/invitations/accept", accept).await);
    assert_eq!(ana.post(&path(&joined), json!({})).await.code(), "refused");
    world.stop().await;
}
