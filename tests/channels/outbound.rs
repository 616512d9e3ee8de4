//! What the team says arrives at the platforms: once, in order, whatever they answer.

use serde_json::{Value, json};

use crate::support::socket::reply;
use crate::support::stage::{Stage, until};

const PHONES: [&str; 4] = ["whatsapp-ana", "messenger-ana", "instagram-ana", "telegram-ana"];

fn platform(phone: &str) -> &str {
    phone.split('-').next().unwrap()
}

#[tokio::test]
async fn every_account_is_connected_and_well() {
    let stage = Stage::set().await;
    for platform in ["whatsapp", "messenger", "instagram", "telegram"] {
        let account = stage.connect(platform).await;
        assert_eq!(account["status"], "active", "{account}");
        assert_eq!(account["problems"], json!([]), "{account}");
    }
    let accounts = stage.ana.get("/channels").await.ok();
    let whatsapp = accounts["accounts"].as_array().unwrap()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/channels/accounts/{whatsapp}/templates");
    let templates = stage.ana.get(&path).await.ok();
    assert_eq!(templates.as_array().unwrap().len(), 5, "{templates}");
    stage.stop().await;
}

#[tokio::test]
async fn answers_arrive_on_every_phone_once_and_in_order() {
    let stage = Stage::set().await;
    let mut socket = stage.ana.connect(&stage.world).await;
    for phone in PHONES {
        stage.connect(platform(phone)).await;
        let conversation = stage.conversation(phone, &format!("Hello from {phone}")).await;
        let texts: Vec<String> = (0..5).map(|n| format!("{phone} {n}")).collect();
        for text in &texts {
            socket.done(reply(&conversation, "public", text)).await;
        }
        until("all that was said", async || (stage.heard(phone).await == texts).then_some(()))
            .await;
        until("a word of each from the platform", async || {
            let told = stage.deliveries(&conversation).await;
            let arrived = |state: &str| ["sent", "delivered", "read"].contains(&state);
            (told.len() == 5 && told.iter().all(|(_, state)| arrived(state))).then_some(())
        })
        .await;
    }
    stage.stop().await;
}

/// Messages of Messenger and Instagram come without a name, which is asked for.
#[tokio::test]
async fn who_writes_gets_a_name_on_every_channel() {
    let stage = Stage::set().await;
    for phone in PHONES {
        stage.connect(platform(phone)).await;
        let conversation = stage.conversation(phone, "Who am I?").await;
        let path = format!("/conversations/{conversation}");
        let name = until("the name", async || {
            let seen = stage.ana.get(&path).await.ok();
            let named = seen["contact"]["named"] == true;
            let shown = seen["conversation"]["contact_name"] == seen["contact"]["name"];
            (named && shown).then(|| seen["contact"]["name"].as_str().unwrap().to_owned())
        });
        assert!(name.await.starts_with("Ana"), "{phone}");
    }
    stage.stop().await;
}

#[tokio::test]
async fn what_fails_for_a_while_arrives_later_and_once() {
    let stage = Stage::set().await;
    let mut socket = stage.ana.connect(&stage.world).await;
    stage.connect("telegram").await;
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    for kind in ["500", "429"] {
        let fault = json!({"platform": "telegram", "kind": kind, "times": 2, "seconds": 1,
                           "method": "sendMessage"});
        stage.fault(fault).await;
        socket.done(reply(&conversation, "public", kind)).await;
    }
    until("all that was said", async || {
        let heard = stage.heard("telegram-ana").await;
        (heard == ["500", "429"]).then_some(())
    })
    .await;
    stage.stop().await;
}

#[tokio::test]
async fn a_lost_answer_never_leads_to_a_second_message() {
    let stage = Stage::set().await;
    let mut socket = stage.ana.connect(&stage.world).await;
    stage.connect("telegram").await;
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    let fault = json!({"platform": "telegram", "kind": "timeout_after_accept", "times": 1,
                       "method": "sendMessage"});
    stage.fault(fault).await;
    socket.done(reply(&conversation, "public", "first")).await;
    socket.done(reply(&conversation, "public", "second")).await;
    until("both", async || {
        let heard = stage.heard("telegram-ana").await;
        (heard == ["first", "second"]).then_some(())
    })
    .await;
    let told = until("how far they came", async || {
        let told = stage.deliveries(&conversation).await;
        (told.len() == 2 && told[1].1 == "sent").then_some(told)
    })
    .await;
    // Telegram gives no receipts and no echoes: nobody can know.
    assert_eq!(told[0].1, "uncertain");
    stage.stop().await;
}

#[tokio::test]
async fn what_a_customer_sends_is_fetched_and_kept() {
    let stage = Stage::set().await;
    for phone in PHONES {
        stage.connect(platform(phone)).await;
        let text = format!("Look, from {phone}");
        let conversation = stage.conversation(phone, &text).await;
        let media = json!({"media": {"kind": "image", "sample": "image"}});
        stage.does(phone, "send", media).await;
        let path = format!("/conversations/{conversation}/messages");
        let file: Value = until("the picture", async || {
            let page = stage.ana.get(&path).await.ok();
            let files = page["items"]
                .as_array()?
                .iter()
                .flat_map(|message| message["attachments"].as_array().cloned().unwrap_or_default());
            files.into_iter().find(|file| file["state"] == "ready")
        })
        .await;
        assert_eq!(file["kind"], "image", "{phone}: {file}");
        let bytes = reqwest::get(file["url"].as_str().unwrap()).await.unwrap();
        assert!(bytes.status().is_success());
        assert_eq!(bytes.bytes().await.unwrap().len() as u64, file["size"].as_u64().unwrap());
    }
    stage.stop().await;
}

#[tokio::test]
async fn a_lost_token_holds_messages_back_until_the_account_is_connected_again() {
    let stage = Stage::set().await;
    let mut socket = stage.ana.connect(&stage.world).await;
    let account = stage.connect("telegram").await["id"].as_str().unwrap().to_owned();
    let conversation = stage.conversation("telegram-ana", "Anyone there?").await;
    stage.fault(json!({"platform": "telegram", "kind": "revoked_token"})).await;
    socket.done(reply(&conversation, "public", "held back")).await;
    until("the account's state", async || {
        let all = stage.ana.get("/channels").await.ok();
        let found = all["accounts"].as_array()?.iter().find(|one| one["id"] == *account)?.clone();
        (found["status"] == "reconnect").then_some(())
    })
    .await;
    assert_eq!(stage.deliveries(&conversation).await[0].1, "queued");
    stage.all_well_again().await;
    assert_eq!(stage.connect("telegram").await["id"], *account);
    until("what was held back", async || {
        (stage.heard("telegram-ana").await == ["held back"]).then_some(())
    })
    .await;
    stage.stop().await;
}
