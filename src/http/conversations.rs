//! The inbox and its conversations: lists, one in detail, and what is set on them.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use jiff::Timestamp;
use serde::Deserialize;
use switchboard_actors::{AgentCall, Rejection, page, view as views};
use switchboard_domain::conversation::decide;
use switchboard_domain::{
    Author, Channel, Command, Conversation, ConversationId, LabelId, MemberId, MessageId, Refusal,
    WorkspaceId,
};
use switchboard_store::conversation::{self, Assignee, Filter, Stored};
use switchboard_store::{contact, label, member};
use switchboard_wire::agent::{AgentCommand, ConversationDetail};
use switchboard_wire::rest::Page;
use switchboard_wire::rest::conversation::{ChangeConversation, Mark, StatusFilter, Typing};
use switchboard_wire::{Problem, view};
use utoipa::IntoParams;
use uuid::Uuid;

use super::auth::Agent;
use super::paging;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/conversations").route(web::get().to(list)))
        // Before the single conversation, whose id would swallow it.
        .service(web::resource("/conversations/counts").route(web::get().to(counts)))
        .service(
            web::resource("/conversations/{id}")
                .route(web::get().to(show))
                .route(web::patch().to(change)),
        )
        .service(web::resource("/conversations/{id}/marks").route(web::post().to(mark)))
        .service(web::resource("/conversations/{id}/typing").route(web::post().to(typing)));
}

/// Which conversations are asked for.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// All unless said otherwise.
    #[param(inline)]
    status: Option<StatusFilter>,
    /// `me`, `nobody` or a member's id.
    assignee: Option<String>,
    /// Only those that carry this label.
    #[param(value_type = Option<String>)]
    label: Option<LabelId>,
    /// `true`: only those with something the team has not read.
    unread: Option<bool>,
    /// Only those on this channel.
    #[param(inline)]
    channel: Option<Channel>,
    /// The `next` of the page before.
    cursor: Option<String>,
    /// 50 unless said otherwise, 100 at the most.
    limit: Option<u32>,
}

/// A page of the inbox, the newest activity first.
#[utoipa::path(
    get, path = "/api/v1/conversations", tag = "conversations", params(ListQuery),
    responses(
        (status = 200, description = "A page", body = Page<view::Conversation>),
        (status = 400, description = "A filter or the cursor is not one", body = Problem),
    ),
)]
pub async fn list(
    app: Data<App>,
    agent: Agent,
    query: Query<ListQuery>,
) -> Result<Json<Page<view::Conversation>>> {
    let limit = paging::limit(query.limit);
    let filter = filter(&query, agent.member)?;
    let after = match &query.cursor {
        None => None,
        Some(cursor) => Some(page::parse_cursor(cursor).ok_or_else(not_a_cursor)?),
    };
    let keys = page::keys(&app.store, agent.workspace).await?;
    let tx = app.store.readers.begin(agent.workspace).await?;
    let rows = conversation::page(&tx, &keys, agent.workspace, &filter, after, limit).await?;
    let next = page::next_cursor(&rows, limit);
    Ok(Json(Page { items: rows.iter().map(views::conversation).collect(), next }))
}

/// How many conversations each view of the inbox holds, up to a thousand.
#[utoipa::path(
    get, path = "/api/v1/conversations/counts", tag = "conversations",
    responses((status = 200, description = "As of now", body = view::Counts)),
)]
pub async fn counts(app: Data<App>, agent: Agent) -> Result<Json<view::Counts>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let counts = conversation::counts(&tx, agent.workspace, agent.member).await?;
    Ok(Json(views::counts(&counts)))
}

/// A conversation with its contact: where that was found to be another one, with the other.
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}", tag = "conversations",
    params(("id" = ConversationId, Path, description = "cnv_…")),
    responses(
        (status = 200, description = "As it is now", body = ConversationDetail),
        (status = 404, description = "There is no such conversation", body = Problem),
    ),
)]
pub async fn show(
    app: Data<App>,
    agent: Agent,
    id: Path<ConversationId>,
) -> Result<Json<ConversationDetail>> {
    let workspace = agent.workspace;
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin_snapshot(workspace).await?;
    let row = conversation::get(&tx, &keys, workspace, *id).await?.ok_or_else(missing)?;
    let contact = contact::get(&tx, &keys, workspace, row.person).await?;
    let contact = contact.ok_or_else(missing)?;
    drop(tx);
    let (_, online) = app.cast.who_is_there(workspace, Some(contact.id)).await;
    Ok(Json(ConversationDetail {
        conversation: views::conversation(&row),
        contact: views::contact(&contact),
        online,
    }))
}

