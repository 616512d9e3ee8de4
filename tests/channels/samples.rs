//! Every sample of what platforms post, posted to a server, and what an agent then sees of it:
//! by itself, and after the message that it is about.
//!
//! `expected/*.txt` is read and judged by people. `UPDATE_EXPECTED=1` writes it anew.

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{StreamExt, stream};
use serde_json::Value;
use switchboard_channels::inbound::Hook;
use switchboard_channels::{AccountEvent, What};
use switchboard_domain::AccountKind;

use crate::support::accounts::{Connected, NOWHERE, Number};
use crate::support::{Agent, World};

mod before;
mod seen;

/// Samples that are posted at the same time.
const AT_ONCE: usize = 6;
/// What an account takes to do what it is told.
const PATIENCE: Duration = Duration::from_secs(20);

/// A platform of the samples.
struct Platform {
    hook: Hook,
    kind: AccountKind,
    /// The accounts that occur, with what they belong to.
    accounts: &'static [(&'static str, Option<&'static str>)],
    handle: Option<&'static str>,
    /// The beginnings of their ids. Each case has ids of its own in their place, since an
    /// account is connected once.
    beginnings: &'static [&'static str],
}

const WHATSAPP: Platform = Platform {
    hook: Hook::Whatsapp,
    kind: AccountKind::WhatsappNumber,
    accounts: &[
        ("598213347710462", Some("310428876512904")),
        ("598213347719999", Some("310428876519999")),
    ],
    handle: Some("+49 1573 5990017"),
    beginnings: &["5982133477", "3104288765"],
};
const MESSENGER: Platform = Platform {
    hook: Hook::Messenger,
    kind: AccountKind::FacebookPage,
    accounts: &[("104771529900318", None)],
    handle: None,
    beginnings: &["1047715299"],
};
const INSTAGRAM: Platform = Platform {
    hook: Hook::Instagram,
    kind: AccountKind::InstagramLogin,
    accounts: &[("17841460001122334", None), ("17841460009999999", None)],
    handle: Some("@salao.invented"),
    beginnings: &["1784146000"],
};
const TELEGRAM: Platform = Platform {
    hook: Hook::Telegram,
    kind: AccountKind::TelegramBot,
    accounts: &[("7310022841", None)],
    handle: None,
    beginnings: &["7310022841"],
};

#[tokio::test]
async fn every_sample_of_whatsapp_is_seen_as_it_should_be() {
    check(&WHATSAPP).await;
}

#[tokio::test]
async fn every_sample_of_messenger_is_seen_as_it_should_be() {
    check(&MESSENGER).await;
}

#[tokio::test]
async fn every_sample_of_instagram_is_seen_as_it_should_be() {
    check(&INSTAGRAM).await;
}

#[tokio::test]
async fn every_sample_of_telegram_is_seen_as_it_should_be() {
    check(&TELEGRAM).await;
}

impl Platform {
    fn bot(&self) -> Option<&str> {
        (self.hook == Hook::Telegram).then_some(self.accounts[0].0)
    }

    fn samples(&self) -> Vec<(String, Value)> {
        let folder = folder("channels/tests/samples").join(self.hook.name());
        let mut samples: Vec<(String, Value)> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| {
                let name = path.file_stem().unwrap().to_string_lossy().into_owned();
                (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
            })
            .filter(|(name, _)| !name.starts_with("api_"))
            .collect();
        samples.sort_by(|(a, _), (b, _)| a.cmp(b));
        samples
    }

    fn events(&self, body: &Value) -> Vec<switchboard_channels::Event> {
        let read = switchboard_channels::read(self.hook, self.bot(), body.to_string().as_bytes());
        read.events.into_iter().map(|routed| routed.event).collect()
    }

    /// Whether it says something of the account that is shown with the account.
    fn is_of_the_account(&self, body: &Value) -> bool {
        self.events(body).iter().any(|event| {
            matches!(
                event.what,
                What::Account(
                    AccountEvent::Changed { notice: Some(_) }
                        | AccountEvent::Restricted { .. }
                        | AccountEvent::Revoked
                )
            )
        })
    }
}

/// What is posted, one after another.
struct Case {
    title: String,
    bodies: Vec<Value>,
    is_of_the_account: bool,
}

