//! Conversations: the state rules work on, and the lines of the inbox.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use switchboard_domain::conversation::Peer;
use switchboard_domain::{
    AccountId, Author, Channel, ContactId, Conversation, ConversationId, Identity, LabelId, Marks,
    MemberId, MessageId, MessageKind, Seq, Status, Venue, WorkspaceId,
};
use tokio_postgres::Row;
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use crate::contact;
use crate::error::{Error, Result};
use crate::event::to_seq;
use crate::message;
use crate::pool::Tx;
use crate::seal::{Key, WorkspaceKeys};

/// A stored conversation with what a line of the inbox shows.
#[derive(Debug, Clone)]
pub struct Stored {
    pub state: Conversation,
    pub rev: Seq,
    pub contact_name: String,
    /// The contact that people see: the one it was found to be, where it was merged.
    pub person: ContactId,
    /// The account it is held with; `None` on the website.
    pub account: Option<AccountId>,
    /// How the platform is told where to write.
    pub address: Address,
    /// The newest message that is no activity.
    pub preview: Option<Preview>,
    pub created_at: Timestamp,
    pub last_activity_at: Timestamp,
    /// The contact's key, by which the conversation's messages are sealed.
    pub key: Key,
}

/// How a platform is told where to write. Sealed with the contact's key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Address {
    /// The thread's names, most stable first.
    pub keys: Vec<String>,
    /// What else the platform needs.
    pub data: serde_json::Map<String, serde_json::Value>,
    /// By what the person was ever found in this conversation.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub identities: Vec<Identity>,
    /// What the platform said of the person last.
    #[serde(default)]
    pub person: Person,
}

/// Who a person is by what a platform says. What people here call them goes before it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Person {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Without `@`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    pub message: MessageId,
    pub kind: MessageKind,
    pub author: Author,
    pub excerpt: String,
    pub attachments: u32,
    pub deleted: bool,
}

/// The longest excerpt of a message, in characters.
pub const EXCERPT_CHARS: usize = 140;

/// The beginning of a text on one line.
pub fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(EXCERPT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

const COLUMNS: &str = "
select c.id, c.contact_id, c.status, c.snoozed_until, c.assignee, c.labels, c.last_n, c.rev,
       c.team_delivered, c.team_read, c.team_unread,
       c.visitor_delivered, c.visitor_read, c.visitor_unread,
       c.created_at, c.last_activity_at, k.key, k.details,
       p.id, p.kind, p.author_kind, p.author_id, p.body, p.deleted_at is not null,
       (select count(*) from attachments a
         where a.workspace_id = c.workspace_id and a.message_id = p.id),
       c.venue, c.account_id, c.address, c.last_inbound_at, c.peer_delivered_at, c.peer_read_at,
       o.id, o.key, o.details";

/// What belongs to a conversation is looked up by its name alone, whatever sizes the planner
/// believes the tables to have.
const BESIDE: &str = "
cross join lateral (
  select * from contacts k where k.workspace_id = $1 and k.id = c.contact_id limit 1) k
left join lateral (
  select * from contacts o where o.workspace_id = $1 and o.id = k.merged_into limit 1) o on true
left join lateral (
  select * from messages p where p.workspace_id = $1 and p.id = c.preview_message limit 1) p on true";

/// Reads the rows of `c`, as [`read`] takes them, from what `source` says; `$1` is the workspace.
fn select(source: &str) -> String {
    format!("{COLUMNS} from {source} {BESIDE} where c.workspace_id = $1")
}

/// The same, of the conversations whose ids the query `ids` gives.
pub(crate) fn select_named(ids: &str) -> String {
    select(&format!(
        "({ids}) as n(id) cross join lateral (
           select * from conversations c where c.workspace_id = $1 and c.id = n.id limit 1) c"
    ))
}

/// The conversations with these ids, in no order.
pub async fn many(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    ids: &[ConversationId],
) -> Result<Vec<Stored>> {
    let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
    let select = tx.prepare_cached(&select_named("select distinct unnest($2::uuid[])")).await?;
    let rows = tx.query(&select, &[&Uuid::from(workspace), &ids]).await?;
    rows.iter().map(|row| read(keys, row)).collect()
}

