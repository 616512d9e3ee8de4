//! Who gets a file, and what of it lies on the disk.

use std::path::Path;

use reqwest::Method;
use serde_json::json;

use super::{fetch, fetch_problem, shop, with_file};
use crate::support::people::upload;
use crate::support::socket::{reply, say};
use crate::support::{Agent, Visitor, database};

fn path(attachment: &serde_json::Value) -> String {
    format!("/attachments/{}", attachment["id"].as_str().unwrap())
}

/// The bytes of every file below a folder.
pub fn files_in(folder: &Path) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        match entry.is_dir() {
            true => found.extend(files_in(&entry)),
            false => found.push(std::fs::read(entry).unwrap()),
        }
    }
    found
}

#[tokio::test]
async fn a_visitor_neither_fetches_nor_sends_what_is_not_theirs() {
    let (world, ana, visitor) = shop().await;
    let stranger = Visitor::boot(&world, &ana.widget_key().await).await;
    let zoe = Agent::sign_up(&world, "Zoe").await;
    let foreign = Visitor::boot(&world, &zoe.widget_key().await).await;
    let file = visitor.upload("passport.txt", b"mine".to_vec()).await.ok();

    let mut socket = visitor.connect(&world).await;
    let mut of_stranger = stranger.connect(&world).await;
    let mut of_foreign = foreign.connect(&world).await;
    socket.done(say("Hello")).await;
    for (who, whose) in [(&mut of_stranger, &stranger), (&mut of_foreign, &foreign)] {
        assert_eq!(whose.get(&path(&file)).await.code(), "not_found");
        assert_eq!(who.ask(with_file(&file)).await["code"], "not_found");
    }
    assert_eq!(zoe.get(&path(&file)).await.code(), "not_found");
    // Nor does an agent send a visitor's file as their own.
    let messages = format!("/conversations/{}/messages", visitor.conversation());
    let stolen = json!({"text": "", "attachments": [file["id"]]});
    assert_eq!(ana.post(&messages, stolen).await.code(), "not_found");

    socket.done(with_file(&file)).await;
    visitor.get(&path(&file)).await.ok();
    ana.get(&path(&file)).await.ok();
    assert_eq!(stranger.get(&path(&file)).await.code(), "not_found");
    assert_eq!(socket.ask(with_file(&file)).await["code"], "not_found", "it is sent already");

    let form = ana.request(Method::POST, "/attachments");
    let secret = upload(form, "secret.txt", b"for the team".to_vec()).await.ok();
    assert_eq!(visitor.get(&path(&secret)).await.code(), "not_found");
    let mut note = reply(&visitor.conversation(), "note", "look");
    note["attachments"] = json!([secret["id"]]);
    ana.connect(&world).await.done(note).await;
    assert_eq!(visitor.get(&path(&secret)).await.code(), "not_found", "a note's file");
    world.stop().await;
}

#[tokio::test]
async fn two_messages_that_want_one_file_at_once_do_not_both_get_it() {
    let (world, ana, visitor) = shop().await;
    let node = world.beside().await;
    let mut one = visitor.connect(&world).await;
    let mut two = visitor.connect(&node).await;
    one.done(say("Hello")).await;
    let file = visitor.upload("once.txt", b"once".to_vec()).await.ok();
    let (first, second) = tokio::join!(one.ask(with_file(&file)), two.ask(with_file(&file)));
    let done = [&first, &second].iter().filter(|answer| answer["type"] == "ok").count();
    assert_eq!(done, 1, "{first} {second}");
    let path = format!("/conversations/{}/messages", visitor.conversation());
    let messages = ana.get(&path).await.ok();
    let carrying = messages["items"].as_array().unwrap().iter();
    assert_eq!(carrying.filter(|m| m["attachments"] != json!([])).count(), 1);
    node.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn the_file_of_a_deleted_message_is_gone_by_every_way() {
    let (world, ana, visitor) = shop().await;
    let mut socket = visitor.connect(&world).await;
    let file = visitor.upload("regret.png", super::png(900, 900)).await.ok();
    let sent = socket.done(with_file(&file)).await;
    let seen = visitor.get(&path(&file)).await.ok();
    fetch(&world, &seen["url"]).await.error_for_status().unwrap();

    socket.done(json!({"type": "delete", "message": sent["message"]})).await;
    for url in [&file["url"], &file["thumbnail_url"], &seen["url"]] {
        assert_eq!(fetch_problem(&world, url.as_str().unwrap()).await.code(), "not_found");
    }
    assert_eq!(visitor.get(&path(&file)).await.code(), "not_found");
    assert_eq!(ana.get(&path(&file)).await.code(), "not_found");
    let messages = format!("/conversations/{}/messages", visitor.conversation());
    assert_eq!(ana.get(&messages).await.ok()["items"][0]["attachments"], json!([]));
    assert_eq!(socket.ask(with_file(&file)).await["code"], "not_found");
    world.stop().await;
}

#[tokio::test]
async fn neither_the_disk_nor_the_database_holds_a_readable_byte() {
    const WORD: &str = "quarterly-figures-4711";
    let (world, _, visitor) = shop().await;
    let text = format!("{WORD} ").repeat(10_000);
    let name = format!("{WORD}.txt");
    let file = visitor.upload(&name, text.clone().into_bytes()).await.ok();
    let picture = super::png(900, 900);
    visitor.upload("picture.png", picture.clone()).await.ok();
    visitor.connect(&world).await.done(with_file(&file)).await;

    let kept = files_in(world.data());
    assert!(kept.len() >= 3, "a text, a picture and its thumbnail: {}", kept.len());
    assert!(kept.iter().map(Vec::len).sum::<usize>() > text.len() + picture.len());
    let holds = |bytes: &[u8], what: &[u8]| bytes.windows(what.len()).any(|part| part == what);
    for bytes in &kept {
        assert!(!holds(bytes, WORD.as_bytes()));
        assert!(!holds(bytes, b"\x89PNG") && !holds(bytes, b"JFIF"));
    }
    let database = database::superuser(&world.database).await;
    let dump = "select string_agg(a::text, ' ') from attachments a";
    let dump: String = database.query_one(dump, &[]).await.unwrap().get(0);
    let hex: String = WORD.bytes().map(|byte| format!("{byte:02x}")).collect();
    assert!(!dump.contains(WORD) && !dump.contains(&hex), "{dump}");
    world.stop().await;
}
