//! The workspace itself.

use actix_web::web::{self, Data, Json, ServiceConfig};
use switchboard_domain::Action;
use switchboard_store::workspace::{self, Workspace};
use switchboard_wire::rest::settings::ChangeWorkspace;
use switchboard_wire::{Problem, view};

use super::auth::Agent;
use super::fields;
use super::problem::{Failure, Result};
use crate::clock;
use crate::http::changes::Forget;
use crate::state::App;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/workspace").route(web::get().to(get)).route(web::patch().to(change)),
    );
}

/// The workspace that the caller is in.
#[utoipa::path(
    get, path = "/api/v1/workspace", tag = "settings",
    responses((status = 200, description = "The caller's workspace", body = view::Workspace)),
)]
pub async fn get(app: Data<App>, agent: Agent) -> Result<Json<view::Workspace>> {
    current(&app, &agent).await
}

/// Renames the workspace.
#[utoipa::path(
    patch, path = "/api/v1/workspace", tag = "settings", request_body = ChangeWorkspace,
    responses(
        (status = 200, description = "As it is now", body = view::Workspace),
        (status = 403, description = "Your role does not allow it", body = Problem),
    ),
)]
pub async fn change(
    app: Data<App>,
    agent: Agent,
    body: Json<ChangeWorkspace>,
) -> Result<Json<view::Workspace>> {
    agent.require(Action::ManageWorkspace)?;
    if let Some(name) = &body.name {
        let name = fields::name("name", name)?;
        let tx = app.store.writers.begin(agent.workspace).await?;
        let seq = workspace::rename(&tx, agent.workspace, &name, clock::now()).await?;
        tx.commit().await?;
        app.cast.forget(Forget::Widget(agent.workspace));
        app.changed(agent.workspace, seq);
    }
    current(&app, &agent).await
}

async fn current(app: &App, agent: &Agent) -> Result<Json<view::Workspace>> {
    let tx = app.store.readers.begin(agent.workspace).await?;
    let workspace = workspace::get(&tx, agent.workspace).await?;
    Ok(Json(view(workspace.ok_or_else(|| Failure::not_found("workspace"))?)))
}

/// A stored workspace as the wire shows it.
pub(super) fn view(workspace: Workspace) -> view::Workspace {
    let Workspace { id, name, created_at } = workspace;
    view::Workspace { id, name, created_at }
}
