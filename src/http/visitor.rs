//! A visitor's own conversation, for pages and programs without a websocket.
//!
//! Everything here is about the conversation of the token's visitor; no path or body names one.

use actix_web::http::header::USER_AGENT;
use actix_web::web::{self, Data, Json, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use switchboard_actors::{VisitorCall, page, view as views, web_conversation};
use switchboard_domain::{MessageId, Side};
use switchboard_store::message::{self, Message, Slice};
use switchboard_store::{Tx, conversation};
use switchboard_wire::Problem;
use switchboard_wire::rest::Page;
use switchboard_wire::rest::conversation::{EditMessage, Mark, Typing};
use switchboard_wire::rest::widget::{
    NumberedVisitorEvent, VisitorEvents, VisitorPost, VisitorThread,
};
use switchboard_wire::view::{VisitorConversation, VisitorMessage};
use switchboard_wire::visitor::VisitorCommand;

use super::admission::Visitor;
use super::conversations::read;
use super::events::{self, EventsQuery};
use super::messages::{Reference, read_message, viewing};
use super::paging::{self, OlderQuery};
use super::problem::{Failure, Result};
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/visitor/conversation").route(web::get().to(thread)))
        .service(
            web::resource("/visitor/messages")
                .route(web::get().to(list))
                .route(web::post().to(post)),
        )
        .service(
            web::resource("/visitor/messages/{message}")
                .route(web::patch().to(edit))
                .route(web::delete().to(remove)),
        )
        .service(
            web::resource("/visitor/messages/{message}/reactions/{emoji}")
                .route(web::put().to(react))
                .route(web::delete().to(unreact)),
        )
        .service(web::resource("/visitor/marks").route(web::post().to(mark)))
        .service(web::resource("/visitor/typing").route(web::post().to(typing)))
        .service(web::resource("/visitor/events").route(web::get().to(list_events)));
}

/// The visitor's conversation and its newest messages, as of one moment.
#[utoipa::path(
    get, path = "/api/v1/visitor/conversation", tag = "visitors",
    responses((status = 200, description = "Empty before the first message", body = VisitorThread)),
    security(("visitor" = [])),
)]
pub async fn thread(app: Data<App>, visitor: Visitor) -> Result<Json<VisitorThread>> {
    let keys = page::keys(&app.store, visitor.workspace).await?;
    let tx = app.store.readers.begin_snapshot(visitor.workspace).await?;
    let row = conversation::of_contact(&tx, &keys, visitor.workspace, visitor.contact).await?;
    let rows = newest(&app, &tx, &visitor, Slice::Newest, paging::PAGE).await?;
    drop(tx);
    let (rows, next) = paging::cut(rows, Slice::Newest, paging::PAGE);
    Ok(Json(VisitorThread {
        conversation: row.as_ref().map(views::visitor_conversation),
        messages: shown(&app, &visitor, &rows).await?,
        more: next.is_some(),
    }))
}

/// A page of the visitor's messages, oldest first within the page. `next` is what to pass as
/// `before`; it is absent at the beginning of the conversation.
#[utoipa::path(
    get, path = "/api/v1/visitor/messages", tag = "visitors", params(OlderQuery),
    responses((status = 200, description = "A page", body = Page<VisitorMessage>)),
    security(("visitor" = [])),
)]
pub async fn list(
    app: Data<App>,
    visitor: Visitor,
    query: Query<OlderQuery>,
) -> Result<Json<Page<VisitorMessage>>> {
    let (slice, limit) = (query.slice(), paging::limit(query.limit));
    let tx = app.store.readers.begin(visitor.workspace).await?;
    let rows = newest(&app, &tx, &visitor, slice, limit).await?;
    drop(tx);
    let (rows, next) = paging::cut(rows, slice, limit);
    let items = shown(&app, &visitor, &rows).await?;
    Ok(Json(Page { items, next: next.map(|seq| seq.to_string()) }))
}

