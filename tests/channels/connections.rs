//! People for whose own accounts a bot answers: what they allow is known before anything is sent.

use serde_json::{Value, json};
use switchboard_sandbox::world::preset;

use crate::support::accounts::{Connected, NOWHERE};
use crate::support::people::send;
use crate::support::socket::reply;
use crate::support::stage::{Stage, until};
use crate::support::{Agent, World};

/// The connection of Mira, who lets the bot answer for her.
const MIRA: &str = "BkSandbox1";
const CONTROL: &str = "/control/telegram/connection";

struct Scene {
    stage: Stage,
    account: String,
    phone: String,
    conversation: String,
}

impl Scene {
    async fn set() -> Scene {
        let stage = Stage::set().await;
        let account = stage.connect("telegram").await["id"].as_str().unwrap().to_owned();
        let mira = json!({"connection": MIRA, "bot": preset::BOT, "owner": 520_000_001,
                          "owner_name": "Mira Clay"});
        stage.command(CONTROL, mira).await;
        let nerea = json!({"platform": "telegram", "account": MIRA, "name": "Nerea Ruiz"});
        let nerea = stage.command("/phones/api/people", nerea).await;
        let phone = nerea["id"].as_str().unwrap().to_owned();
        let conversation = stage.conversation(&phone, "Hi Mira").await;
        Scene { stage, account, phone, conversation }
    }

    /// Mira changes what the bot may do for her.
    async fn mira(&self, mut change: Value) {
        change["connection"] = json!(MIRA);
        self.stage.command(CONTROL, change).await;
    }

    async fn connection(&self) -> Value {
        self.stage.account(&self.account).await["connections"][0].clone()
    }

    /// Waits until the team sees this of the connection.
    async fn seen(&self, access: &str) {
        until(access, async || (self.connection().await["access"] == access).then_some(())).await;
    }

    async fn post(&self, text: &str) -> crate::support::people::Answer {
        let path = format!("/conversations/{}/messages", self.conversation);
        self.stage.ana.post(&path, json!({"text": text})).await
    }

    async fn arrives(&self, text: &str) {
        let message = self.post(text).await.ok();
        self.stage.reached(&self.conversation, &message, &["sent"]).await;
    }
}

#[tokio::test]
async fn who_switches_the_bot_off_is_not_answered_for_until_it_is_on_again() {
    let scene = Scene::set().await;
    let path = format!("/conversations/{}", scene.conversation);
    let shown = scene.stage.ana.get(&path).await.ok();
    assert_eq!(shown["conversation"]["connection"], MIRA);
    scene.seen("open").await;
    let connection = scene.connection().await;
    assert_eq!((&connection["id"], &connection["name"]), (&json!(MIRA), &json!("Mira Clay")));
    let all = json!(["reply", "read", "delete_sent", "delete_all"]);
    assert_eq!(connection["rights"], all);
    scene.arrives("one").await;

    let mut socket = scene.stage.ana.connect(&scene.stage.world).await;
    for (change, access, words) in [
        (json!({"enabled": false}), "switched_off", "switched off"),
        (json!({"enabled": true, "can_reply": false}), "no_reply", "may not answer"),
    ] {
        scene.mira(change).await;
        // Whoever has the conversation on screen hears of it.
        let told = |event: &Value| event["account"]["connections"][0]["access"] == access;
        socket.event(told).await;
        let refused = socket.ask(reply(&scene.conversation, "public", "now?")).await;
        assert_eq!((&refused["type"], &refused["code"]), (&json!("no"), &json!("refused")));
        assert!(refused["message"].as_str().unwrap().contains(words), "{refused}");
        assert_eq!(scene.post("now?").await.code(), "refused");
        socket.done(reply(&scene.conversation, "note", access)).await;
    }

    scene.mira(json!({"can_reply": true})).await;
    socket.event(|event| event["account"]["connections"][0]["access"] == "open").await;
    scene.arrives("two").await;
    assert_eq!(scene.stage.heard(&scene.phone).await, ["one", "two"]);
    scene.stage.stop().await;
}

