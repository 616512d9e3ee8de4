//! What is to be told to platforms: rows that commit with what causes them, and are removed by
//! the commit that tells what became of them.

use jiff::Timestamp;
use switchboard_domain::trace::Trace;
use switchboard_domain::{AccountId, ConversationId, MessageId, SendId, Seq, Venue, WorkspaceId};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::Store;
use crate::column::{from_part, from_u64, to_part, to_u64};
use crate::error::{Error, Result};
use crate::event::{from_seq, to_seq};
use crate::pool::{Scope, Tx};
use crate::seal::{Key, WorkspaceKeys};

const PAYLOAD: &str = "sends.payload";

/// A call that is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSend {
    pub id: SendId,
    pub account: AccountId,
    pub conversation: ConversationId,
    pub message: MessageId,
    /// Which of the append's events causes it.
    pub event: usize,
    pub part: u16,
    /// Whether it posts the message itself, or says something about it.
    pub posts: bool,
    /// Whether a machine wrote it.
    pub automatic: bool,
    /// What is to be told, as JSON; see [`seal_payload`].
    pub payload: Vec<u8>,
}

/// Seals what is to be told with the contact's key.
pub fn seal_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, json: &[u8]) -> Vec<u8> {
    key.seal(&keys.place(PAYLOAD, id), json)
}

pub fn open_payload(keys: &WorkspaceKeys, key: &Key, id: SendId, sealed: &[u8]) -> Result<Vec<u8>> {
    Ok(key.open(&keys.place(PAYLOAD, id), sealed)?)
}

/// How far a row has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Waiting,
    /// Its call was begun by the owner with this epoch.
    Sending {
        epoch: u64,
    },
    /// Its call was made and never answered.
    Uncertain,
}

/// A row, as far as its turn depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub id: SendId,
    pub conversation: ConversationId,
    pub seq: Seq,
    pub part: u16,
    pub due_at: Timestamp,
    pub state: State,
    pub venue: Venue,
}

/// The account's rows after this position, in order. Positions are given in the order of
/// commits, so nothing appears before what was read.
pub async fn after(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    (seq, part): (Seq, u16),
    limit: u32,
) -> Result<Vec<Waiting>> {
    let select = tx
        .prepare_cached(
            "select s.id, s.conversation_id, s.seq, s.part, s.due_at, s.state, s.epoch, c.venue
             from sends s
             join conversations c on c.workspace_id = s.workspace_id and c.id = s.conversation_id
             where s.workspace_id = $1 and s.account_id = $2 and (s.seq, s.part) > ($3, $4)
             order by s.seq, s.part limit $5",
        )
        .await?;
    let part = from_part(part);
    let rows = tx
        .query(
            &select,
            &[
                &Uuid::from(workspace),
                &Uuid::from(account),
                &from_seq(seq),
                &part,
                &i64::from(limit),
            ],
        )
        .await?;
    rows.iter().map(read_waiting).collect()
}

fn read_waiting(row: &Row) -> Result<Waiting> {
    let epoch = to_u64(row.get::<_, Option<i64>>(6).unwrap_or_default());
    let corrupt = |what: &str| Error::Corrupt(format!("a call with the {what}"));
    Ok(Waiting {
        id: SendId(row.get(0)),
        conversation: ConversationId(row.get(1)),
        seq: to_seq(row.get(2)),
        part: to_part(row.get(3)),
        due_at: row.get(4),
        state: match row.get(5) {
            "waiting" => State::Waiting,
            "sending" => State::Sending { epoch },
            "uncertain" => State::Uncertain,
            other => return Err(corrupt(&format!("state {other}"))),
        },
        venue: Venue::parse(row.get(7)).ok_or_else(|| corrupt("unknown venue"))?,
    })
}

/// A row whose call is about to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    pub id: SendId,
    pub conversation: ConversationId,
    pub message: MessageId,
    pub part: u16,
    pub posts: bool,
    pub automatic: bool,
    /// Whether no later part of its message waits.
    pub last: bool,
    /// Calls made for it, this one included.
    pub attempts: u32,
    pub created_at: Timestamp,
    /// For [`open_payload`].
    pub payload: Vec<u8>,
    /// What it is part of, if that is recorded.
    pub trace: Option<Trace>,
}

