//! Connected accounts that no platform stands behind, and webhooks as platforms send them.

use jiff::Timestamp;
use serde_json::{Value, json};
use switchboard_channels::meta;
use switchboard_domain::{AccountId, AccountKind, Seq, WorkspaceId};
use switchboard_store::account::{self, NewAccount};
use switchboard_store::seal::Key;
use uuid::Uuid;

use super::behind::Behind;
use super::people::{Answer, send};
use super::world::META;
use super::{Agent, World};

/// The platforms are nowhere: nothing leaves a test.
pub const NOWHERE: &str = "[providers]
graph = \"http://127.0.0.1:9\"
instagram_graph = \"http://127.0.0.1:9\"
instagram_api = \"http://127.0.0.1:9\"
telegram = \"http://127.0.0.1:9\"
";

pub const PHONE: &str = "598213347710462";
pub const BOT: &str = "7700112233";
pub const HOOK_SECRET: &str = "a-secret-of-the-hook";

/// An account as its platform knows it.
pub struct Number<'a> {
    pub kind: AccountKind,
    pub id: &'a str,
    /// Its other id there.
    pub other: Option<&'a str>,
    /// What it belongs to.
    pub below: Option<&'a str>,
    pub handle: Option<&'a str>,
    /// Another node speaks for it, so that nothing is sent or fetched here.
    pub is_kept_from_us: bool,
}

pub struct Connected {
    pub id: AccountId,
    url: String,
    http: reqwest::Client,
}

impl Connected {
    pub async fn whatsapp(world: &World, of: &Agent) -> Connected {
        Connected::new(world, of, AccountKind::WhatsappNumber, PHONE).await
    }

    pub async fn telegram(world: &World, of: &Agent) -> Connected {
        Connected::new(world, of, AccountKind::TelegramBot, BOT).await
    }

    /// A bot with this id.
    pub async fn telegram_called(world: &World, of: &Agent, id: &str) -> Connected {
        Connected::new(world, of, AccountKind::TelegramBot, id).await
    }

    async fn new(world: &World, of: &Agent, kind: AccountKind, id: &str) -> Connected {
        let number =
            Number { kind, id, other: None, below: None, handle: None, is_kept_from_us: false };
        Connected::called(world, of, &number).await
    }

    pub async fn called(world: &World, of: &Agent, account: &Number<'_>) -> Connected {
        let behind = Behind::of(world);
        let (keys, workspace) = (behind.keys(of).await, workspace(of));
        let Number { kind, id, .. } = *account;
        let credentials =
            json!({"kind": kind, "id": id, "token": "secret", "hook_secret": HOOK_SECRET});
        let route = |id: &str| account::route_hash(&behind.store.master, kind.channel(), id);
        let new = NewAccount {
            id: Uuid::now_v7().into(),
            kind,
            key: Key::random(),
            credentials: credentials.to_string().into_bytes(),
            name: "Kiln & Clay".to_owned(),
            handle: account.handle.map(str::to_owned),
            routes: [Some(id), account.other].into_iter().flatten().map(route).collect(),
            parent_route: account.below.map(route),
            connected_by: None,
        };
        let tx = behind.store.writers.begin(workspace).await.unwrap();
        account::insert(&tx, &keys, workspace, &new, Seq(0), now()).await.unwrap();
        if account.is_kept_from_us {
            let sql = "update accounts set lease_node = gen_random_uuid(),
                       lease_until = now() + interval '1 day' where id = $1";
            tx.execute(sql, &[&Uuid::from(new.id)]).await.unwrap();
        }
        tx.commit().await.unwrap();
        let path = match kind {
            AccountKind::TelegramBot => format!("/hooks/telegram/{}", new.id),
            _ => format!("/hooks/{}", kind.channel().name()),
        };
        Connected { id: new.id, url: world.url(&path), http: world.http.clone() }
    }

    /// The same account, told at another node.
    pub fn at(&self, world: &World) -> Connected {
        let path = self.url.splitn(4, '/').nth(3).unwrap();
        Connected { id: self.id, url: world.url(&format!("/{path}")), http: self.http.clone() }
    }

    /// A webhook, signed.
    pub async fn tell(&self, body: &Value) -> Answer {
        let body = body.to_string();
        self.tell_bytes(body.into_bytes()).await
    }

    pub async fn tell_bytes(&self, body: Vec<u8>) -> Answer {
        let signature = format!("sha256={}", meta::sign(META[1].1, &body));
        self.tell_as(body, &signature, HOOK_SECRET).await
    }

    pub async fn tell_as(&self, body: Vec<u8>, signature: &str, secret: &str) -> Answer {
        let request = self.http.post(&self.url).header("content-type", "application/json");
        let request = request.header("x-hub-signature-256", signature);
        send(request.header("x-telegram-bot-api-secret-token", secret).body(body)).await
    }
}

#[expect(clippy::disallowed_methods, reason = "a test lives now")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// Seconds since 1970, this many ago.
pub fn seconds_ago(seconds: i64) -> i64 {
    now().as_second() - seconds
}

fn workspace(of: &Agent) -> WorkspaceId {
    of.workspace().parse().unwrap()
}

/// What a WhatsApp number is told.
pub fn whatsapp(messages: &[Value], statuses: &[Value]) -> Value {
    json!({"object": "whatsapp_business_account", "entry": [{"id": "310428876512904",
        "changes": [{"field": "messages", "value": {
            "messaging_product": "whatsapp",
            "metadata": {"display_phone_number": "4915735990017", "phone_number_id": PHONE},
            "contacts": [{"profile": {"name": "Nerea"}, "wa_id": "34655120987"}],
            "messages": messages, "statuses": statuses}}]}]})
}

pub fn text(id: &str, ago: i64, body: &str) -> Value {
    json!({"from": "34655120987", "id": id, "timestamp": seconds_ago(ago).to_string(),
        "type": "text", "text": {"body": body}})
}

pub fn reaction(id: &str, ago: i64, target: &str, emoji: &str) -> Value {
    json!({"from": "34655120987", "id": id, "timestamp": seconds_ago(ago).to_string(),
        "type": "reaction", "reaction": {"message_id": target, "emoji": emoji}})
}

/// A message to a Telegram bot, or its edit.
pub fn telegram(
    update: i64,
    kind: &str,
    message: i64,
    at: (i64, Option<i64>),
    text: &str,
) -> Value {
    let mut body = json!({"message_id": message, "date": at.0, "text": text,
        "chat": {"id": 5551, "type": "private", "first_name": "Nerea"},
        "from": {"id": 5551, "is_bot": false, "first_name": "Nerea"}});
    if let Some(edited) = at.1 {
        body["edit_date"] = json!(edited);
    }
    json!({"update_id": update, kind: body})
}
