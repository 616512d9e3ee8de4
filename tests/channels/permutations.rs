//! The same things told in other orders, and twice, lead to the same conversation.

use serde_json::{Value, json};

use crate::support::accounts::{Connected, NOWHERE, seconds_ago, telegram};
use crate::support::{Agent, World};

/// What is left of a conversation when order of arrival is put aside.
async fn essence(agent: &Agent) -> Value {
    let page = agent.get("/conversations").await.ok();
    let conversation = &page["items"][0];
    let path = format!("/conversations/{}/messages", conversation["id"].as_str().unwrap());
    let all = agent.get(&path).await.ok();
    let mut messages: Vec<Value> = all["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| {
            let reactions: Vec<_> =
                m["reactions"].as_array().unwrap().iter().map(|r| r["emoji"].clone()).collect();
            json!([m["sent_at"], m["text"], m["deleted_at"].is_string(), reactions])
        })
        .collect();
    messages.sort_by_key(Value::to_string);
    json!([
        messages,
        conversation["unread"],
        conversation["last_n"],
        page["items"].as_array().unwrap().len()
    ])
}

#[tokio::test]
async fn every_order_of_the_same_updates_ends_the_same() {
    let sent = seconds_ago(100);
    let reaction = |update: i64, at: i64, emoji: &str| {
        json!({"update_id": update, "message_reaction": {
            "chat": {"id": 5551, "type": "private", "first_name": "Nerea"}, "message_id": 9,
            "user": {"id": 5551, "is_bot": false, "first_name": "Nerea"}, "date": sent + at,
            "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": emoji}]}})
    };
    let updates = [
        telegram(1, "message", 9, (sent, None), "one"),
        telegram(2, "edited_message", 9, (sent, Some(sent + 5)), "two"),
        telegram(3, "edited_message", 9, (sent, Some(sent + 9)), "three"),
        reaction(4, 6, "👍"),
        reaction(5, 8, "🔥"),
        telegram(6, "message", 10, (sent + 20, None), "next"),
    ];
    let world = World::with(NOWHERE).await;
    let mut endings: Vec<Value> = Vec::new();
    for turn in 0..8usize {
        let ana = Agent::sign_up(&world, "Ana").await;
        let bot = Connected::telegram_called(&world, &ana, &format!("77001122{turn}")).await;
        let mut order: Vec<usize> = (0..updates.len()).collect();
        // Another order each time: the message last, backwards, turned.
        order.rotate_left(turn % updates.len());
        if turn % 2 == 1 {
            order.reverse();
        }
        for at in order.iter().chain(&order) {
            assert_eq!(bot.tell(&updates[*at]).await.status, 200);
        }
        endings.push(essence(&ana).await);
    }
    assert_eq!(endings[0][0][0][1], "three", "{endings:?}");
    for ending in &endings {
        assert_eq!(*ending, endings[0]);
    }
    world.stop().await;
}
