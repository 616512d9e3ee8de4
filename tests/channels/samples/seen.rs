//! What an agent sees over REST, in words.

use std::collections::HashSet;
use std::fmt::Write as _;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use crate::support::Agent;
use crate::support::accounts::now;
use crate::support::behind::workspace;

/// Everything, or that there is nothing.
pub async fn all(agent: &Agent, database: &tokio_postgres::Client) -> String {
    let mut words = accounts(agent).await;
    let letters = agent.get("/channels/dead-letters").await.ok();
    for letter in letters["letters"].as_array().unwrap() {
        let _ = writeln!(words, "could not be read: {}", text(&letter["why"]));
    }
    let page = agent.get("/conversations?limit=100").await.ok();
    let (mut people, mut told) = (HashSet::new(), Vec::new());
    for conversation in page["items"].as_array().unwrap() {
        people.insert(text(&conversation["contact"]).to_owned());
        told.push(conversation_in_words(agent, conversation).await);
    }
    told.sort();
    words.push_str(&told.concat());
    let sql = "select count(*) from contacts where workspace_id = $1";
    let stored = database.query_one(sql, &[&Uuid::from(workspace(agent))]).await.unwrap();
    let strangers = stored.get::<_, i64>(0) - people.len() as i64;
    if strangers != 0 {
        let _ = writeln!(words, "{strangers} people without a conversation");
    }
    if words.is_empty() {
        words.push_str("nothing\n");
    }
    words
}

/// The accounts that are not simply well.
pub async fn accounts(agent: &Agent) -> String {
    let mut words = String::new();
    let channels = agent.get("/channels").await.ok();
    for account in channels["accounts"].as_array().unwrap() {
        for connection in account["connections"].as_array().into_iter().flatten() {
            let _ = writeln!(
                words,
                "the account answers for {} {}: {}, may {}",
                connection["name"],
                text(&connection["handle"]),
                text(&connection["access"]),
                connection["rights"]
            );
        }
        let problems = account["problems"].as_array().unwrap();
        let status = text(&account["status"]);
        let news = account["facts"].as_array().unwrap();
        let news = news.iter().find(|fact| fact["name"] == "Last news");
        if status == "active"
            && problems.is_empty()
            && news.is_none()
            && account["history"].is_null()
        {
            continue;
        }
        let _ = write!(words, "the account is {status}");
        for problem in problems {
            let _ = write!(words, "; {}: {}", text(&problem["kind"]), text(&problem["words"]));
        }
        if let Some(news) = news {
            let _ = write!(words, "; news: {}", text(&news["value"]));
        }
        if !account["history"].is_null() {
            let _ = write!(words, "; history {}", account["history"]);
        }
        words.push('\n');
    }
    words
}

async fn conversation_in_words(agent: &Agent, row: &Value) -> String {
    let path = format!("/conversations/{}", text(&row["id"]));
    let contact = agent.get(&path).await.ok()["contact"].clone();
    let mut words = text(&row["channel"]).to_owned();
    if row["comments"] == true {
        words.push_str(" comments");
    }
    let _ = match contact["named"] == true {
        true => write!(words, " with {}", contact["name"]),
        false => write!(words, " with someone unnamed"),
    };
    for handle in contact["handles"].as_array().unwrap() {
        let _ = write!(words, ", {} {}", text(&handle["channel"]), text(&handle["name"]));
    }
    for (name, field) in [("phone", "phone"), ("speaks", "locale"), ("email", "email")] {
        if let Some(value) = contact[field].as_str() {
            let _ = write!(words, ", {name} {value}");
        }
    }
    let _ = write!(words, ": {}, {} unread", text(&row["status"]["state"]), row["unread"]);
    if !row["window"].is_null() {
        let _ = write!(words, ", {}", window(&row["window"]));
    }
    for (name, field) in [("delivered", "peer_delivered_at"), ("read", "peer_read_at")] {
        if row[field].is_string() {
            let _ = write!(words, ", {name} up to {}", when(&row[field]));
        }
    }
    words.push('\n');
    let messages = agent.get(&format!("{path}/messages?limit=100")).await.ok();
    for message in messages["items"].as_array().unwrap() {
        words.push_str(&message_in_words(message));
    }
    words
}

fn window(window: &Value) -> String {
    let mut words = "may write".to_owned();
    match window.as_object() {
        Some(members) => {
            for (name, value) in members {
                let value = match value.as_str() {
                    Some(text) if text.parse::<Timestamp>().is_ok() => when(value),
                    _ => value.to_string(),
                };
                let _ = write!(words, " {name} {value}");
            }
        }
        None => {
            let _ = write!(words, " {window}");
        }
    }
    words
}

fn message_in_words(message: &Value) -> String {
    let mut words = "  ".to_owned();
    if !message["activity"].is_null() {
        let _ = write!(words, "line {}", message["activity"]);
    } else {
        let _ = write!(words, "{}", author(&message["author"]));
    }
    if message["sent_at"].is_string() {
        let _ = write!(words, " at {}", when(&message["sent_at"]));
    }
    if !text(&message["text"]).is_empty() {
        let _ = write!(words, ": {}", message["text"]);
    }
    for (name, field) in [("edited", "edited_at"), ("deleted", "deleted_at")] {
        if message[field].is_string() {
            let _ = write!(words, " ({name})");
        }
    }
    if !message["delivery"].is_null() {
        let _ = write!(words, " [{}]", delivery(&message["delivery"]));
    }
    words.push('\n');
    if !message["reply_to"].is_null() {
        let quote = &message["reply_to"];
        let _ = writeln!(words, "    answers {}: {}", author(&quote["author"]), quote["excerpt"]);
    }
    for file in message["attachments"].as_array().unwrap() {
        let voice = if file["voice"] == true { " (voice)" } else { "" };
        let _ = writeln!(
            words,
            "    {} {} {}{voice}, {}",
            text(&file["kind"]),
            file["name"],
            text(&file["mime"]),
            text(&file["state"])
        );
    }
    if !message["extra"].is_null() {
        let _ = writeln!(words, "    {}", message["extra"]);
    }
    for reaction in message["reactions"].as_array().unwrap() {
        let by: Vec<&str> = reaction["by"].as_array().unwrap().iter().map(author).collect();
        let _ = writeln!(words, "    {} by {}", text(&reaction["emoji"]), by.join(", "));
    }
    words
}

fn delivery(delivery: &Value) -> String {
    let mut words = text(&delivery["state"]).to_owned();
    if !delivery["failure"].is_null() {
        let failure = &delivery["failure"];
        let _ = write!(words, ": {} ({})", text(&failure["code"]), text(&failure["detail"]));
    }
    words
}

fn author(author: &Value) -> &str {
    match text(&author["kind"]) {
        "visitor" => "they",
        "elsewhere" => "we, elsewhere",
        "agent" | "member" => "we",
        other => other,
    }
}

/// A time of the sample, or how it relates to the arrival.
fn when(value: &Value) -> String {
    let at: Timestamp = text(value).parse().unwrap();
    let since = at.duration_since(now());
    let near = |hours: i64| {
        let distance = since - SignedDuration::from_hours(hours);
        distance.abs() < SignedDuration::from_mins(5)
    };
    match () {
        () if near(0) => "arrival".to_owned(),
        () if near(24) => "a day after arrival".to_owned(),
        () if near(24 * 7) => "a week after arrival".to_owned(),
        () => at.to_string(),
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
