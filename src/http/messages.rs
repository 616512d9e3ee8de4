//! The messages of a conversation, as the team reads and writes them.

use actix_web::http::header::HeaderMap;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_actors::page;
use switchboard_actors::view::Viewing;
use switchboard_domain::{ConversationId, MessageId, Side, WorkspaceId};
use switchboard_store::message::{self, Message};
use switchboard_wire::agent::AgentCommand;
use switchboard_wire::rest::Page;
use switchboard_wire::rest::conversation::{EditMessage, PostMessage};
use switchboard_wire::{Problem, REF_MAX_BYTES, view};
use uuid::Uuid;

use super::auth::Agent;
use super::conversations::{call, read};
use super::paging::{self, MessagesQuery};
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

/// What a client names a repetition by where it does not say `ref`.
const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/conversations/{id}/messages")
            .route(web::get().to(list))
            .route(web::post().to(post)),
    )
    .service(
        web::resource("/conversations/{id}/messages/{message}")
            .route(web::patch().to(edit))
            .route(web::delete().to(remove)),
    )
    .service(
        web::resource("/conversations/{id}/messages/{message}/resend")
            .route(web::post().to(resend)),
    )
    .service(
        web::resource("/conversations/{id}/messages/{message}/reactions/{emoji}")
            .route(web::put().to(react))
            .route(web::delete().to(unreact)),
    );
}

/// A page of a conversation, oldest first within the page.
///
/// Without `before` or `after` it is the newest. `next` is what to pass as `before`, or as
/// `after` where this page was asked for with `after`; it is absent when there is no more.
#[utoipa::path(
    get, path = "/api/v1/conversations/{id}/messages", tag = "conversations",
    params(("id" = ConversationId, Path, description = "cnv_…"), MessagesQuery),
    responses(
        (status = 200, description = "A page", body = Page<view::Message>),
        (status = 404, description = "There is no such conversation", body = Problem),
    ),
)]
pub async fn list(
    app: Data<App>,
    agent: Agent,
    id: Path<ConversationId>,
    query: Query<MessagesQuery>,
) -> Result<Json<Page<view::Message>>> {
    let (slice, limit) = (query.slice()?, paging::limit(query.limit));
    let workspace = agent.workspace;
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin(workspace).await?;
    let rows = message::page(&tx, &keys, workspace, *id, Side::Team, slice, limit + 1).await?;
    drop(tx);
    if rows.is_empty() {
        // Nothing there, or nothing of that name.
        read(&app, workspace, *id).await?;
    }
    let (rows, next) = paging::cut(rows, slice, limit);
    let viewing = viewing(&app, workspace);
    let items = rows.iter().map(|row| viewing.message(row)).collect();
    Ok(Json(Page { items, next: next.map(|seq| seq.to_string()) }))
}

/// Writes a message to the visitor, or a note to the team.
#[utoipa::path(
    post, path = "/api/v1/conversations/{id}/messages", tag = "conversations",
    request_body = PostMessage,
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("Idempotency-Key" = Option<String>, Header, description = "In place of `ref`."),
    ),
    responses(
        (status = 201, description = "Posted", body = view::Message),
        (status = 200, description = "Posted before under this `ref`", body = view::Message),
        (status = 404, description = "There is no such conversation, attachment or message to \
         answer", body = Problem),
        (status = 409, description = "This `ref` was used in another conversation",
         body = Problem),
    ),
)]
pub async fn post(
    app: Data<App>,
    agent: Agent,
    request: HttpRequest,
    id: Path<ConversationId>,
    body: Json<PostMessage>,
) -> Result<HttpResponse> {
    let PostMessage { reference, kind, text, attachments, reply_to, form } = body.into_inner();
    let reference = Reference::of(request.headers(), reference)?;
    let (workspace, conversation) = (agent.workspace, *id);
    if let Some(row) = reference.posted(&app, workspace, agent.member.into(), conversation).await? {
        return Ok(HttpResponse::Ok().json(viewing(&app, workspace).message(&row)));
    }
    let reference = reference.text();
    let command =
        AgentCommand::Post { conversation, reference, kind, text, attachments, reply_to, form };
    let done = app.cast.agent(call(&agent), command).await?;
    let id = done.message.ok_or_else(|| Failure::internal("a post without a message"))?;
    let row = read_message(&app, workspace, conversation, id).await?;
    Ok(HttpResponse::Created().json(viewing(&app, workspace).message(&row)))
}

