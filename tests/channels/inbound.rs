//! What platforms tell us: found, noted once, shown, and durable before it is acknowledged.

use serde_json::{Value, json};
use switchboard_domain::AccountKind;

use crate::support::accounts::{
    Connected, HOOK_SECRET, NOWHERE, Number, reaction, seconds_ago, telegram, text, whatsapp,
};
use crate::support::world::META;
use crate::support::{Agent, World, database};

async fn only_conversation(agent: &Agent) -> Value {
    let page = agent.get("/conversations").await.ok();
    let rows = page["items"].as_array().unwrap_or_else(|| panic!("{page}"));
    assert_eq!(rows.len(), 1, "{page}");
    rows[0].clone()
}

async fn messages(agent: &Agent, conversation: &Value) -> Vec<Value> {
    let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap());
    agent.get(&path).await.ok()["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_message_on_whatsapp_appears_once_however_often_it_is_told() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let mut socket = ana.connect(&world).await;
    let hook = whatsapp(&[text("wamid.1", 5, "Hola")], &[]);
    assert_eq!(account.tell(&hook).await.status, 200);
    let seen = socket.posted("Hola").await;
    assert_eq!(seen["conversation"]["channel"], "whatsapp");
    assert_eq!(seen["conversation"]["contact_name"], "Nerea");
    assert_eq!(seen["conversation"]["unread"], 1);
    assert_eq!(seen["conversation"]["account"], json!(account.id));
    assert!(seen["conversation"]["window"]["free_until"].is_string());
    for _ in 0..5 {
        assert_eq!(account.tell(&hook).await.status, 200);
    }
    let told = (0..8).map(|_| account.tell(&hook));
    for answer in futures_util::future::join_all(told).await {
        assert_eq!(answer.status, 200);
    }
    let conversation = only_conversation(&ana).await;
    assert_eq!(conversation["unread"], 1);
    let all = messages(&ana, &conversation).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["n"], 1);
    world.stop().await;
}

#[tokio::test]
async fn a_whole_batch_is_told_in_its_order_and_at_two_nodes_at_once() {
    let world = World::with(NOWHERE).await;
    let other = world.beside().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let there = account.at(&other);
    let batch: Vec<Value> =
        (0..100).map(|n| text(&format!("wamid.{n}"), 200 - n, &format!("line {n}"))).collect();
    let hook = whatsapp(&batch, &[]);
    let (one, two) = tokio::join!(account.tell(&hook), there.tell(&hook));
    assert_eq!((one.status, two.status), (200, 200));
    let conversation = only_conversation(&ana).await;
    assert_eq!(conversation["last_n"], 100);
    assert_eq!(conversation["unread"], 100);
    let newest = messages(&ana, &conversation).await;
    let lines: Vec<_> = newest.iter().map(|m| m["text"].as_str().unwrap().to_owned()).collect();
    let expected: Vec<_> = (100 - lines.len()..100).map(|n| format!("line {n}")).collect();
    assert_eq!(lines, expected);
    other.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn only_who_signs_is_heard_and_only_for_accounts_that_are_here() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let hook = whatsapp(&[text("wamid.1", 5, "Hola")], &[]).to_string().into_bytes();
    for signature in ["", "sha256=", "sha256=00", "sha1=00"] {
        assert_eq!(account.tell_as(hook.clone(), signature, "").await.status, 401, "{signature}");
    }
    let mut strange = whatsapp(&[text("wamid.2", 5, "Hola")], &[]);
    strange["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("1");
    assert_eq!(account.tell(&strange).await.status, 404);
    assert_eq!(account.tell_bytes(vec![b' '; 3 * 1024 * 1024 + 1]).await.status, 413);
    assert_eq!(account.tell_bytes(b"not json".to_vec()).await.status, 200);
    let bot = Connected::telegram(&world, &ana).await;
    let update = telegram(1, "message", 1, (seconds_ago(3), None), "hi");
    let bytes = update.to_string().into_bytes();
    for secret in ["", "a-secret-of-the-hoo", "other"] {
        assert_eq!(bot.tell_as(bytes.clone(), "", secret).await.status, 401, "{secret}");
    }
    assert_eq!(bot.tell_as(bytes, "", HOOK_SECRET).await.status, 200);
    assert_eq!(only_conversation(&ana).await["channel"], "telegram");
    world.stop().await;
}

#[tokio::test]
async fn meta_is_answered_when_it_looks_whether_the_address_is_ours() {
    let world = World::with(NOWHERE).await;
    let http = reqwest::Client::new();
    let ask = |token: String| {
        let url = world.url("/hooks/whatsapp");
        let query = [
            ("hub.mode", "subscribe".to_owned()),
            ("hub.verify_token", token),
            ("hub.challenge", "1158201444".to_owned()),
        ];
        http.get(url).query(&query).send()
    };
    let answer = ask(META[2].1.to_owned()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.text().await.unwrap(), "1158201444");
    assert_eq!(ask("another".to_owned()).await.unwrap().status(), 403);
    world.stop().await;
}

#[tokio::test]
async fn what_is_told_of_a_message_waits_for_it() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let first = whatsapp(&[text("wamid.0", 50, "Hola")], &[]);
    let early = whatsapp(&[reaction("wamid.3", 10, "wamid.1", "👍")], &[]);
    let late = whatsapp(&[reaction("wamid.2", 20, "wamid.1", "🔥")], &[]);
    let message = whatsapp(&[text("wamid.1", 30, "Which one?")], &[]);
    for hook in [&first, &early, &message, &late, &early] {
        assert_eq!(account.tell(hook).await.status, 200);
    }
    let conversation = only_conversation(&ana).await;
    let all = messages(&ana, &conversation).await;
    assert_eq!(all.len(), 2, "{all:?}");
    assert_eq!(all[1]["reactions"][0]["emoji"], "👍", "{all:?}");
    assert_eq!(all[1]["reactions"].as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn of_two_edits_the_later_one_holds_in_whatever_order_they_are_told() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let bot = Connected::telegram(&world, &ana).await;
    let sent = seconds_ago(60);
    let message = telegram(1, "message", 9, (sent, None), "first");
    let edit = |update, after, text| {
        telegram(update, "edited_message", 9, (sent, Some(sent + after)), text)
    };
    for update in [edit(3, 20, "third"), message.clone(), edit(2, 10, "second"), message] {
        assert_eq!(bot.tell(&update).await.status, 200);
    }
    let conversation = only_conversation(&ana).await;
    let all = messages(&ana, &conversation).await;
    assert_eq!(all.len(), 1, "{all:?}");
    assert_eq!(all[0]["text"], "third");
    assert!(all[0]["edited_at"].is_string());
    world.stop().await;
}

#[tokio::test]
async fn an_item_that_cannot_be_read_is_kept_and_its_neighbours_are_heard() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let hook = whatsapp(&[json!({"id": 7, "type": []}), text("wamid.1", 5, "Hola")], &[]);
    for _ in 0..2 {
        assert_eq!(account.tell(&hook).await.status, 200);
    }
    let conversation = only_conversation(&ana).await;
    assert_eq!(messages(&ana, &conversation).await.len(), 1);
    let database: tokio_postgres::Config = world.database.parse().unwrap();
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let row = client.query_one("select count(*) from dead_letters", &[]).await.unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
    world.stop().await;
}