/// Notes that the calls of these rows are about to be made, before they are; also where that was
/// noted, and the caller never heard so. What is not given back is not there any more. `None` when
/// the account has another owner by now.
pub async fn begin(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    epoch: u64,
    ids: &[SendId],
    now: Timestamp,
) -> Result<Option<Vec<Begun>>> {
    if !crate::lease::holds(tx, workspace, account, epoch).await? {
        return Ok(None);
    }
    let update = tx
        .prepare_cached(
            "update sends s set state = 'sending', attempts = attempts + 1, epoch = $3,
               started_at = $5
             where s.workspace_id = $1 and s.account_id = $2 and s.id = any($4)
               and (s.state = 'waiting' or (s.state = 'sending' and s.epoch = $3))
             returning s.id, s.conversation_id, s.message_id, s.part, s.posts, s.automatic,
               not exists (select 1 from sends l
                 where l.workspace_id = s.workspace_id and l.message_id = s.message_id and l.posts
                   and (l.seq, l.part) > (s.seq, s.part)),
               s.attempts, s.created_at, s.payload, s.traceparent",
        )
        .await?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let epoch = from_u64(epoch);
    let rows = tx
        .query(&update, &[&Uuid::from(workspace), &Uuid::from(account), &epoch, &ids, &now])
        .await?;
    Ok(Some(rows.iter().map(read_begun).collect()))
}

fn read_begun(row: &Row) -> Begun {
    Begun {
        id: SendId(row.get(0)),
        conversation: ConversationId(row.get(1)),
        message: MessageId(row.get(2)),
        part: to_part(row.get(3)),
        posts: row.get(4),
        automatic: row.get(5),
        last: row.get(6),
        attempts: u32::try_from(row.get::<_, i32>(7)).unwrap_or_default(),
        created_at: row.get(8),
        payload: row.get(9),
        trace: row.get::<_, Option<&str>>(10).and_then(Trace::recorded),
    }
}

/// What a row waits for after a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Postponed {
    /// To be called again. `counted`: whether the call counts among its attempts.
    Again { counted: bool },
    /// To be given up, unless something shows that it was sent.
    Uncertain,
}

/// Lets a row wait until `due_at`. Whether it was still there, and the account still held.
pub async fn postpone(
    tx: &Tx,
    workspace: WorkspaceId,
    account: AccountId,
    epoch: u64,
    id: SendId,
    what: Postponed,
    due_at: Timestamp,
) -> Result<bool> {
    if !crate::lease::holds(tx, workspace, account, epoch).await? {
        return Ok(false);
    }
    let update = tx
        .prepare_cached(
            "update sends set state = $3, due_at = $4, attempts = greatest(attempts - $5, 0)
             where workspace_id = $1 and id = $2",
        )
        .await?;
    let (state, uncounted) = match what {
        Postponed::Again { counted } => ("waiting", i32::from(!counted)),
        Postponed::Uncertain => ("uncertain", 0),
    };
    let changed = tx
        .execute(&update, &[&Uuid::from(workspace), &Uuid::from(id), &state, &due_at, &uncounted])
        .await?;
    Ok(changed == 1)
}

/// A row with what a report of it needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub id: SendId,
    pub message: MessageId,
    pub part: u16,
    pub posts: bool,
    pub last: bool,
}

/// Of these rows those that are still there.
pub async fn standing(tx: &Tx, workspace: WorkspaceId, ids: &[SendId]) -> Result<Vec<Standing>> {
    let select = tx
        .prepare_cached(
            "select s.id, s.message_id, s.part, s.posts,
               not exists (select 1 from sends l
                 where l.workspace_id = s.workspace_id and l.message_id = s.message_id and l.posts
                   and (l.seq, l.part) > (s.seq, s.part))
             from sends s where s.workspace_id = $1 and s.id = any($2)",
        )
        .await?;
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    let standing = |row: &Row| Standing {
        id: SendId(row.get(0)),
        message: MessageId(row.get(1)),
        part: to_part(row.get(2)),
        posts: row.get(3),
        last: row.get(4),
    };
    Ok(rows.iter().map(standing).collect())
}

/// An account that was disconnected while something waited for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stranded {
    pub workspace: WorkspaceId,
    pub account: AccountId,
    /// The number under which it can be told what becomes of that, until somebody connects the
    /// account again.
    pub epoch: u64,
}

/// Accounts that are disconnected and have something waiting, of all workspaces.
pub async fn stranded(store: &Store, limit: u32) -> Result<Vec<Stranded>> {
    let limit = i32::try_from(limit).unwrap_or(i32::MAX);
    let tx = store.readers.begin(Scope::default()).await?;
    let find = tx
        .prepare_cached("select workspace_id, account_id, epoch from find_stranded_accounts($1)")
        .await?;
    let rows = tx.query(&find, &[&limit]).await?;
    let stranded = |row: &Row| Stranded {
        workspace: WorkspaceId(row.get(0)),
        account: AccountId(row.get(1)),
        epoch: u64::try_from(row.get::<_, i64>(2)).unwrap_or_default(),
    };
    Ok(rows.iter().map(stranded).collect())
}
