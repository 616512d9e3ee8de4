//! The workspace's labels.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_domain::{Action, LabelId};
use switchboard_store::label::{self, LABELS_MAX, Label, NAME_TAKEN};
use switchboard_store::{Error, workspace};
use switchboard_wire::rest::settings::SaveLabel;
use switchboard_wire::{Code, Problem, view};
use uuid::Uuid;

use super::auth::Agent;
use super::fields;
use super::problem::{Failure, Result};
use crate::clock;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/labels").route(web::get().to(list)).route(web::post().to(create)))
        .service(
            web::resource("/labels/{id}")
                .route(web::put().to(replace))
                .route(web::delete().to(remove)),
        );
}

/// All labels.
#[utoipa::path(
    get, path = "/api/v1/labels", tag = "settings",
    responses((status = 200, description = "By name", body = [view::Label])),
)]
pub async fn list(app: Data<App>, agent: Agent) -> Result<Json<Vec<view::Label>>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let labels = label::list(&tx, agent.workspace).await?;
    Ok(Json(labels.into_iter().map(view).collect()))
}

/// Adds a label.
#[utoipa::path(
    post, path = "/api/v1/labels", tag = "settings", request_body = SaveLabel,
    responses(
        (status = 201, description = "Added", body = view::Label),
        (status = 409, description = "There is a label of this name", body = Problem),
    ),
)]
pub async fn create(app: Data<App>, agent: Agent, body: Json<SaveLabel>) -> Result<HttpResponse> {
    agent.require(Action::ManageLabels)?;
    let label = read(LabelId(Uuid::now_v7()), &body)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    workspace::lock(&tx, agent.workspace).await?;
    if label::list(&tx, agent.workspace).await?.len() >= LABELS_MAX {
        let detail = format!("a workspace has at most {LABELS_MAX} labels");
        return Err(Failure::new(Code::Refused, detail));
    }
    let inserted = label::insert(&tx, agent.workspace, &label, clock::now()).await;
    let seq = inserted.map_err(name_taken)?;
    tx.commit().await?;
    app.changed(agent.workspace, seq);
    Ok(HttpResponse::Created().json(view(label)))
}

/// Renames or recolours a label.
#[utoipa::path(
    put, path = "/api/v1/labels/{id}", tag = "settings", request_body = SaveLabel,
    params(("id" = LabelId, Path, description = "lbl_…")),
    responses(
        (status = 200, description = "As it is now", body = view::Label),
        (status = 404, description = "There is no such label", body = Problem),
        (status = 409, description = "There is another label of this name", body = Problem),
    ),
)]
pub async fn replace(
    app: Data<App>,
    agent: Agent,
    id: Path<LabelId>,
    body: Json<SaveLabel>,
) -> Result<Json<view::Label>> {
    agent.require(Action::ManageLabels)?;
    let label = read(*id, &body)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    // Before the label's own row, as everywhere.
    workspace::lock(&tx, agent.workspace).await?;
    let updated = label::update(&tx, agent.workspace, &label, clock::now()).await;
    let seq = updated.map_err(name_taken)?.ok_or_else(|| Failure::not_found("label"))?;
    tx.commit().await?;
    app.changed(agent.workspace, seq);
    Ok(Json(view(label)))
}

/// Removes a label, from the conversations that carry it as well.
#[utoipa::path(
    delete, path = "/api/v1/labels/{id}", tag = "settings",
    params(("id" = LabelId, Path, description = "lbl_…")),
    responses(
        (status = 204, description = "Removed"),
        (status = 404, description = "There is no such label", body = Problem),
    ),
)]
pub async fn remove(app: Data<App>, agent: Agent, id: Path<LabelId>) -> Result<HttpResponse> {
    agent.require(Action::ManageLabels)?;
    let tx = app.store.writers.begin(agent.workspace).await?;
    let seq = label::remove(&tx, agent.workspace, *id, clock::now())
        .await?
        .ok_or_else(|| Failure::not_found("label"))?;
    tx.commit().await?;
    app.changed(agent.workspace, seq);
    Ok(HttpResponse::NoContent().finish())
}

fn read(id: LabelId, body: &SaveLabel) -> Result<Label> {
    let name = fields::name("name", &body.name)?;
    let color = fields::color("color", &body.color)?;
    Ok(Label { id, name, color })
}

fn name_taken(error: Error) -> Failure {
    match error {
        Error::Taken { constraint } if constraint == NAME_TAKEN => {
            Failure::conflict("there is a label of this name already").about("name")
        }
        other => other.into(),
    }
}

fn view(label: Label) -> view::Label {
    let Label { id, name, color } = label;
    view::Label { id, name, color }
}
