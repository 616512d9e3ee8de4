//! A full inbox, without waiting for a hundred thousand visitors to write.
//!
//! Rows go through the server's own journal, so they are sealed and indexed as real ones are.

use std::sync::Arc;

use anyhow::{Context, Result, bail};
use futures_util::{StreamExt, TryStreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{
    Author, ContactId, Conversation, ConversationId, MemberId, MessageId, MessageKind, Status,
    WorkspaceId,
};
use switchboard_store::contact::{Details, NewContact};
use switchboard_store::event::Kind;
use switchboard_store::journal::{self, Append, BATCH_MAX, Beyond, NewEvent, NewMessage, Outcome};
use switchboard_store::message::seal_body;
use switchboard_store::seal::{Key, MasterKeys, WorkspaceKeys};
use switchboard_store::{Store, postgres};
use tokio::runtime::Handle;
use uuid::Uuid;

/// One batch seals while another commits.
const AT_ONCE: usize = 3;
/// The oldest conversation is this old.
const REACH: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Words from which messages are made. They are not equally common (see [`Dice::word`]), so that a
/// search meets words of one message in twenty and words of one in ten thousand.
const WORDS: usize = 2_000;

/// The n-th word.
fn word(n: usize) -> String {
    const SYLLABLES: [&str; 12] =
        ["ka", "lo", "mi", "ren", "su", "ta", "vi", "no", "del", "pra", "go", "he"];
    let mut rest = n + 12 * 12;
    let mut word = String::new();
    while rest > 0 {
        word.push_str(SYLLABLES[rest % 12]);
        rest /= 12;
    }
    word
}

/// A small, repeatable source of variety.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Dice {
        Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }

    /// A word, common ones more often.
    pub fn word(&mut self) -> String {
        let spread = self.below(WORDS) * self.below(WORDS) / WORDS;
        word(spread)
    }

    fn text(&mut self) -> String {
        let words: Vec<String> = (0..4 + self.below(16)).map(|_| self.word()).collect();
        words.join(" ")
    }
}

/// Where to sow.
pub struct Field {
    pub database: String,
    pub keys: String,
    pub workspace: WorkspaceId,
    /// Who answers, and has some of the conversations.
    pub member: MemberId,
    /// Messages of each conversation: the visitor's and answers to them, by turns.
    pub messages: u32,
}

/// Adds `many` conversations to a workspace that no server has open.
pub async fn sow(field: &Field, many: usize) -> Result<()> {
    let config: postgres::Address = field.database.parse()?;
    let store = Store::new(&config, MasterKeys::parse(&field.keys)?, Handle::current())?;
    let keys = store.keys(field.workspace).await?.context("there is no such workspace")?;
    #[expect(clippy::disallowed_methods, reason = "the driver is an edge; nothing tests by it")]
    let now = Timestamp::now();
    let batches = many.div_ceil(BATCH_MAX);
    let batches = (0..batches).map(|batch| (batch * BATCH_MAX)..many.min((batch + 1) * BATCH_MAX));
    stream::iter(batches)
        .map(|batch| {
            let (store, keys) = (store.clone(), keys.clone());
            let (workspace, by) = (field.workspace, (field.member, field.messages));
            async move {
                let at = now - part(REACH, many - batch.end, many);
                tokio::spawn(commit(store, keys, workspace, by, batch, at)).await?
            }
        })
        .buffer_unordered(AT_ONCE)
        .try_collect::<()>()
        .await
}

fn part(of: SignedDuration, nth: usize, many: usize) -> SignedDuration {
    SignedDuration::from_secs_f64(of.as_secs_f64() * nth as f64 / many.max(1) as f64)
}

async fn commit(
    store: Store,
    keys: Arc<WorkspaceKeys>,
    workspace: WorkspaceId,
    by: (MemberId, u32),
    batch: std::ops::Range<usize>,
    at: Timestamp,
) -> Result<()> {
    let appends: Vec<Append> = batch.map(|nth| append(&keys, by, nth, at)).collect();
    let outcomes = journal::append(&store, workspace, &appends).await?;
    if outcomes.iter().any(|outcome| !matches!(outcome, Outcome::Done { .. })) {
        bail!("a conversation was not taken");
    }
    Ok(())
}

/// A whole conversation: a newcomer, a few messages, and where it stands now.
fn append(
    keys: &WorkspaceKeys,
    (member, each): (MemberId, u32),
    nth: usize,
    at: Timestamp,
) -> Append {
    let mut dice = Dice::new(nth as u64 + 1);
    let id = Uuid::now_v7();
    let (contact, conversation) = (ContactId(id), ConversationId(id));
    let key = Key::random();
    let mut state = Conversation::new(conversation, contact);
    state.last_n = each;
    state.team_unread = dice.below(3) as u32;
    state.assignee = (dice.below(3) == 0).then_some(member);
    state.status = match dice.below(10) {
        0..5 => Status::Open,
        5..6 => Status::Pending,
        _ => Status::Resolved,
    };
    let messages: Vec<NewMessage> = (0..each)
        .map(|i| {
            let id = MessageId(Uuid::now_v7());
            let (body, words) = seal_body(keys, &key, id, &dice.text());
            let visitor = i % 2 == 0;
            NewMessage {
                id,
                event: i as usize,
                n: Some(i + 1),
                kind: MessageKind::Public,
                author: if visitor { Author::Visitor(contact) } else { Author::Agent(member) },
                body,
                words,
                reply_to: None,
                activity: None,
                reference: Some(id.to_string()),
                beyond: Beyond::default(),
            }
        })
        .collect();
    let events = messages
        .iter()
        .map(|message| NewEvent { kind: Kind::MessagePosted, message: Some(message.id) });
    Append {
        expected: None,
        new_contact: Some(NewContact {
            id: contact,
            key,
            details: Details { name: Some(dice.word()), ..Details::default() },
            identities: vec![],
        }),
        // Spread within the batch as well: no two share their place in the list.
        at,
        created_at: at,
        last_activity_at: at + SignedDuration::from_millis((nth % BATCH_MAX) as i64),
        preview: messages.last().map(|message| message.id),
        events: events.collect(),
        messages,
        changes: vec![],
        attachments: vec![],
        timer: None,
        outside: None,
        state,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_differ() {
        let words: std::collections::HashSet<String> = (0..WORDS).map(word).collect();
        assert_eq!(words.len(), WORDS);
    }
}