/// Writes a message. The first one begins the conversation.
#[utoipa::path(
    post, path = "/api/v1/visitor/messages", tag = "visitors", request_body = VisitorPost,
    params(("Idempotency-Key" = Option<String>, Header, description = "In place of `ref`.")),
    responses(
        (status = 201, description = "Posted", body = VisitorMessage),
        (status = 200, description = "Posted before under this `ref`", body = VisitorMessage),
        (status = 404, description = "There is no such attachment or message to answer",
         body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn post(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    body: Json<VisitorPost>,
) -> Result<HttpResponse> {
    let VisitorPost { reference, text, attachments, reply_to } = body.into_inner();
    let reference = Reference::of(request.headers(), reference)?;
    let conversation = web_conversation(visitor.contact);
    let author = visitor.contact.into();
    let posted = reference.posted(&app, visitor.workspace, author, conversation).await?;
    if let Some(row) = posted {
        return Ok(HttpResponse::Ok().json(one(&app, &visitor, &row).await?));
    }
    let reference = reference.text();
    let command = VisitorCommand::Post { reference, text, attachments, reply_to };
    let done = app.cast.visitor(call(&visitor, &request), command).await?;
    let id = done.message.ok_or_else(|| Failure::internal("a post without a message"))?;
    let row = read_message(&app, visitor.workspace, conversation, id).await?;
    Ok(HttpResponse::Created().json(one(&app, &visitor, &row).await?))
}

/// Changes the text of a message of one's own, for a quarter of an hour.
#[utoipa::path(
    patch, path = "/api/v1/visitor/messages/{message}", tag = "visitors",
    request_body = EditMessage,
    params(("message" = MessageId, Path, description = "msg_…")),
    responses(
        (status = 200, description = "As it is now", body = VisitorMessage),
        (status = 403, description = "Somebody else wrote it", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 422, description = "It was deleted, or is too old", body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn edit(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    message: Path<MessageId>,
    body: Json<EditMessage>,
) -> Result<Json<VisitorMessage>> {
    let EditMessage { text } = body.into_inner();
    let command = VisitorCommand::Edit { message: *message, text };
    act(&app, &visitor, &request, command, *message).await
}

/// Deletes a message of one's own, for a quarter of an hour.
#[utoipa::path(
    delete, path = "/api/v1/visitor/messages/{message}", tag = "visitors",
    params(("message" = MessageId, Path, description = "msg_…")),
    responses(
        (status = 200, description = "What is left of it", body = VisitorMessage),
        (status = 403, description = "Somebody else wrote it", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
        (status = 422, description = "It is too old", body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn remove(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    message: Path<MessageId>,
) -> Result<Json<VisitorMessage>> {
    let command = VisitorCommand::Delete { message: *message };
    act(&app, &visitor, &request, command, *message).await
}

/// Puts a reaction on a message.
#[utoipa::path(
    put, path = "/api/v1/visitor/messages/{message}/reactions/{emoji}", tag = "visitors",
    params(
        ("message" = MessageId, Path, description = "msg_…"),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The message as it is now", body = VisitorMessage),
        (status = 400, description = "This is no emoji", body = Problem),
        (status = 404, description = "There is no such message", body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn react(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    path: Path<(MessageId, String)>,
) -> Result<Json<VisitorMessage>> {
    let (message, emoji) = path.into_inner();
    let command = VisitorCommand::React { message, emoji, on: true };
    act(&app, &visitor, &request, command, message).await
}

/// Takes the visitor's reaction off a message.
#[utoipa::path(
    delete, path = "/api/v1/visitor/messages/{message}/reactions/{emoji}", tag = "visitors",
    params(
        ("message" = MessageId, Path, description = "msg_…"),
        ("emoji" = String, Path, description = "One emoji, percent-encoded."),
    ),
    responses(
        (status = 200, description = "The message as it is now", body = VisitorMessage),
        (status = 404, description = "There is no such message", body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn unreact(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    path: Path<(MessageId, String)>,
) -> Result<Json<VisitorMessage>> {
    let (message, emoji) = path.into_inner();
    let command = VisitorCommand::React { message, emoji, on: false };
    act(&app, &visitor, &request, command, message).await
}

/// Says how far the visitor has come. Marks only move forward.
#[utoipa::path(
    post, path = "/api/v1/visitor/marks", tag = "visitors", request_body = Mark,
    responses(
        (status = 200, description = "As it is now", body = VisitorConversation),
        (status = 404, description = "There is no conversation yet", body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn mark(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    body: Json<Mark>,
) -> Result<Json<VisitorConversation>> {
    let Mark { delivered, read: up_to } = body.into_inner();
    let command = VisitorCommand::Mark { delivered, read: up_to };
    app.cast.visitor(call(&visitor, &request), command).await?;
    let row = read(&app, visitor.workspace, web_conversation(visitor.contact)).await?;
    Ok(Json(views::visitor_conversation(&row)))
}

/// Says that the visitor types, or no longer does. It fades by itself.
#[utoipa::path(
    post, path = "/api/v1/visitor/typing", tag = "visitors", request_body = Typing,
    responses((status = 204, description = "Told to the team, once there is a conversation")),
    security(("visitor" = [])),
)]
pub async fn typing(
    app: Data<App>,
    visitor: Visitor,
    request: HttpRequest,
    body: Json<Typing>,
) -> Result<HttpResponse> {
    let command = VisitorCommand::Typing { on: body.on };
    app.cast.visitor(call(&visitor, &request), command).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// What happened in the visitor's conversation after a position.
#[utoipa::path(
    get, path = "/api/v1/visitor/events", tag = "visitors", params(EventsQuery),
    responses(
        (status = 200, description = "Go on after its `seq`", body = VisitorEvents),
        (status = 410, description = "`after` is too old; read the conversation again",
         body = Problem),
    ),
    security(("visitor" = [])),
)]
pub async fn list_events(
    app: Data<App>,
    visitor: Visitor,
    query: Query<EventsQuery>,
) -> Result<Json<VisitorEvents>> {
    let run = events::since(&app, visitor.workspace, &query).await?;
    let (seq, more) = (run.covered, run.more());
    let theirs = run.told.into_iter().filter_map(|told| {
        let (contact, event) = told.visitor?;
        let numbered = NumberedVisitorEvent { seq: told.seq, at: told.at, event };
        (contact == visitor.contact).then_some(numbered)
    });
    Ok(Json(VisitorEvents { epoch: run.position.epoch, seq, events: theirs.collect(), more }))
}

/// A visitor as the cast knows one.
fn call(visitor: &Visitor, request: &HttpRequest) -> VisitorCall {
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    visitor.call(user_agent, None)
}

/// Does a command and answers with the message it was about.
async fn act(
    app: &App,
    visitor: &Visitor,
    request: &HttpRequest,
    command: VisitorCommand,
    message: MessageId,
) -> Result<Json<VisitorMessage>> {
    app.cast.visitor(call(visitor, request), command).await?;
    let conversation = web_conversation(visitor.contact);
    let row = read_message(app, visitor.workspace, conversation, message).await?;
    one(app, visitor, &row).await.map(Json)
}

/// Public messages of the visitor's conversation, one more than `limit`.
async fn newest(
    app: &App,
    tx: &Tx,
    visitor: &Visitor,
    slice: Slice,
    limit: u32,
) -> Result<Vec<Message>> {
    let keys = page::keys(&app.store, visitor.workspace).await?;
    let (workspace, conversation) = (visitor.workspace, web_conversation(visitor.contact));
    let side = Side::Visitor;
    let rows = message::page(tx, &keys, workspace, conversation, side, slice, limit + 1).await?;
    Ok(rows)
}

async fn shown(app: &App, visitor: &Visitor, rows: &[Message]) -> Result<Vec<VisitorMessage>> {
    let names = app.cast.shared().names.of(&app.store, visitor.workspace).await?;
    let viewing = viewing(app, visitor.workspace);
    Ok(rows.iter().filter_map(|row| viewing.visitor_message(row, &names)).collect())
}

/// A message that the visitor can know of.
async fn one(app: &App, visitor: &Visitor, row: &Message) -> Result<VisitorMessage> {
    let mut shown = shown(app, visitor, std::slice::from_ref(row)).await?;
    shown.pop().ok_or_else(|| Failure::not_found("message"))
}
