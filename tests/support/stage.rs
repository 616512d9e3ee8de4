//! A server and the platforms' stand-ins, which know of each other.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use serde_json::{Value, json};
use switchboard_sandbox::world::preset;
use switchboard_sandbox::{Config, Pace, Sandbox};

use super::people::send;
use super::world::{META, SIGNUP};
use super::{Agent, World};

/// Nothing that a test waits for takes longer.
const WITHIN: Duration = Duration::from_secs(20);
const STEP: Duration = Duration::from_millis(25);

pub struct Stage {
    pub world: World,
    pub sandbox: Sandbox,
    pub ana: Agent,
    http: reqwest::Client,
}

impl Stage {
    pub async fn set() -> Stage {
        Stage::with("").await
    }

    /// With a server whose settings begin with these.
    pub async fn with(settings: &str) -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sandbox = Stage::stand_ins(listener.local_addr().unwrap()).await;
        let settings = format!("{settings}\n{}", Stage::settings(&sandbox));
        let world = World::behind(listener, &settings).await;
        Stage::around(world, sandbox).await
    }

    /// With a server where WhatsApp numbers are brought in Meta's own window.
    pub async fn with_signup() -> Stage {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let sandbox = Stage::stand_ins(listener.local_addr().unwrap()).await;
        let settings = Stage::settings(&sandbox);
        let world = World::behind_with_signup(listener, &settings).await;
        Stage::around(world, sandbox).await
    }

    /// The platforms' stand-ins, which tell a server at this address.
    pub async fn stand_ins(server: SocketAddr) -> Sandbox {
        // Installed by the server as well; whoever makes a client first needs one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Sandbox::start(Config {
            meta_hook_base: format!("http://{server}"),
            app_id: META[0].1.to_owned(),
            app_secret: META[1].1.to_owned(),
            verify_token: META[2].1.to_owned(),
            signup_config_id: SIGNUP.1.to_owned(),
            instagram_app_id: META[3].1.to_owned(),
            instagram_app_secret: META[4].1.to_owned(),
            pace: Pace {
                retry: Duration::from_millis(50),
                receipt: Duration::from_millis(20),
                answer: Duration::from_secs(2),
                ..Pace::default()
            },
            ..Config::default()
        })
        .await
        .unwrap()
    }

    /// A server that knows these stand-ins, with someone of its team.
    pub async fn around(world: World, sandbox: Sandbox) -> Stage {
        let ana = Agent::sign_up(&world, "Ana").await;
        // What a customer does must not be done twice, so it cannot be tried again on another
        // connection when the kept one was just closed.
        let http = reqwest::Client::builder().pool_max_idle_per_host(0).build().unwrap();
        Stage { world, sandbox, ana, http }
    }

    /// What makes a server take the stand-ins for the platforms.
    pub fn settings(sandbox: &Sandbox) -> String {
        Stage::settings_at(&sandbox.url())
    }

    /// The same where the stand-ins are reached at this address.
    pub fn settings_at(url: &str) -> String {
        format!(
            "[providers]\ngraph = \"{url}/graph\"\ninstagram_graph = \"{url}/instagram-graph\"\n\
             instagram_api = \"{url}/instagram-api\"\ntelegram = \"{url}/telegram\"\n\
             uncertain_seconds = 2\n"
        )
    }

    /// Connects the account of the stand-ins' business; the account as people see it.
    pub async fn connect(&self, platform: &str) -> Value {
        let body = match platform {
            "whatsapp" => json!({
                "kind": "whatsapp_number", "phone_number_id": preset::PHONE_NUMBER,
                "business_account_id": preset::WABA, "token": preset::WHATSAPP_TOKEN,
            }),
            "messenger" => json!({
                "kind": "facebook_page", "page_id": preset::PAGE, "token": preset::PAGE_TOKEN,
            }),
            "instagram" => json!({"kind": "instagram_login", "token": preset::INSTAGRAM_TOKEN}),
            _ => json!({"kind": "telegram_bot", "token": preset::BOT_TOKEN}),
        };
        self.ana.post("/channels/accounts", body).await.ok()
    }

    /// Tells the stand-ins something, for example at `/control/advance`.
    pub async fn command(&self, path: &str, body: Value) -> Value {
        let url = format!("{}{path}", self.sandbox.url());
        send(self.http.post(url).json(&body)).await.ok()
    }

    /// Makes the platforms misbehave.
    pub async fn fault(&self, fault: Value) {
        self.command("/control/faults", fault).await;
    }

    pub async fn all_well_again(&self) {
        let url = format!("{}/control/faults", self.sandbox.url());
        send(self.http.delete(url)).await.ok();
    }

    /// A customer does something on a phone, for example `whatsapp-ana`.
    pub async fn does(&self, phone: &str, what: &str, body: Value) -> Value {
        self.command(&format!("/phones/api/{phone}/{what}"), body).await
    }

    pub async fn phone(&self, phone: &str) -> Value {
        let url = format!("{}/phones/api/state", self.sandbox.url());
        let state = send(self.http.get(url)).await.ok();
        let found = state["phones"].as_array().unwrap().iter().find(|one| one["id"] == phone);
        found.unwrap().clone()
    }

    /// The texts that the business sent to a phone, in order.
    pub async fn heard(&self, phone: &str) -> Vec<String> {
        let phone = self.phone(phone).await;
        let thread = phone["thread"].as_array().unwrap();
        let ours = thread.iter().filter(|message| message["from"] == "business");
        ours.map(|message| message["text"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// The conversation that a customer opened by writing, once it is there.
    pub async fn conversation(&self, phone: &str, text: &str) -> String {
        self.does(phone, "send", json!({"text": text})).await;
        let found = until("the conversation", async || {
            let page = self.ana.get("/conversations").await.ok();
            let all = page["items"].as_array().unwrap().clone();
            all.into_iter().find(|one| one["preview"]["excerpt"] == text)
        });
        found.await["id"].as_str().unwrap().to_owned()
    }

    /// Waits until what was written before an account was connected has been brought: it would
    /// bring what is written meanwhile as well.
    pub async fn has_its_history(&self, account: &Value) {
        let id = account["id"].as_str().unwrap();
        until("the history", async || {
            (self.account(id).await["history"]["state"] == "done").then_some(())
        })
        .await;
    }

    /// All that a conversation shows, oldest first.
    pub async fn messages(&self, conversation: &str) -> Vec<Value> {
        let page = self.ana.get(&format!("/conversations/{conversation}/messages")).await.ok();
        page["items"].as_array().unwrap().clone()
    }

    /// Posts as the team does by REST; the message.
    pub async fn post(&self, conversation: &str, body: Value) -> Value {
        self.ana.post(&format!("/conversations/{conversation}/messages"), body).await.ok()
    }

    /// Waits until a message of the team has come this far; the message.
    pub async fn reached(&self, conversation: &str, message: &Value, states: &[&str]) -> Value {
        let mut last = Value::Null;
        let reached = async {
            loop {
                let all = self.messages(conversation).await;
                let found = all.into_iter().find(|one| one["id"] == message["id"]);
                last = found.unwrap_or_default();
                let state = last["delivery"]["state"].as_str().unwrap_or_default();
                if states.contains(&state) {
                    return;
                }
                tokio::time::sleep(STEP).await;
            }
        };
        let reached = tokio::time::timeout(WITHIN, reached).await;
        assert!(reached.is_ok(), "not {states:?}: {:#}", last);
        last
    }

    /// An account as people see it.
    pub async fn account(&self, id: &str) -> Value {
        let all = self.ana.get("/channels").await.ok();
        let all = all["accounts"].as_array().unwrap().clone();
        all.into_iter().find(|one| one["id"] == *id).unwrap()
    }

    /// The team's messages of a conversation as texts with how far each has come.
    pub async fn deliveries(&self, conversation: &str) -> Vec<(String, String)> {
        let page = self.ana.get(&format!("/conversations/{conversation}/messages")).await.ok();
        let messages = page["items"].as_array().unwrap().iter();
        let told = messages.filter(|message| message["delivery"].is_object());
        told.map(|message| {
            let state = message["delivery"]["state"].as_str().unwrap_or_default();
            (message["text"].as_str().unwrap().to_owned(), state.to_owned())
        })
        .collect()
    }

    pub async fn stop(self) {
        self.world.stop().await;
        self.sandbox.stop().await;
    }
}

/// Waits for what is on its way.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let waiting = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(STEP).await;
        }
    };
    tokio::time::timeout(WITHIN, waiting).await.unwrap_or_else(|_| panic!("{what} did not come"))
}
