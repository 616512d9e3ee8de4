//! A server of its own for one test, in this process, with a database of its own.

use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;

use switchboard::config::Config;
use switchboard::server::{Server, block_on};
use switchboard_store::seal::MasterKeys;
use tokio::sync::oneshot;

use super::database;

/// Tests that are about limits bring their own server.
const LIMITS: &str = "limits.sign_up = { burst = 10000, per_minute = 10000 }";

/// A machine that runs many tests at once is late, and that is not what most of them are about.
const PATIENT: [&str; 4] =
    ["shedding.newcomers_ms", "shedding.reads_ms", "shedding.commands_ms", "shedding.webhooks_ms"];

/// The app that every test's server is at Meta.
pub const META: [(&str, &str); 5] = [
    ("SWITCHBOARD_META_APP_ID", "1180427736655091"),
    ("SWITCHBOARD_META_APP_SECRET", "3f9a1c77e0b24d5e8a6b90c1d2e3f405"),
    ("SWITCHBOARD_META_VERIFY_TOKEN", "a word of our own"),
    ("SWITCHBOARD_INSTAGRAM_APP_ID", "2290538847766102"),
    ("SWITCHBOARD_INSTAGRAM_APP_SECRET", "an Instagram secret"),
];

/// Its configuration of Embedded Signup, which a server has or has not.
pub const SIGNUP: (&str, &str) = ("SWITCHBOARD_META_EMBEDDED_SIGNUP_ID", "3045226688447710");

pub struct World {
    pub address: SocketAddr,
    /// The database, for looking at it from behind.
    pub database: String,
    pub keys: String,
    /// What all its clients speak through: making one takes longer than most requests.
    pub http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    data: Option<tempfile::TempDir>,
}

impl World {
    pub async fn start() -> World {
        World::with("").await
    }

    /// A server with settings of its own, as the text of a file.
    pub async fn with(settings: &str) -> World {
        World::on(database::fresh().await, MasterKeys::generate(), settings).await
    }

    /// The same at an address that others know already.
    pub async fn behind(listener: TcpListener, settings: &str) -> World {
        let (database, keys) = (database::fresh().await, MasterKeys::generate());
        World::listening(listener, database, keys, settings).await
    }

    /// The same where WhatsApp numbers are brought in Meta's own window.
    pub async fn behind_with_signup(listener: TcpListener, settings: &str) -> World {
        let (database, keys) = (database::fresh().await, MasterKeys::generate());
        World::told(listener, database, keys, settings, &[SIGNUP]).await
    }

    /// Another node on the same database.
    pub async fn beside(&self) -> World {
        World::on(self.database.clone(), self.keys.clone(), "").await
    }

    async fn on(database: String, keys: String, settings: &str) -> World {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        World::listening(listener, database, keys, settings).await
    }

    pub async fn listening(
        listener: TcpListener,
        database: String,
        keys: String,
        settings: &str,
    ) -> World {
        World::told(listener, database, keys, settings, &[]).await
    }

    async fn told(
        listener: TcpListener,
        database: String,
        keys: String,
        settings: &str,
        more: &[(&'static str, &str)],
    ) -> World {
        let data = tempfile::tempdir().unwrap();
        let own = [
            ("DATABASE_URL", database.clone()),
            ("SWITCHBOARD_MASTER_KEYS", keys.clone()),
            ("SWITCHBOARD_DATA", data.path().display().to_string()),
        ];
        let meta = META.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned()));
        let environment: Vec<(&str, String)> = own.into_iter().chain(meta).collect();
        // One address signs many people up here.
        let limits = if settings.contains("limits.sign_up") { "" } else { LIMITS };
        let patient: String = PATIENT
            .iter()
            .filter(|name| !settings.contains(**name))
            .map(|name| format!("{name} = 0\n"))
            .collect();
        let settings = format!("{limits}\n{patient}{settings}");
        let config = Config::from_parts(&settings, |name| {
            environment.iter().find(|(key, _)| *key == name).map(|(_, value)| value.clone())
        })
        .unwrap();
        let (started, address) = oneshot::channel();
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            block_on(async move {
                let server = Server::start(config, listener).await.unwrap();
                started.send(server.address()).unwrap();
                // A world that is dropped stops as one that is told to.
                let _ = stopped.await;
                server.stop().await;
            })
            .unwrap();
        });
        World {
            address: address.await.unwrap(),
            database,
            keys,
            http: reqwest::Client::new(),
            stop: Some(stop),
            thread: Some(thread),
            data: Some(data),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Where the server keeps its files.
    pub fn data(&self) -> &std::path::Path {
        self.data.as_ref().unwrap().path()
    }

    /// Stops the server and waits until it has.
    pub async fn stop(mut self) {
        drop(self.stop.take());
        let thread = self.thread.take().unwrap();
        tokio::task::spawn_blocking(move || thread.join().unwrap()).await.unwrap();
        drop(self.data.take());
    }
}

impl World {
    /// A server that runs elsewhere.
    pub fn at(address: SocketAddr, database: String, keys: String) -> World {
        World {
            address,
            database,
            keys,
            http: reqwest::Client::new(),
            stop: None,
            thread: None,
            data: None,
        }
    }

    /// The same system, reached at another address.
    pub fn seen_at(&self, address: SocketAddr) -> World {
        let (database, keys) = (self.database.clone(), self.keys.clone());
        World {
            address,
            database,
            keys,
            http: self.http.clone(),
            stop: None,
            thread: None,
            data: None,
        }
    }

    /// A server of this process on a given database.
    pub async fn on_database(database: String) -> World {
        World::on_database_with(database, "").await
    }

    /// The same, with settings of its own.
    pub async fn on_database_with(database: String, settings: &str) -> World {
        World::on(database, MasterKeys::generate(), settings).await
    }
}