/// Changes the text of a message of one's own.
#[utoipa::path(
    patch, path = "/api/v1/conversations/{id}/messages/{message}", tag = "conversations",
    request_body = EditMessage,
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("message" = MessageId, Path, description = "msg_…"),
    ),
    responses(
        (status = 200, description = "As it is now", body = view::Message),
        (status = 403, description = "Somebody else wrote it", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 422, description = "It was deleted", body = Problem),
    ),
)]
pub async fn edit(
    app: Data<App>,
    agent: Agent,
    path: Path<(ConversationId, MessageId)>,
    body: Json<EditMessage>,
) -> Result<Json<view::Message>> {
    let (conversation, message) = path.into_inner();
    let EditMessage { text } = body.into_inner();
    act(&app, &agent, AgentCommand::Edit { conversation, message, text }, conversation, message)
        .await
}

/// Deletes a message of one's own, or anyone's where one's role allows it.
#[utoipa::path(
    delete, path = "/api/v1/conversations/{id}/messages/{message}", tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("message" = MessageId, Path, description = "msg_…"),
    ),
    responses(
        (status = 200, description = "What is left of it", body = view::Message),
        (status = 403, description = "Somebody else wrote it", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
    ),
)]
pub async fn remove(
    app: Data<App>,
    agent: Agent,
    path: Path<(ConversationId, MessageId)>,
) -> Result<Json<view::Message>> {
    let (conversation, message) = path.into_inner();
    act(&app, &agent, AgentCommand::Delete { conversation, message }, conversation, message).await
}

/// Sends a message again that failed, or that may not have been sent. What is known to have been
/// sent is not sent twice.
#[utoipa::path(
    post, path = "/api/v1/conversations/{id}/messages/{message}/resend", tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("message" = MessageId, Path, description = "msg_…"),
    ),
    responses(
        (status = 200, description = "The message as it is now", body = view::Message),
        (status = 400, description = "It needs no sending", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
    ),
)]
pub async fn resend(
    app: Data<App>,
    agent: Agent,
    path: Path<(ConversationId, MessageId)>,
) -> Result<Json<view::Message>> {
    let (conversation, message) = path.into_inner();
    read(&app, agent.workspace, conversation).await?;
    act(&app, &agent, AgentCommand::Resend { conversation, message }, conversation, message).await
}

/// Puts a reaction on a message.
#[utoipa::path(
    put, path = "/api/v1/conversations/{id}/messages/{message}/reactions/{emoji}",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("message" = MessageId, Path, description = "msg_…"),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The message as it is now", body = view::Message),
        (status = 400, description = "This is no emoji", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 422, description = "It was deleted, or has too many", body = Problem),
    ),
)]
pub async fn react(
    app: Data<App>,
    agent: Agent,
    path: Path<(ConversationId, MessageId, String)>,
) -> Result<Json<view::Message>> {
    let (conversation, message, emoji) = path.into_inner();
    let command = AgentCommand::React { conversation, message, emoji, on: true };
    act(&app, &agent, command, conversation, message).await
}

/// Takes one's reaction off a message.
#[utoipa::path(
    delete, path = "/api/v1/conversations/{id}/messages/{message}/reactions/{emoji}",
    tag = "conversations",
    params(
        ("id" = ConversationId, Path, description = "cnv_…"),
        ("message" = MessageId, Path, description = "msg_…"),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The message as it is now", body = view::Message),
        (status = 404, description = "There is no such message", body = Problem),
    ),
)]
pub async fn unreact(
    app: Data<App>,
    agent: Agent,
    path: Path<(ConversationId, MessageId, String)>,
) -> Result<Json<view::Message>> {
    let (conversation, message, emoji) = path.into_inner();
    let command = AgentCommand::React { conversation, message, emoji, on: false };
    act(&app, &agent, command, conversation, message).await
}

/// Does a command and answers with the message it was about.
async fn act(
    app: &App,
    agent: &Agent,
    command: AgentCommand,
    conversation: ConversationId,
    message: MessageId,
) -> Result<Json<view::Message>> {
    app.cast.agent(call(agent), command).await?;
    let row = read_message(app, agent.workspace, conversation, message).await?;
    Ok(Json(viewing(app, agent.workspace).message(&row)))
}