#[tokio::test]
async fn what_names_nobody_is_kept_while_it_can_be_of_one_workspace_alone() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let first = Connected::whatsapp(&world, &ana).await;
    let letters = async |agent: &Agent| {
        let kept = agent.get("/channels/dead-letters").await.ok();
        kept["letters"].as_array().unwrap().len()
    };
    // Signed, and cut off on its way.
    for _ in 0..2 {
        assert_eq!(first.tell_bytes(b"{\"object\":\"whatsapp_bus".to_vec()).await.status, 200);
    }
    assert_eq!(letters(&ana).await, 1);

    // It may hold a customer of either, so neither sees it.
    let ben = Agent::sign_up(&world, "Ben").await;
    let number = Number {
        kind: AccountKind::WhatsappNumber,
        id: "598213347719999",
        other: None,
        below: None,
        handle: None,
        is_kept_from_us: false,
    };
    Connected::called(&world, &ben, &number).await;
    assert_eq!(first.tell_bytes(b"{\"object\":\"what".to_vec()).await.status, 200);
    assert_eq!((letters(&ana).await, letters(&ben).await), (1, 0));
    world.stop().await;
}

#[tokio::test]
async fn a_reply_leaves_while_the_window_is_open_and_is_refused_after() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let day = 24 * 3600;
    account.tell(&whatsapp(&[text("wamid.1", day + 60, "Hola")], &[])).await;
    let conversation = only_conversation(&ana).await;
    let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap());
    let refused = ana.post(&path, json!({"ref": "1", "kind": "public", "text": "hi"})).await;
    assert_eq!(refused.status, 422, "{refused:?}");
    let note = ana.post(&path, json!({"ref": "2", "kind": "note", "text": "a note"})).await;
    assert!(note.status < 300, "{note:?}");
    account.tell(&whatsapp(&[text("wamid.2", 60, "Still there?")], &[])).await;
    let mut socket = ana.connect(&world).await;
    let posted = ana.post(&path, json!({"ref": "1", "kind": "public", "text": "hi"})).await;
    assert!(posted.status < 300, "{posted:?}");
    let seen = socket.posted("hi").await;
    assert_eq!(seen["message"]["delivery"]["state"], "queued");
    // A receipt that names it by what we sent along proves that it was sent.
    let id = seen["message"]["id"].as_str().unwrap();
    let status = |state: &str, ago| {
        json!({"id": "wamid.ours", "status": state,
        "timestamp": seconds_ago(ago).to_string(), "recipient_id": "34655120987",
        "biz_opaque_callback_data": format!("{id}.0")})
    };
    account.tell(&whatsapp(&[], &[status("delivered", 1)])).await;
    account.tell(&whatsapp(&[], &[status("sent", 2)])).await;
    let all = messages(&ana, &conversation).await;
    let ours = all.iter().find(|m| m["id"] == json!(id)).unwrap();
    assert_eq!(ours["delivery"]["state"], "delivered", "{ours}");
    world.stop().await;
}