pub async fn get(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<Option<Stored>> {
    Ok(many(tx, keys, workspace, &[id]).await?.pop())
}

/// The conversation of a contact on the website's channel.
pub async fn of_contact(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    contact: ContactId,
) -> Result<Option<Stored>> {
    let sql = select("conversations c") + " and c.contact_id = $2 and c.channel = 'web'";
    let select = tx.prepare_cached(&sql).await?;
    let row = tx.query_opt(&select, &[&Uuid::from(workspace), &Uuid::from(contact)]).await?;
    row.map(|row| read(keys, &row)).transpose()
}

/// Which lines of the inbox are asked for.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `open`, `pending`, `snoozed` or `resolved`; `None` for all.
    pub status: Option<&'static str>,
    pub assignee: Option<Assignee>,
    pub label: Option<LabelId>,
    pub unread: bool,
    pub channel: Option<Channel>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assignee {
    Nobody,
    Member(MemberId),
}

/// Where a page of the inbox begins: after the line with this activity and id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct After {
    pub last_activity_at: Timestamp,
    pub id: ConversationId,
}

/// One page of the inbox, the newest activity first.
pub async fn page(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    filter: &Filter,
    after: Option<After>,
    limit: u32,
) -> Result<Vec<Stored>> {
    let (workspace, limit) = (Uuid::from(workspace), i64::from(limit));
    let mut sql = select("conversations c");
    let mut params: Vec<&(dyn ToSql + Sync)> = vec![&workspace];
    let status = filter.status;
    if let Some(status) = &status {
        params.push(status);
        sql.push_str(&format!(" and c.status = ${}", params.len()));
    }
    let member = match filter.assignee {
        Some(Assignee::Member(member)) => Some(Uuid::from(member)),
        Some(Assignee::Nobody) | None => None,
    };
    if let Some(member) = &member {
        params.push(member);
        sql.push_str(&format!(" and c.assignee = ${}", params.len()));
    } else if filter.assignee == Some(Assignee::Nobody) {
        sql.push_str(" and c.assignee is null");
    }
    let label = filter.label.map(Uuid::from);
    if let Some(label) = &label {
        params.push(label);
        sql.push_str(&format!(" and ${} = any(c.labels)", params.len()));
    }
    if filter.unread {
        sql.push_str(" and c.team_unread > 0");
    }
    let channel = filter.channel.map(Channel::name);
    if let Some(channel) = &channel {
        params.push(channel);
        sql.push_str(&format!(" and c.channel = ${}", params.len()));
    }
    let position = after.map(|after| (after.last_activity_at, Uuid::from(after.id)));
    if let Some((at, id)) = &position {
        params.push(at);
        params.push(id);
        let n = params.len();
        sql.push_str(&format!(" and (c.last_activity_at, c.id) < (${}, ${n})", n - 1));
    }
    params.push(&limit);
    sql.push_str(&format!(" order by c.last_activity_at desc, c.id desc limit ${}", params.len()));
    let select = tx.prepare_cached(&sql).await?;
    let rows = tx.query(&select, &params).await?;
    rows.iter().map(|row| read(keys, row)).collect()
}

/// Counts stop here: a team that has more waiting needs no exact figure.
pub const COUNT_MAX: i64 = 1_000;

/// How many conversations each view of the inbox holds, each up to [`COUNT_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub open: u32,
    pub mine: u32,
    pub unassigned: u32,
    pub pending: u32,
    pub snoozed: u32,
    pub resolved: u32,
    pub unread: u32,
}

pub async fn counts(tx: &Tx, workspace: WorkspaceId, me: MemberId) -> Result<Counts> {
    let count = |clause: &str| {
        format!(
            "(select count(*) from (select 1 from conversations
              where workspace_id = $1 and {clause} limit {COUNT_MAX}) x)"
        )
    };
    let sql = format!(
        "select {}, {}, {}, {}, {}, {}, {}",
        count("status = 'open'"),
        count("assignee = $2 and status = 'open'"),
        count("assignee is null and status = 'open'"),
        count("status = 'pending'"),
        count("status = 'snoozed'"),
        count("status = 'resolved'"),
        count("status = 'open' and team_unread > 0"),
    );
    let select = tx.prepare_cached(&sql).await?;
    let row = tx.query_one(&select, &[&Uuid::from(workspace), &Uuid::from(me)]).await?;
    let at = |i: usize| u32::try_from(row.get::<_, i64>(i)).unwrap_or_default();
    Ok(Counts {
        open: at(0),
        mine: at(1),
        unassigned: at(2),
        pending: at(3),
        snoozed: at(4),
        resolved: at(5),
        unread: at(6),
    })
}

/// The stored name of a status, and until when it lasts.
pub(crate) fn status_columns(status: Status) -> (&'static str, Option<Timestamp>) {
    match status {
        Status::Open => ("open", None),
        Status::Pending => ("pending", None),
        Status::Snoozed { until } => ("snoozed", Some(until)),
        Status::Resolved => ("resolved", None),
    }
}

