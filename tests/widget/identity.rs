//! Visitors that the business vouches for.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{boot_from, contacts, knock, says, settings, shop};
use crate::support::socket::say;
use crate::support::{Agent, Visitor};

/// What the business's own server does, as the documentation says.
async fn sign(agent: &Agent, user_id: &str) -> String {
    let made = agent.post("/widget-settings/identity-secret", json!({})).await.ok();
    let secret = made["secret"].as_str().unwrap().as_bytes().to_vec();
    let mut mac = Hmac::<Sha256>::new_from_slice(&secret).unwrap();
    mac.update(user_id.as_bytes());
    mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}

async fn identity(agent: &Agent, user_id: &str) -> Value {
    let hash = sign(agent, user_id).await;
    json!({"user_id": user_id, "hash": hash, "name": "Maya Chen", "email": "maya@mail.example"})
}

#[tokio::test]
async fn a_signed_user_id_is_believed_and_no_other() {
    let (world, ana, key) = shop().await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let good = identity(&ana, "user-1").await;
    let (hash, of_other) = (good["hash"].as_str().unwrap(), sign(&ana, "user-2").await);
    let of_zoe = sign(&zoe, "user-1").await;
    for bad in ["", "zz", &hash[2..], &of_other, &of_zoe, &"0".repeat(64)] {
        let body = json!({"key": key, "identity": {"user_id": "user-1", "hash": bad}});
        assert_eq!(boot_from(&world, None, &body).await.code(), "forbidden", "{bad}");
    }
    for user_id in [String::new(), "x".repeat(201)] {
        let identity = json!({"user_id": user_id, "hash": sign(&ana, &user_id).await});
        let answer = boot_from(&world, None, &json!({"key": key, "identity": identity})).await;
        assert_eq!(answer.body["field"], "identity.user_id");
    }

    let visitor = Visitor::boot_with(&world, json!({"key": key, "identity": good})).await;
    says(&world, &visitor, "Hello").await;
    let contact = ana.get(&format!("/contacts/{}", visitor.id)).await.ok();
    assert_eq!(contact["user_id"], "user-1");
    assert_eq!((&contact["name"], &contact["named"]), (&json!("Maya Chen"), &json!(true)));
    assert_eq!(contact["email"], "maya@mail.example");
    world.stop().await;
}

#[tokio::test]
async fn a_stranger_who_signs_in_keeps_the_conversation_and_gets_a_name() {
    let (world, ana, key) = shop().await;
    let stranger = Visitor::boot(&world, &key).await;
    says(&world, &stranger, "Hello").await;
    let mut socket = ana.connect(&world).await;
    let identity = identity(&ana, "user-1").await;
    let body = json!({"key": key, "token": stranger.token, "identity": identity});
    let known = Visitor::boot_with(&world, body).await;
    assert_eq!(known.id, stranger.id);
    let told = socket.event(|e| e["event"] == "contact").await;
    assert_eq!(
        (&told["contact"]["id"], &told["contact"]["user_id"]),
        (&json!(stranger.id), &json!("user-1"))
    );
    says(&world, &known, "It's me").await;
    assert_eq!(contacts(&ana).await, [json!(stranger.id)]);

    // Somebody else at the same browser is somebody else.
    let other = self::identity(&ana, "user-2").await;
    let body = json!({"key": key, "token": known.token, "identity": other});
    let other = Visitor::boot_with(&world, body).await;
    assert_ne!(other.id, known.id);
    let thread = other.get("/visitor/conversation").await.ok();
    assert_eq!(thread["messages"], json!([]));
    world.stop().await;
}

#[tokio::test]
async fn one_person_on_two_devices_has_one_conversation() {
    let (world, ana, key) = shop().await;
    let identity = identity(&ana, "user-1").await;
    let body = json!({"key": key, "identity": identity});
    let phone = Visitor::boot_with(&world, body.clone()).await;
    says(&world, &phone, "from the phone").await;
    let laptop = Visitor::boot_with(&world, body).await;
    assert_eq!(laptop.id, phone.id);
    let mut socket = phone.connect(&world).await;
    says(&world, &laptop, "from the laptop").await;
    socket.posted("from the laptop").await;
    let thread = laptop.get("/visitor/conversation").await.ok();
    assert_eq!(thread["messages"].as_array().unwrap().len(), 2);
    assert_eq!(contacts(&ana).await, [json!(phone.id)]);
    world.stop().await;
}

#[tokio::test]
async fn two_devices_that_boot_before_either_has_written_still_become_one_person() {
    let (world, ana, key) = shop().await;
    let body = json!({"key": key, "identity": identity(&ana, "user-1").await});
    let phone = Visitor::boot_with(&world, body.clone()).await;
    let laptop = Visitor::boot_with(&world, body).await;
    let mut of_phone = phone.connect(&world).await;
    let mut of_laptop = laptop.connect(&world).await;
    of_phone.done(say("from the phone")).await;
    let post = say("from the laptop");
    let rest = json!({"ref": post["ref"], "text": post["text"]});
    assert_eq!(laptop.post("/visitor/messages", rest.clone()).await.code(), "unauthenticated");
    of_laptop.send(post).await;
    assert_eq!(of_laptop.closed().await.code, Some(4001), "its client boots again");

    // By its token alone: the page need not vouch a second time.
    let again = json!({"key": key, "token": laptop.token});
    let again = Visitor::boot_with(&world, again).await;
    assert_eq!(again.id, phone.id);
    again.post("/visitor/messages", rest).await.ok();
    of_phone.posted("from the laptop").await;
    assert_eq!(contacts(&ana).await, [json!(phone.id)]);
    world.stop().await;
}

#[tokio::test]
async fn a_workspace_may_talk_with_its_signed_in_users_only() {
    let (world, ana, key) = shop().await;
    let stranger = Visitor::boot(&world, &key).await;
    settings(&ana, json!({"require_identity": true})).await;
    assert_eq!(boot_from(&world, None, &json!({"key": key})).await.code(), "forbidden");
    assert_eq!(stranger.get("/visitor/conversation").await.code(), "forbidden");
    assert_eq!(knock(&world, None, &stranger.token).await, Some(4003));

    let body = json!({"key": key, "identity": identity(&ana, "user-1").await});
    let known = Visitor::boot_with(&world, body).await;
    says(&world, &known, "Hello").await;
    // The next page view brings the token and no identity; it is still the same person.
    let again = boot_from(&world, None, &json!({"key": key, "token": known.token})).await.ok();
    assert_eq!(again["visitor"], known.id.as_str());
    world.stop().await;
}
