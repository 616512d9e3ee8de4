//! One person behind several contacts.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_actors::{page, view as views};
use switchboard_domain::{Action, ContactId, MergeId, Seq, WorkspaceId};
use switchboard_store::merge::{self, Merged};
use switchboard_store::{Tx, contact, conversation, event, workspace};
use switchboard_wire::rest::channels::{Merge, MergeContact};
use switchboard_wire::{Code, Problem, view};
use uuid::Uuid;

use super::auth::Agent;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/contacts/{id}/merge").route(web::post().to(merge)))
        .service(web::resource("/contacts/{id}/merges").route(web::get().to(list)))
        .service(web::resource("/contacts/{id}/conversations").route(web::get().to(conversations)))
        .service(web::resource("/merges/{id}").route(web::delete().to(undo)));
}

/// Says that another contact is the same person as this one. It can be undone.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/merge", tag = "conversations",
    request_body = MergeContact,
    params(("id" = ContactId, Path, description = "con_…")),
    responses(
        (status = 201, description = "They are one person", body = Merge),
        (status = 404, description = "There is no such contact", body = Problem),
        (status = 422, description = "They are one person already", body = Problem),
    ),
)]
pub async fn merge(
    app: Data<App>,
    agent: Agent,
    id: Path<ContactId>,
    body: Json<MergeContact>,
) -> Result<HttpResponse> {
    agent.require(Action::Converse)?;
    let now = clock::now();
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    let wish = merge::Merge {
        id: MergeId(Uuid::now_v7()),
        from: body.other,
        into: *id,
        by: agent.member,
        at: now,
    };
    match merge::merge(&tx, agent.workspace, &wish).await? {
        Merged::Missing => Err(missing()),
        Merged::Already => Err(Failure::new(Code::Refused, "they are one person already")),
        Merged::Done { merge, changed } => {
            let seq = tell(&tx, agent.workspace, &changed).await?;
            tx.commit().await?;
            tell_sessions(&app, agent.workspace, seq);
            Ok(HttpResponse::Created().json(wire(&merge)))
        }
    }
}

/// The merges that this contact's person consists of.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/merges", tag = "conversations",
    params(("id" = ContactId, Path, description = "con_…")),
    responses(
        (status = 200, description = "The newest first", body = [Merge]),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
)]
pub async fn list(app: Data<App>, agent: Agent, id: Path<ContactId>) -> Result<Json<Vec<Merge>>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let person = merge::person(&tx, agent.workspace, *id).await?.ok_or_else(missing)?;
    let merges = merge::of(&tx, agent.workspace, person).await?;
    Ok(Json(merges.iter().map(wire).collect()))
}

/// Lets the contacts of a merge be two people again.
#[utoipa::path(
    delete, path = "/api/v1/merges/{id}", tag = "conversations",
    params(("id" = MergeId, Path, description = "mrg_…")),
    responses(
        (status = 204, description = "Undone"),
        (status = 404, description = "There is no such merge", body = Problem),
    ),
)]
pub async fn undo(app: Data<App>, agent: Agent, id: Path<MergeId>) -> Result<HttpResponse> {
    agent.require(Action::Converse)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    let changed = merge::undo(&tx, agent.workspace, *id, clock::now()).await?;
    let changed = changed.ok_or_else(|| Failure::not_found("merge"))?;
    let seq = tell(&tx, agent.workspace, &changed).await?;
    tx.commit().await?;
    tell_sessions(&app, agent.workspace, seq);
    Ok(HttpResponse::NoContent().finish())
}

/// The conversations with this contact's person, on all channels.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/conversations", tag = "conversations",
    params(("id" = ContactId, Path, description = "con_…")),
    responses(
        (status = 200, description = "The newest activity first", body = [view::Conversation]),
        (status = 404, description = "There is no such contact", body = Problem),
    ),
)]
pub async fn conversations(
    app: Data<App>,
    agent: Agent,
    id: Path<ContactId>,
) -> Result<Json<Vec<view::Conversation>>> {
    let keys = page::keys(&app.store, agent.workspace).await?;
    let tx = app.store.readers.begin_snapshot(agent.workspace).await?;
    let person = merge::person(&tx, agent.workspace, *id).await?.ok_or_else(missing)?;
    let ids = merge::conversations(&tx, agent.workspace, person).await?;
    let mut rows = conversation::many(&tx, &keys, agent.workspace, &ids).await?;
    rows.sort_by_key(|row| std::cmp::Reverse((row.last_activity_at, row.state.id)));
    Ok(Json(rows.iter().map(views::conversation).collect()))
}

/// Records that these contacts changed, and their conversations with them.
async fn tell(tx: &Tx, workspace: WorkspaceId, changed: &[ContactId]) -> Result<Option<Seq>> {
    let mut last = None;
    for id in changed {
        let kind = event::Kind::ContactChanged;
        let seq = event::record(tx, workspace, clock::now(), kind, Some((*id).into())).await?;
        contact::stamp(tx, workspace, *id, seq).await?;
        last = Some(seq);
    }
    Ok(last)
}

fn tell_sessions(app: &App, workspace: WorkspaceId, seq: Option<Seq>) {
    if let Some(seq) = seq {
        app.changed(workspace, seq);
    }
}

fn wire(merge: &merge::Merge) -> Merge {
    Merge { id: merge.id, from: merge.from, into: merge.into, at: merge.at }
}

fn missing() -> Failure {
    Failure::not_found("contact")
}