#[tokio::test]
async fn what_waits_when_the_bot_is_switched_off_fails_with_words() {
    let scene = Scene::set().await;
    scene.seen("open").await;
    let busy = json!({"platform": "telegram", "kind": "429", "times": 1, "seconds": 5,
                      "method": "sendMessage"});
    scene.stage.fault(busy).await;
    let message = scene.post("too late").await.ok();
    scene.mira(json!({"enabled": false})).await;
    scene.seen("switched_off").await;
    let failed = scene.stage.reached(&scene.conversation, &message, &["failed"]).await;
    assert_eq!(failed["delivery"]["failure"]["code"], "permission", "{failed}");
    let again = format!(
        "/conversations/{}/messages/{}/resend",
        scene.conversation,
        message["id"].as_str().unwrap()
    );
    assert_eq!(scene.stage.ana.post(&again, json!({})).await.code(), "refused");

    scene.stage.all_well_again().await;
    scene.mira(json!({"enabled": true})).await;
    scene.seen("open").await;
    scene.stage.ana.post(&again, json!({})).await.ok();
    scene.stage.reached(&scene.conversation, &message, &["sent"]).await;
    assert_eq!(scene.stage.heard(&scene.phone).await, ["too late"]);
    scene.stage.stop().await;
}

#[tokio::test]
async fn what_was_told_and_lost_is_found_out() {
    let scene = Scene::set().await;
    scene.seen("open").await;
    // By the platform's refusal.
    scene.mira(json!({"enabled": false, "told": false})).await;
    let message = scene.post("hello?").await.ok();
    let failed = scene.stage.reached(&scene.conversation, &message, &["failed"]).await;
    assert_eq!(failed["delivery"]["failure"]["code"], "permission", "{failed}");
    scene.seen("switched_off").await;

    // By looking.
    scene.mira(json!({"enabled": true, "told": false})).await;
    let check = format!("/channels/accounts/{}/check", scene.account);
    let account = scene.stage.ana.post(&check, json!({})).await.ok();
    assert_eq!(account["connections"][0]["access"], "open", "{account}");
    scene.arrives("there you are").await;

    // Also that it is not there any more.
    let url = format!("{}{CONTROL}", scene.stage.sandbox.url());
    let http = &scene.stage.world.http;
    send(http.delete(url).json(&json!({"connection": MIRA}))).await.ok();
    let account = scene.stage.ana.post(&check, json!({})).await.ok();
    assert_eq!(account["connections"][0]["access"], "switched_off", "{account}");
    assert_eq!(scene.post("gone?").await.code(), "refused");
    scene.stage.stop().await;
}

/// What Telegram tells of Sofia's connection.
fn told(update: i64, date: i64, enabled: bool, rights: Value) -> Value {
    json!({"update_id": update, "business_connection": {
        "id": "BkSofia", "user": {"id": 4900, "is_bot": false, "first_name": "Sofia"},
        "user_chat_id": 4900, "date": date, "is_enabled": enabled, "rights": rights}})
}

#[tokio::test]
async fn every_order_and_repetition_of_what_is_told_ends_the_same_for_its_workspace_alone() {
    let updates = [
        told(1, 1_795_176_000, true, json!({"can_reply": true})),
        told(2, 1_795_176_000, true, json!({"can_read_messages": true})),
        told(3, 1_795_176_000, false, json!({})),
        // Connected anew: the numbers begin anew after a quiet week.
        told(1, 1_795_999_000, true, json!({"can_reply": true, "can_delete_all_messages": true})),
    ];
    let world = World::with(NOWHERE).await;
    let other = Agent::sign_up(&world, "Ben").await;
    Connected::telegram_called(&world, &other, "7700119999").await;
    let mut endings: Vec<Value> = Vec::new();
    for turn in 0..8usize {
        let ana = Agent::sign_up(&world, "Ana").await;
        let bot = Connected::telegram_called(&world, &ana, &format!("77001199{turn}0")).await;
        let mut order: Vec<usize> = (0..updates.len()).collect();
        order.rotate_left(turn % updates.len());
        if turn % 2 == 1 {
            order.reverse();
        }
        for at in order.iter().chain(&order) {
            assert_eq!(bot.tell(&updates[*at]).await.status, 200);
        }
        let channels = ana.get("/channels").await.ok();
        endings.push(channels["accounts"][0]["connections"].clone());
    }
    assert_eq!(endings[0][0]["access"], "open", "{endings:?}");
    assert_eq!(endings[0][0]["rights"], json!(["reply", "delete_all"]));
    assert_eq!(endings[0].as_array().unwrap().len(), 1);
    assert!(endings.iter().all(|ending| *ending == endings[0]), "{endings:?}");
    let channels = other.get("/channels").await.ok();
    assert_eq!(channels["accounts"][0]["connections"], Value::Null, "{channels}");
    world.stop().await;
}