/// Sets a conversation's status, assignment and labels, as far as they are given.
///
/// All of it is checked first, so that a refusal leaves the conversation as it was.
#[utoipa::path(
    patch, path = "/api/v1/conversations/{id}", tag = "conversations",
    request_body = ChangeConversation,
    params(("id" = ConversationId, Path, description = "cnv_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Conversation),
        (status = 404, description = "There is no such conversation, member or label",
         body = Problem),
        (status = 422, description = "It would carry too many labels", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    id: Path<ConversationId>,
    body: Json<ChangeConversation>,
) -> Result<Json<view::Conversation>> {
    check(&app, &agent, *id, &body).await?;
    for command in commands(*id, body.into_inner()) {
        app.cast.agent(call(&agent), command).await?;
    }
    Ok(Json(views::conversation(&read(&app, agent.workspace, *id).await?)))
}

/// Says how far the team has come. Marks only move forward.
#[utoipa::path(
    post, path = "/api/v1/conversations/{id}/marks", tag = "conversations", request_body = Mark,
    params(("id" = ConversationId, Path, description = "cnv_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Conversation),
        (status = 404, description = "There is no such conversation", body = Problem),
    ),
)]
pub async fn mark(
    app: Data<App>,
    agent: Agent,
    id: Path<ConversationId>,
    body: Json<Mark>,
) -> Result<Json<view::Conversation>> {
    let Mark { delivered, read: up_to } = body.into_inner();
    let command = AgentCommand::Mark { conversation: *id, delivered, read: up_to };
    app.cast.agent(call(&agent), command).await?;
    Ok(Json(views::conversation(&read(&app, agent.workspace, *id).await?)))
}

/// Says that the caller types, or no longer does. Repeat it every few seconds; it fades by itself.
#[utoipa::path(
    post, path = "/api/v1/conversations/{id}/typing", tag = "conversations",
    request_body = Typing,
    params(("id" = ConversationId, Path, description = "cnv_…")),
    responses(
        (status = 204, description = "Told to whoever looks"),
        (status = 404, description = "There is no such conversation", body = Problem),
    ),
)]
pub async fn typing(
    app: Data<App>,
    agent: Agent,
    id: Path<ConversationId>,
    body: Json<Typing>,
) -> Result<HttpResponse> {
    read(&app, agent.workspace, *id).await?;
    let Typing { on, note } = body.into_inner();
    let command = AgentCommand::Typing { conversation: *id, on, note };
    app.cast.agent(call(&agent), command).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// An agent as the cast knows one.
pub(super) fn call(agent: &Agent) -> AgentCall {
    AgentCall { workspace: agent.workspace, member: agent.member, role: agent.role }
}

/// A conversation as it is stored now.
pub(super) async fn read(app: &App, workspace: WorkspaceId, id: ConversationId) -> Result<Stored> {
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin(workspace).await?;
    conversation::get(&tx, &keys, workspace, id).await?.ok_or_else(missing)
}

fn missing() -> Failure {
    Failure::not_found("conversation")
}

pub(super) fn not_a_cursor() -> Failure {
    Failure::field("cursor", "this cursor is not one of ours; begin with the first page")
}

fn filter(query: &ListQuery, me: MemberId) -> Result<Filter> {
    Ok(Filter {
        status: match query.status.unwrap_or(StatusFilter::All) {
            StatusFilter::Open => Some("open"),
            StatusFilter::Pending => Some("pending"),
            StatusFilter::Snoozed => Some("snoozed"),
            StatusFilter::Resolved => Some("resolved"),
            StatusFilter::All => None,
        },
        assignee: query.assignee.as_deref().map(|text| assignee(text, me)).transpose()?,
        label: query.label,
        unread: query.unread.unwrap_or_default(),
        channel: query.channel,
    })
}

fn assignee(text: &str, me: MemberId) -> Result<Assignee> {
    match text {
        "me" => Ok(Assignee::Member(me)),
        "nobody" => Ok(Assignee::Nobody),
        id => id.parse().map(Assignee::Member).map_err(|_| {
            Failure::field("assignee", "an assignee is `me`, `nobody` or the id of a member")
        }),
    }
}

/// What a change asks of the conversation, in the order in which it is done.
fn commands(conversation: ConversationId, change: ChangeConversation) -> Vec<AgentCommand> {
    let ChangeConversation { status, assign, add_labels: add, remove_labels: remove } = change;
    let labels = !(add.is_empty() && remove.is_empty());
    let status = status.map(|status| AgentCommand::SetStatus { conversation, status });
    let assign = assign.map(|to| AgentCommand::Assign { conversation, member: to.member });
    let label = labels.then_some(AgentCommand::Label { conversation, add, remove });
    [status, assign, label].into_iter().flatten().collect()
}

/// Refuses what would be refused half-way.
async fn check(
    app: &App,
    agent: &Agent,
    id: ConversationId,
    change: &ChangeConversation,
) -> Result<()> {
    let workspace = agent.workspace;
    let row = read(app, workspace, id).await?;
    decided(clock::now(), &row.state, agent.member, change).map_err(Rejection::from)?;
    let assignee = change.assign.as_ref().and_then(|to| to.member);
    if assignee.is_none() && change.add_labels.is_empty() {
        return Ok(());
    }
    let tx = app.store.readers.begin(workspace).await?;
    if let Some(member) = assignee {
        let members = member::list(&tx, workspace).await?;
        if !members.iter().any(|known| known.id == member && known.active) {
            return Err(Failure::not_found("member").about("assign"));
        }
    }
    if !change.add_labels.is_empty() {
        let labels = label::list(&tx, workspace).await?;
        let known = |id: &LabelId| labels.iter().any(|label| label.id == *id);
        if !change.add_labels.iter().all(known) {
            return Err(Failure::not_found("label").about("add_labels"));
        }
    }
    Ok(())
}

/// Asks the rules. The three parts of a change concern nothing in common, so each can be decided
/// on the conversation as it is.
fn decided(
    now: Timestamp,
    state: &Conversation,
    member: MemberId,
    change: &ChangeConversation,
) -> Result<(), Refusal> {
    let activity = MessageId(Uuid::nil());
    let status = change.status.map(|status| Command::SetStatus { status, activity });
    let label = Command::Label {
        add: change.add_labels.iter().copied().collect(),
        remove: change.remove_labels.iter().copied().collect(),
    };
    for command in [status, Some(label)].into_iter().flatten() {
        decide(now, state, Author::Agent(member), &command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use switchboard_domain::Status;
    use switchboard_domain::conversation::LABELS_MAX;
    use switchboard_wire::rest::conversation::AssignTo;

    use super::*;

    const ME: MemberId = MemberId(Uuid::from_u128(7));
    const CONVERSATION: ConversationId = ConversationId(Uuid::from_u128(1));

    fn query(text: &str) -> Result<ListQuery, String> {
        Query::<ListQuery>::from_query(text).map(Query::into_inner).map_err(|e| e.to_string())
    }

    #[test]
    fn a_filter_is_read_from_the_query() {
        let read = |text: &str| filter(&query(text).unwrap(), ME).unwrap();
        let all = read("");
        assert_eq!((all.status, all.assignee, all.label, all.unread), (None, None, None, false));
        assert_eq!(read("status=all").status, None);
        assert_eq!(read("status=snoozed").status, Some("snoozed"));
        assert_eq!(read("assignee=me").assignee, Some(Assignee::Member(ME)));
        assert_eq!(read("assignee=nobody").assignee, Some(Assignee::Nobody));
        assert_eq!(read(&format!("assignee={ME}")).assignee, Some(Assignee::Member(ME)));
        let label = LabelId(Uuid::from_u128(3));
        assert_eq!(read(&format!("label={label}&unread=true")).label, Some(label));
        assert!(read("unread=true").unread);
        assert_eq!(read("channel=whatsapp").channel, Some(Channel::Whatsapp));
        assert_eq!(all.channel, None);
    }

    #[test]
    fn a_filter_that_is_none_is_refused() {
        for bad in [
            "channel=fax",
            "status=closed",
            "status=",
            "label=x",
            "unread=maybe",
            "limit=-1",
            "stauts=open",
        ] {
            assert!(query(bad).is_err(), "{bad}");
        }
        for bad in ["", "Me", "everyone", "con_00000000000000000000000000000007"] {
            assert!(assignee(bad, ME).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_change_becomes_its_commands_in_order() {
        assert!(commands(CONVERSATION, ChangeConversation::default()).is_empty());
        let label = LabelId(Uuid::from_u128(3));
        let all = ChangeConversation {
            status: Some(Status::Resolved),
            assign: Some(AssignTo { member: None }),
            add_labels: vec![],
            remove_labels: vec![label],
        };
        let conversation = CONVERSATION;
        assert_eq!(
            commands(conversation, all),
            [
                AgentCommand::SetStatus { conversation, status: Status::Resolved },
                AgentCommand::Assign { conversation, member: None },
                AgentCommand::Label { conversation, add: vec![], remove: vec![label] },
            ]
        );
    }

    #[test]
    fn a_change_that_would_fail_half_way_is_refused_whole() {
        let now = Timestamp::UNIX_EPOCH;
        let state = Conversation::new(CONVERSATION, Uuid::from_u128(2).into());
        let labels = |n: usize| (0..n).map(|i| LabelId(Uuid::from_u128(i as u128))).collect();
        let check = |change: &ChangeConversation| decided(now, &state, ME, change);
        let mut change = ChangeConversation {
            status: Some(Status::Resolved),
            add_labels: labels(LABELS_MAX),
            ..Default::default()
        };
        assert_eq!(check(&change), Ok(()));
        change.add_labels = labels(LABELS_MAX + 1);
        assert_eq!(check(&change), Err(Refusal::TooManyLabels));
        change.add_labels.clear();
        change.status = Some(Status::Snoozed { until: now });
        assert_eq!(check(&change), Err(Refusal::SnoozeInThePast));
    }
}
