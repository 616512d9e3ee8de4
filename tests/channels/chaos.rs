//! Platforms misbehave and the server is killed, both at random moments, while customers and the
//! team write to each other. Afterwards each message is where it belongs, once and in order, or is
//! shown as what may not have arrived.
//!
//! `SWITCHBOARD_CHAOS_SEEDS=20` plays twenty rounds, `SWITCHBOARD_CHAOS_SEED=7` that one again as far
//! as its decisions go: what the machine makes of them is its own chance.

mod server;
pub mod verdict;
pub mod weather;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use server::Server;
use verdict::{Case, Posted};

use crate::support::dice::Dice;
use crate::support::stage::Stage;

const PHONES: [&str; 8] = [
    "whatsapp-ana",
    "whatsapp-ben",
    "messenger-ana",
    "messenger-ben",
    "instagram-ana",
    "instagram-ben",
    "telegram-ana",
    "telegram-ben",
];
/// How much each side of a conversation writes.
const WRITES: usize = 7;
/// From one message of a side to its next, in milliseconds.
const PAUSE: std::ops::Range<u64> = 0..1_300;
const KILLS: u64 = 4;
/// How long the server lives each time, in milliseconds.
const LIVES: std::ops::Range<u64> = 300..2_000;
/// Whoever hears nothing for this long asks again.
const ANSWER: Duration = Duration::from_secs(3);
/// What failed is tried again ever more seldom; when all is well everything arrives within this.
const SETTLES: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_fails_each_message_arrives_once_and_in_order_or_is_doubted() {
    let number = |name| std::env::var(name).ok().and_then(|value| value.parse::<u64>().ok());
    let rounds = number("SWITCHBOARD_CHAOS_SEEDS").unwrap_or(1);
    let first = number("SWITCHBOARD_CHAOS_SEED");
    for round in 0..rounds {
        let chance = uuid::Uuid::now_v7().as_u64_pair().1 >> 32;
        let seed = first.map_or(chance, |first| first + round);
        eprintln!("SWITCHBOARD_CHAOS_SEED={seed}");
        play(Dice::new(seed)).await;
    }
}

/// A conversation, as it was opened before anything went wrong.
struct Talk {
    phone: &'static str,
    conversation: String,
}

async fn play(mut dice: Dice) {
    let (mut server, stage) = Server::set().await;
    let mut talks = Vec::new();
    for platform in ["whatsapp", "messenger", "instagram", "telegram"] {
        stage.connect(platform).await;
    }
    for phone in PHONES {
        let conversation = stage.conversation(phone, &hello(phone)).await;
        talks.push(Talk { phone, conversation });
    }
    let over = AtomicBool::new(false);
    let talking = join_all(talks.iter().map(|talk| talk.go_on(&stage, dice.split(), dice.split())));
    let storm = weather::storm(&stage, dice.split(), &over);
    let mut deaths = dice.split();
    let dying = async {
        for _ in 0..KILLS {
            deaths.pause(LIVES).await;
            match deaths.one_in(4) {
                true => server.sleep_and_wake(&mut deaths).await,
                false => server.fall_and_rise().await,
            }
        }
    };
    let end = async {
        let (posted, ()) = tokio::join!(talking, dying);
        over.store(true, Ordering::SeqCst);
        posted
    };
    let (posted, ()) = tokio::join!(end, storm);
    let settling = join_all(talks.iter().map(|talk| talk.settled(&stage)));
    if tokio::time::timeout(SETTLES, settling).await.is_err() {
        eprintln!("not everything is settled");
    }
    // What would come twice had time to.
    tokio::time::sleep(Duration::from_millis(500)).await;
    for (talk, posted) in talks.iter().zip(posted) {
        talk.case(&stage, posted).await.check();
    }
    stage.sandbox.stop().await;
}

fn hello(phone: &str) -> String {
    format!("Hello from {phone}")
}

