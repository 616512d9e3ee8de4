//! The store behind a server: for rows that only platforms could bring about.

use jiff::Timestamp;
use serde_json::json;
use switchboard_domain::{
    AccountId, AccountKind, ContactId, ConversationId, DeadLetterId, Identity, Seq, WorkspaceId,
};
use switchboard_store::seal::{Key, MasterKeys, WorkspaceKeys};
use switchboard_store::{Store, account, contact, dead_letter, deletion};
use uuid::Uuid;

use super::{Agent, World};

pub struct Behind {
    pub store: Store,
}

impl Behind {
    pub fn of(world: &World) -> Behind {
        let database = world.database.parse().unwrap();
        let master = MasterKeys::parse(&world.keys).unwrap();
        let runtime = tokio::runtime::Handle::current();
        Behind { store: Store::new(&database, master, runtime).unwrap() }
    }

    pub async fn keys(&self, of: &Agent) -> std::sync::Arc<WorkspaceKeys> {
        self.store.keys(workspace(of)).await.unwrap().unwrap()
    }

    /// A connected account with this id at its platform.
    pub async fn account(&self, of: &Agent, kind: &str, id: &str) -> AccountId {
        self.account_by(of, kind, id, None).await
    }

    /// The same, connected by this person.
    pub async fn account_by(
        &self,
        of: &Agent,
        kind: &str,
        id: &str,
        by: Option<&str>,
    ) -> AccountId {
        let (keys, workspace) = (self.keys(of).await, workspace(of));
        let kind = AccountKind::parse(kind).unwrap();
        let credentials = json!({"kind": kind, "id": id, "token": "secret", "connected_by": by});
        let hash = account::route_hash(&self.store.master, kind.channel(), id);
        let new = account::NewAccount {
            id: Uuid::now_v7().into(),
            kind,
            name: "Kiln & Clay".to_owned(),
            key: Key::random(),
            credentials: credentials.to_string().into_bytes(),
            handle: None,
            routes: vec![hash],
            parent_route: None,
            connected_by: by.map(|by| deletion::connector_hash(&self.store.master, by)),
        };
        let tx = self.store.writers.begin(workspace).await.unwrap();
        account::insert(&tx, &keys, workspace, &new, Seq(0), now()).await.unwrap();
        tx.commit().await.unwrap();
        new.id
    }

    pub async fn dead_letter(&self, of: &Agent) -> DeadLetterId {
        self.letter(of, br#"{"object":"whatsapp_business_account"}"#).await
    }

    /// A webhook of WhatsApp that could not be read.
    pub async fn letter(&self, of: &Agent, body: &[u8]) -> DeadLetterId {
        let (keys, workspace) = (self.keys(of).await, workspace(of));
        let new = dead_letter::NewDeadLetter {
            id: Uuid::now_v7().into(),
            account: None,
            hook: "whatsapp",
            why: "it has no id".to_owned(),
            body: body.to_vec(),
        };
        let tx = self.store.writers.begin(workspace).await.unwrap();
        dead_letter::insert(&tx, &keys, workspace, &new, now()).await.unwrap();
        tx.commit().await.unwrap();
        new.id
    }

    /// Gives a contact another identity.
    pub async fn identify(&self, of: &Agent, contact: &str, identity: Identity) {
        let (keys, workspace) = (self.keys(of).await, workspace(of));
        let tx = self.store.writers.begin(workspace).await.unwrap();
        let id: ContactId = contact.parse().unwrap();
        contact::identify(&tx, &keys, workspace, id, &identity).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// The wrapped key of a contact, as it is stored.
    pub async fn contact_key(&self, of: &Agent, contact: &str) -> Vec<u8> {
        let id: ContactId = contact.parse().unwrap();
        let tx = self.store.readers.begin(workspace(of)).await.unwrap();
        tx.query_one("select key from contacts where id = $1", &[&Uuid::from(id)])
            .await
            .unwrap()
            .get(0)
    }

    /// How many messages of a conversation still hold something.
    pub async fn bodies(&self, of: &Agent, conversation: &str) -> i64 {
        let id: ConversationId = conversation.parse().unwrap();
        let tx = self.store.readers.begin(workspace(of)).await.unwrap();
        let sql = "select count(*) from messages where conversation_id = $1
                   and (body is not null or words is not null)";
        tx.query_one(sql, &[&Uuid::from(id)]).await.unwrap().get(0)
    }
}

pub fn workspace(of: &Agent) -> WorkspaceId {
    of.workspace().parse().unwrap()
}

fn now() -> Timestamp {
    "2026-11-20T10:00:00Z".parse().unwrap()
}