fn cases(platform: &Platform) -> Vec<Case> {
    let samples = platform.samples();
    let bases = before::bases(platform, &samples);
    let mut cases = Vec::new();
    for (name, body) in &samples {
        let is_of_the_account = platform.is_of_the_account(body);
        let alone = vec![body.clone()];
        cases.push(Case { title: name.clone(), bodies: alone, is_of_the_account });
        for (of_whom, mut bodies) in before::fitting(name, &platform.events(body), &bases) {
            bodies.push(body.clone());
            let title = format!("{name}, after a message of {of_whom}");
            cases.push(Case { title, bodies, is_of_the_account });
        }
    }
    cases
}

/// The ids of one case, in both directions.
struct Ids(Vec<(&'static str, String)>);

impl Ids {
    fn new(platform: &Platform) -> Ids {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let own = |beginning: &&'static str| {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            (*beginning, format!("{}{number:06}", &beginning[..4]))
        };
        Ids(platform.beginnings.iter().map(own).collect())
    }

    fn put_in(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (theirs, own)| text.replace(theirs, own))
    }

    fn take_out(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (theirs, own)| text.replace(own, theirs))
    }
}

/// A case in its workspace.
struct Stand {
    case: Case,
    ids: Ids,
    agent: Agent,
    account: Connected,
}

impl Stand {
    async fn put_up(world: &World, platform: &Platform, case: Case) -> Stand {
        let agent = Agent::sign_up(world, "Ana").await;
        let ids = Ids::new(platform);
        let mut accounts = Vec::new();
        for (id, below) in platform.accounts {
            let below = below.map(|below| ids.put_in(below));
            let number = Number {
                kind: platform.kind,
                id: &ids.put_in(id),
                other: None,
                below: below.as_deref(),
                handle: platform.handle,
                is_kept_from_us: !case.is_of_the_account,
            };
            accounts.push(Connected::called(world, &agent, &number).await);
        }
        Stand { case, ids, agent, account: accounts.swap_remove(0) }
    }

    /// Posts everything, all of it twice, and tells what is there afterwards.
    async fn play(self, database: &tokio_postgres::Client) -> String {
        let mut words = format!("# {}\n", self.case.title);
        for body in self.case.bodies.iter().flat_map(|body| [body, body]) {
            let body = self.ids.put_in(&body.to_string());
            let answer = self.account.tell_bytes(body.into_bytes()).await;
            if answer.status != 200 {
                words.push_str(&format!("answered {}\n", answer.status));
            }
        }
        if self.case.is_of_the_account {
            self.wait_for_the_account().await;
        }
        let seen = seen::all(&self.agent, database).await;
        words.push_str(&self.ids.take_out(&seen));
        words
    }

    async fn wait_for_the_account(&self) {
        let told = async {
            while seen::accounts(&self.agent).await.is_empty() {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        // When nothing is seen, that is what the golden text complains of.
        let _ = tokio::time::timeout(Duration::from_secs(5), told).await;
    }
}

async fn check(platform: &Platform) {
    let world = World::with(NOWHERE).await;
    let database: tokio_postgres::Config = world.database.parse().unwrap();
    let (client, connection) = database.connect(tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let stands = cases(platform).into_iter().map(|case| Stand::put_up(&world, platform, case));
    let stands: Vec<Stand> = stream::iter(stands).buffered(AT_ONCE).collect().await;
    all_spoken_for(&client).await;
    let played = stands.into_iter().map(|stand| stand.play(&client));
    let words: Vec<String> = stream::iter(played).buffered(AT_ONCE).collect().await;
    world.stop().await;
    compare(platform.hook.name(), &words.join("\n"));
}

/// What is told of an account reaches it once a node speaks for it.
async fn all_spoken_for(database: &tokio_postgres::Client) {
    let claimed = async {
        let sql = "select count(*) from accounts where lease_node is null";
        while database.query_one(sql, &[]).await.unwrap().get::<_, i64>(0) > 0 {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, claimed).await.unwrap();
}

fn folder(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn compare(name: &str, actual: &str) {
    let path = folder("tests/channels/expected").join(format!("{name}.txt"));
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
        return;
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (number, (told, wanted)) in actual.lines().zip(expected.lines()).enumerate() {
        assert_eq!(told, wanted, "{}:{}", path.display(), number + 1);
    }
    assert_eq!(actual.lines().count(), expected.lines().count(), "{}", path.display());
}