#[tokio::test]
async fn how_far_a_customer_has_read_waits_for_the_first_message() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let number = Number {
        kind: AccountKind::FacebookPage,
        id: "110",
        other: None,
        below: None,
        handle: None,
        is_kept_from_us: true,
    };
    let account = Connected::called(&world, &ana, &number).await;
    let (written, read) = (seconds_ago(60) * 1000, seconds_ago(30) * 1000);
    let item = |from: &str, to: &str, kind: &str, what: Value| json!({"sender": {"id": from}, "recipient": {"id": to}, "timestamp": written, kind: what});
    // The business wrote from its own inbox.
    let echo = |person: &str| {
        let what = json!({"mid": format!("m_{person}"), "is_echo": true, "text": "Hello"});
        item("110", person, "message", what)
    };
    let arrived =
        |person: &str| item(person, "110", "delivery", json!({"watermark": read - 10_000}));
    let seen = |person: &str| item(person, "110", "read", json!({"watermark": read}));
    let hook = |items: Vec<Value>| {
        let entry = json!({"id": "110", "time": 1, "messaging": items});
        json!({"object": "page", "entry": [entry]})
    };
    for hooks in [
        vec![vec![seen("501")], vec![arrived("501")], vec![echo("501")]],
        vec![vec![echo("502")], vec![arrived("502")], vec![seen("502")]],
        vec![vec![seen("503"), echo("503")], vec![arrived("503")]],
    ] {
        let hooks: Vec<Value> = hooks.into_iter().map(hook).collect();
        for hook in hooks.iter().chain(&hooks) {
            assert_eq!(account.tell(hook).await.status, 200);
        }
    }
    let page = ana.get("/conversations").await.ok();
    let rows = page["items"].as_array().unwrap();
    assert_eq!(rows.len(), 3, "{page}");
    for row in rows {
        assert_eq!(row["last_n"], 1, "{row}");
        for moment in ["peer_delivered_at", "peer_read_at"] {
            let at: jiff::Timestamp = row[moment].as_str().unwrap().parse().unwrap();
            assert_eq!(at.as_millisecond(), read, "{moment} {row}");
        }
    }
    let database = database::superuser(&world.database).await;
    let parked = database.query_one("select count(*) from parked", &[]).await.unwrap();
    assert_eq!(parked.get::<_, i64>(0), 0);
    world.stop().await;
}

#[tokio::test]
async fn a_comment_by_the_account_itself_is_nobodys_by_whichever_id_it_is_told() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let number = Number {
        kind: AccountKind::InstagramLogin,
        id: "17841400000000001",
        other: Some("24600000000000002"),
        below: None,
        handle: None,
        is_kept_from_us: false,
    };
    let account = Connected::called(&world, &ana, &number).await;
    let comment = |id: &str, by: &str| {
        json!({"object": "instagram", "entry": [{"id": "17841400000000001", "time": seconds_ago(5),
            "changes": [{"field": "comments", "value": {"id": id, "text": "Lovely",
                "from": {"id": by, "username": "someone"}, "media": {"id": "179"}}}]}]})
    };
    for (id, by) in [("1", "24600000000000002"), ("2", "17841400000000001"), ("3", "777")] {
        assert_eq!(account.tell(&comment(id, by)).await.status, 200);
    }
    let conversation = only_conversation(&ana).await;
    assert_eq!(messages(&ana, &conversation).await.len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn a_test_of_the_dashboard_is_well_received_and_nothing_comes_of_it() {
    let world = World::with(NOWHERE).await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let account = Connected::whatsapp(&world, &ana).await;
    let mut hook = whatsapp(&[text("wamid.1", 5, "this is a text message")], &[]);
    hook["entry"][0]["id"] = json!("0");
    hook["entry"][0]["changes"][0]["value"]["metadata"]["phone_number_id"] = json!("123456123");
    assert_eq!(account.tell(&hook).await.status, 200);
    assert_eq!(ana.get("/conversations").await.ok()["items"], json!([]));
    world.stop().await;
}