/// Rows as they are shown now.
pub(super) fn viewing(app: &App, workspace: WorkspaceId) -> Viewing<'_> {
    Viewing { workspace, links: &app.links, now: clock::now() }
}

/// A message as it is stored now.
pub(super) async fn read_message(
    app: &App,
    workspace: WorkspaceId,
    conversation: ConversationId,
    id: MessageId,
) -> Result<Message> {
    let keys = page::keys(&app.store, workspace).await?;
    let tx = app.store.readers.begin(workspace).await?;
    let row = message::get(&tx, &keys, workspace, id).await?;
    row.filter(|row| row.conversation == conversation).ok_or_else(|| Failure::not_found("message"))
}

/// What a post is called, so that a repetition is known as one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reference {
    /// By the client.
    Given(String),
    /// By us: no repetition can know it.
    Made(String),
}

impl Reference {
    /// The body's `ref`, or the header, or a new one.
    pub fn of(headers: &HeaderMap, reference: Option<String>) -> Result<Reference> {
        let header = headers.get(IDEMPOTENCY_KEY).map(|value| value.to_str());
        let header = header.transpose().map_err(|_| unusable())?.map(str::to_owned);
        match (reference, header) {
            (Some(body), Some(header)) if body != header => {
                Err(Failure::field("ref", "`ref` and Idempotency-Key differ; say one of them"))
            }
            (Some(given), _) | (None, Some(given)) => {
                let usable = (1..=REF_MAX_BYTES).contains(&given.len())
                    && !given.chars().any(char::is_control);
                usable.then_some(Reference::Given(given)).ok_or_else(unusable)
            }
            (None, None) => Ok(Reference::Made(Uuid::now_v7().simple().to_string())),
        }
    }

    /// What was posted under it already. Two that come at once are settled by the store.
    pub async fn posted(
        &self,
        app: &App,
        workspace: WorkspaceId,
        author: Uuid,
        conversation: ConversationId,
    ) -> Result<Option<Message>> {
        let Reference::Given(reference) = self else { return Ok(None) };
        let tx = app.store.readers.begin(workspace).await?;
        let posted = message::by_reference(&tx, workspace, author, reference).await?;
        drop(tx);
        let Some(posted) = posted else { return Ok(None) };
        if posted.conversation != conversation {
            return Err(Failure::conflict("this ref was used in another conversation").about("ref"));
        }
        read_message(app, workspace, conversation, posted.message).await.map(Some)
    }

    pub fn text(self) -> String {
        match self {
            Reference::Given(text) | Reference::Made(text) => text,
        }
    }
}

fn unusable() -> Failure {
    let bound = format!("ref or Idempotency-Key has 1 to {REF_MAX_BYTES} bytes of plain text");
    Failure::field("ref", bound)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{HeaderName, HeaderValue};

    use super::*;

    fn reference(header: Option<&[u8]>, body: Option<&str>) -> Result<Reference> {
        let mut headers = HeaderMap::new();
        if let Some(header) = header {
            let name = HeaderName::from_bytes(IDEMPOTENCY_KEY.as_bytes()).unwrap();
            headers.insert(name, HeaderValue::from_bytes(header).unwrap());
        }
        Reference::of(&headers, body.map(str::to_owned))
    }

    #[test]
    fn a_post_is_called_by_its_client_or_by_us() {
        let given = Ok(Reference::Given("a".into()));
        assert_eq!(reference(Some(b"a"), None), given);
        assert_eq!(reference(None, Some("a")), given);
        assert_eq!(reference(Some(b"a"), Some("a")), given);
        let ours = reference(None, None).unwrap();
        assert_ne!(ours, reference(None, None).unwrap());
        assert!((1..=REF_MAX_BYTES).contains(&ours.text().len()));
    }

    #[test]
    fn an_unusable_name_for_a_post_is_refused() {
        let long = "x".repeat(REF_MAX_BYTES + 1);
        for (header, body) in [
            (Some(&b"a"[..]), Some("b")),
            (Some(b""), None),
            (None, Some("")),
            (None, Some("a\0b")),
            (Some(long.as_bytes()), None),
            (None, Some(&long)),
            (Some(&[0xff, 0xfe]), None),
        ] {
            let refused = reference(header, body).unwrap_err();
            assert_eq!(refused.problem().field.as_deref(), Some("ref"), "{header:?} {body:?}");
        }
    }
}