impl Talk {
    /// Both sides write. What the agent was told is posted.
    async fn go_on(&self, stage: &Stage, mut customer: Dice, mut agent: Dice) -> Vec<Posted> {
        let said = async {
            for n in 0..WRITES {
                customer.pause(PAUSE).await;
                stage.does(self.phone, "send", json!({"text": self.said(n)})).await;
            }
        };
        let posted = async {
            let mut posted = Vec::new();
            for n in 0..WRITES {
                agent.pause(PAUSE).await;
                posted.push(self.post(stage, n, agent.one_in(4)).await);
            }
            posted
        };
        tokio::join!(said, posted).1
    }

    fn said(&self, n: usize) -> String {
        format!("{} asks {n}", self.phone)
    }

    /// Posts until it is acknowledged, each time under the same name.
    async fn post(&self, stage: &Stage, n: usize, with_file: bool) -> Posted {
        let text = format!("{} is told {n}", self.phone);
        let mut body = json!({"ref": text, "text": text});
        let mut file = None;
        if with_file {
            let uploaded = insist(|| {
                let part = reqwest::multipart::Part::bytes(picture(n)).file_name("vase.png");
                let form = reqwest::multipart::Form::new().part("file", part);
                stage.ana.request(Method::POST, "/attachments").multipart(form)
            });
            let uploaded = uploaded.await;
            file = uploaded["size"].as_u64();
            body["attachments"] = json!([uploaded["id"]]);
        }
        let path = format!("/conversations/{}/messages", self.conversation);
        let told = insist(|| stage.ana.request(Method::POST, &path).json(&body)).await;
        assert_eq!(told["text"], text);
        Posted { text, file }
    }

    async fn messages(&self, stage: &Stage) -> Vec<Value> {
        let path = format!("/conversations/{}/messages?limit=100", self.conversation);
        let page = insist(|| stage.ana.request(Method::GET, &path)).await;
        assert_eq!(page["next"], Value::Null, "one page holds all");
        page["items"].as_array().unwrap().clone()
    }

    /// Waits until everything the customer wrote is there, and something is known of everything
    /// that the agent wrote.
    async fn settled(&self, stage: &Stage) {
        loop {
            let messages = self.messages(stage).await;
            let said = messages.iter().filter(|one| one["author"]["kind"] == "visitor").count();
            let on_its_way = |one: &&Value| {
                matches!(one["delivery"]["state"].as_str(), Some("queued" | "sending"))
            };
            if said > WRITES && !messages.iter().any(|one| on_its_way(&one)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn case(&self, stage: &Stage, posted: Vec<Posted>) -> Case {
        let said = std::iter::once(hello(self.phone)).chain((0..WRITES).map(|n| self.said(n)));
        Case {
            phone: self.phone.to_owned(),
            said: said.collect(),
            posted,
            told: self.messages(stage).await,
            thread: stage.phone(self.phone).await["thread"].as_array().unwrap().clone(),
        }
    }
}

/// Asks until there is an answer. Only what a dying server may say is no answer.
async fn insist(ask: impl Fn() -> RequestBuilder) -> Value {
    loop {
        let asked = async {
            let response = ask().send().await.ok()?;
            let (status, body) = (response.status(), response.text().await.ok()?);
            assert!(status.as_u16() >= 500 || status.is_success(), "{status} {body}");
            let told = status.is_success().then(|| serde_json::from_str(&body).ok());
            told.flatten()
        };
        match tokio::time::timeout(ANSWER, asked).await {
            Ok(Some(told)) => return told,
            _ => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// A picture whose size tells which one it is.
fn picture(n: usize) -> Vec<u8> {
    let mut grain = Dice::new(n as u64);
    let image = RgbImage::from_fn(16, 16 + n as u32, |_, _| {
        Rgb([0; 3].map(|_: u8| grain.within(0..256) as u8))
    });
    let mut out = std::io::Cursor::new(Vec::new());
    DynamicImage::from(image).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}