fn status(name: &str, until: Option<Timestamp>) -> Result<Status> {
    match (name, until) {
        ("open", None) => Ok(Status::Open),
        ("pending", None) => Ok(Status::Pending),
        ("snoozed", Some(until)) => Ok(Status::Snoozed { until }),
        ("resolved", None) => Ok(Status::Resolved),
        (other, _) => Err(Error::Corrupt(format!("a conversation with the status {other}"))),
    }
}

pub(crate) fn read(keys: &WorkspaceKeys, row: &Row) -> Result<Stored> {
    let contact_id = ContactId(row.get(1));
    let key = contact::open_key(keys, contact_id, row.get(16))?;
    let details = contact::open_details(keys, contact_id, &key, row.get(17))?;
    let (person, contact_name) = match row.get::<_, Option<Uuid>>(31) {
        Some(other) => {
            let other = ContactId(other);
            let key = contact::open_key(keys, other, row.get(32))?;
            let details = contact::open_details(keys, other, &key, row.get(33))?;
            (other, details.display_name(other))
        }
        None => (contact_id, details.display_name(contact_id)),
    };
    let labels: Vec<Uuid> = row.get(5);
    Ok(Stored {
        state: Conversation {
            id: ConversationId(row.get(0)),
            contact: contact_id,
            venue: venue(row.get(25))?,
            status: status(row.get(2), row.get(3))?,
            assignee: row.get::<_, Option<Uuid>>(4).map(MemberId),
            labels: labels.into_iter().map(LabelId).collect(),
            last_n: to_n(row.get(6)),
            team: Marks { delivered: to_n(row.get(8)), read: to_n(row.get(9)) },
            team_unread: to_n(row.get(10)),
            visitor: Marks { delivered: to_n(row.get(11)), read: to_n(row.get(12)) },
            visitor_unread: to_n(row.get(13)),
            peer: Peer { wrote_at: row.get(28), delivered_at: row.get(29), read_at: row.get(30) },
        },
        rev: to_seq(row.get(7)),
        contact_name,
        person,
        account: row.get::<_, Option<Uuid>>(26).map(AccountId),
        address: open_address(keys, contact_id, &key, row.get(27))?,
        created_at: row.get(14),
        last_activity_at: row.get(15),
        preview: preview(keys, &key, row)?,
        key,
    })
}

fn venue(name: &str) -> Result<Venue> {
    Venue::parse(name).ok_or_else(|| Error::Corrupt(format!("a conversation at the venue {name}")))
}

const ADDRESS: &str = "conversations.address";

/// Seals how the platform is told where to write.
pub fn seal_address(
    keys: &WorkspaceKeys,
    contact: ContactId,
    key: &Key,
    address: &Address,
) -> Result<Vec<u8>> {
    let json = serde_json::to_vec(address).map_err(|error| Error::Corrupt(error.to_string()))?;
    Ok(key.seal(&keys.place(ADDRESS, contact), &json))
}

fn open_address(
    keys: &WorkspaceKeys,
    contact: ContactId,
    key: &Key,
    sealed: Option<&[u8]>,
) -> Result<Address> {
    let Some(sealed) = sealed else { return Ok(Address::default()) };
    let json = key.open(&keys.place(ADDRESS, contact), sealed)?;
    serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
}

fn preview(keys: &WorkspaceKeys, key: &Key, row: &Row) -> Result<Option<Preview>> {
    let Some(id) = row.get::<_, Option<Uuid>>(18) else { return Ok(None) };
    let body: Option<&[u8]> = row.get(22);
    let text = message::open_body(keys, key, MessageId(id), body)?;
    Ok(Some(Preview {
        message: MessageId(id),
        kind: message::parse_kind(row.get(19))?,
        author: message::parse_author(row.get(20), row.get(21))?,
        excerpt: excerpt(&text),
        deleted: row.get(23),
        attachments: u32::try_from(row.get::<_, i64>(24)).unwrap_or_default(),
    }))
}

/// Numbers of messages are stored signed and are never negative.
pub(crate) fn to_n(n: i32) -> u32 {
    u32::try_from(n).unwrap_or_default()
}

pub(crate) fn from_n(n: u32) -> i32 {
    i32::try_from(n).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_is_one_short_line() {
        assert_eq!(excerpt(" a\n b\t c "), "a b c");
        let long = excerpt(&"word ".repeat(100));
        assert_eq!(long.chars().count(), EXCERPT_CHARS + 1);
        assert!(long.ends_with('…'));
        assert_eq!(excerpt(""), "");
    }
}
