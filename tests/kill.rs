//! The server is killed at random moments under traffic: every acknowledged message is there
//! once, in order, and nobody sees a hole.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_store::seal::MasterKeys;
use tokio::sync::Mutex;

use crate::support::process::{Process, free_port};
use crate::support::{Socket, World, database};

const WRITERS: usize = 6;
const KILLS: usize = 8;

/// Talks to whichever server answers at an address, again and again.
async fn reconnect(address: std::net::SocketAddr, path: &str, headers: &[(&str, &str)]) -> Socket {
    loop {
        match Socket::try_dial(address, path, headers).await {
            Ok(socket) => return socket,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

/// Writes numbered messages, each sent again until it is acknowledged. What was acknowledged.
async fn write(
    address: std::net::SocketAddr,
    token: String,
    writer: usize,
    done: Arc<AtomicBool>,
) -> Vec<(u64, String)> {
    let mut acknowledged = Vec::new();
    let mut number = 0;
    'connection: while !done.load(Ordering::SeqCst) {
        let mut socket = reconnect(address, "/ws/visitor", &[]).await;
        socket.send_text(&json!({"type": "hello", "token": token}).to_string()).await;
        loop {
            let text = format!("w{writer} m{number}");
            let post = json!({"type": "post", "id": 1, "ref": text, "text": text});
            if done.load(Ordering::SeqCst) {
                break 'connection;
            }
            if socket
                .send_message(tokio_tungstenite::tungstenite::Message::text(post.to_string()))
                .await
                .is_err()
            {
                continue 'connection;
            }
            loop {
                let Ok(frame) = socket.receive().await else { continue 'connection };
                if frame["type"] == "ok" {
                    acknowledged.push((frame["n"].as_u64().unwrap(), text));
                    number += 1;
                    break;
                }
                if frame["type"] == "no" {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    break;
                }
            }
        }
    }
    acknowledged
}

/// Reads everything as an agent that resumes after each kill; every event once, by position.
async fn read(
    address: std::net::SocketAddr,
    headers: Vec<(String, String)>,
    seen: Arc<Mutex<BTreeMap<u64, Value>>>,
    until: Arc<Mutex<Option<u64>>>,
) {
    let headers: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut position: Option<(String, u64)> = None;
    loop {
        let mut socket = reconnect(address, "/ws/agent", &headers).await;
        let hello = match &position {
            None => json!({"type": "hello"}),
            Some((epoch, after)) => json!({"type": "hello", "epoch": epoch, "after": after}),
        };
        socket.send_text(&hello.to_string()).await;
        while let Ok(frame) = socket.receive().await {
            match frame["type"].as_str().unwrap() {
                "welcome" => {
                    let epoch = frame["epoch"].as_str().unwrap().to_owned();
                    assert_eq!(frame["snapshot"], position.is_none(), "a resume is a resume");
                    position.get_or_insert((epoch, 0));
                }
                "snapshot" => position.as_mut().unwrap().1 = frame["seq"].as_u64().unwrap(),
                "event" => {
                    let seq = frame["seq"].as_u64().unwrap();
                    let (_, after) = position.as_mut().unwrap();
                    assert_eq!(seq, *after + 1, "a hole or a double");
                    *after = seq;
                    seen.lock().await.insert(seq, frame);
                }
                _ => {}
            }
            let after = position.as_ref().map_or(0, |(_, after)| *after);
            if until.lock().await.is_some_and(|until| after >= until) {
                return;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_killed_again_and_again_loses_doubles_and_disorders_nothing() {
    let (url, keys) = (database::fresh().await, MasterKeys::generate());
    let data = tempfile::tempdir().unwrap();
    let port = free_port();
    let mut server = Process::serve(&url, &keys, data.path(), port).await;
    let world = World::at(server.address, url.clone(), keys.clone());
    let ana = crate::support::Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;

    let done = Arc::new(AtomicBool::new(false));
    let (seen, until) = (Arc::default(), Arc::new(Mutex::new(None)));
    let headers =
        vec![("cookie".to_owned(), ana.cookie.clone()), ("origin".to_owned(), world.url(""))];
    let reader = tokio::spawn(read(world.address, headers, Arc::clone(&seen), until.clone()));
    let mut writers = Vec::new();
    for writer in 0..WRITERS {
        let visitor = crate::support::Visitor::boot(&world, &key).await;
        let writing = write(world.address, visitor.token.clone(), writer, done.clone());
        writers.push((visitor, tokio::spawn(writing)));
    }
    for kill in 0..KILLS {
        // Moments that have nothing to do with what the server is doing.
        tokio::time::sleep(Duration::from_millis(150 + 97 * (kill as u64 * 7 % 5))).await;
        server.kill();
        server = Process::serve(&url, &keys, data.path(), port).await;
    }
    tokio::time::sleep(Duration::from_millis(300)).await;
    done.store(true, Ordering::SeqCst);

    let mut total = 0;
    for (visitor, writing) in writers {
        let acknowledged = writing.await.unwrap();
        total += acknowledged.len();
        let stored = all_messages(&visitor).await;
        let by_number: HashMap<u64, &str> =
            stored.iter().map(|(n, text)| (*n, text.as_str())).collect();
        for (n, text) in &acknowledged {
            assert_eq!(by_number.get(n), Some(&text.as_str()), "acknowledged as number {n}");
        }
        let numbers: Vec<u64> = stored.iter().map(|(n, _)| *n).collect();
        assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
        let order: Vec<usize> = stored
            .iter()
            .map(|(_, text)| text.split_once(" m").unwrap().1.parse().unwrap())
            .collect();
        assert_eq!(order, (0..order.len()).collect::<Vec<_>>(), "once, and in order");
    }
    assert!(total > KILLS * WRITERS, "there was traffic: {total}");

    let position = ana.get("/events?after=0&limit=1").await.ok();
    assert!(position["events"].is_array());
    let mut last = 0;
    loop {
        let page = ana.get(&format!("/events?after={last}&limit=500")).await.ok();
        let events = page["events"].as_array().unwrap();
        let Some(newest) = events.last() else { break };
        last = newest["seq"].as_u64().unwrap();
    }
    *until.lock().await = Some(last);
    tokio::time::timeout(Duration::from_secs(20), reader)
        .await
        .expect("the reader catches up")
        .unwrap();
    let seen = seen.lock().await;
    let first = *seen.keys().next().unwrap();
    assert_eq!(seen.len() as u64, last - first + 1);
}

/// All of a visitor's messages, by pages.
async fn all_messages(visitor: &crate::support::Visitor) -> Vec<(u64, String)> {
    let mut messages = Vec::new();
    let mut before = String::new();
    loop {
        let page = visitor.get(&format!("/visitor/messages?limit=100{before}")).await.ok();
        let items = page["items"].as_array().unwrap().iter();
        let page_messages: Vec<(u64, String)> = items
            .map(|m| (m["n"].as_u64().unwrap(), m["text"].as_str().unwrap().to_owned()))
            .collect();
        messages.splice(0..0, page_messages);
        let Some(next) = page["next"].as_str() else { return messages };
        before = format!("&before={next}");
    }
}
