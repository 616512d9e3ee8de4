//! Templates that platforms approve before they may be sent.

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Json, Path, ServiceConfig};
use switchboard_channels::template::TemplateDraft;
use switchboard_domain::{AccountId, Action, TemplateId, WorkspaceId};
use switchboard_store::template;
use switchboard_wire::Problem;
use switchboard_wire::rest::channels::{CreateTemplate, Template};

use super::super::auth::Agent;
use super::super::problem::{Failure, Result};
use super::{accounts, components};
use crate::state::App;

/// The longest name, body and other texts that platforms take.
const NAME_MAX_BYTES: usize = 512;
const BODY_MAX_CHARS: usize = 1_024;
const TITLE_MAX_CHARS: usize = 60;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(
        web::resource("/channels/accounts/{id}/templates")
            .route(web::get().to(list))
            .route(web::post().to(create)),
    )
    // Before the single template, whose id would swallow it.
    .service(web::resource("/channels/accounts/{id}/templates/sync").route(web::post().to(sync)))
    .service(
        web::resource("/channels/accounts/{id}/templates/{template}")
            .route(web::delete().to(remove)),
    );
}

/// An account's templates.
#[utoipa::path(
    get, path = "/api/v1/channels/accounts/{id}/templates", tag = "channels",
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 200, description = "By name", body = [Template]),
        (status = 404, description = "There is no such account", body = Problem),
    ),
)]
pub async fn list(
    app: Data<App>,
    agent: Agent,
    id: Path<AccountId>,
) -> Result<Json<Vec<Template>>> {
    accounts::one(&app, agent.workspace, *id).await?;
    let tx = app.store.readers.begin(agent.workspace).await?;
    let rows = template::list(&tx, agent.workspace, *id).await?;
    Ok(Json(rows.iter().map(view).collect()))
}

/// Hands in a template. The platform looks at it before it may be sent.
#[utoipa::path(
    post, path = "/api/v1/channels/accounts/{id}/templates", tag = "channels",
    request_body = CreateTemplate,
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 201, description = "Handed in", body = Template),
        (status = 400, description = "A value is not allowed", body = Problem),
        (status = 404, description = "There is no such account", body = Problem),
        (status = 422, description = "The platform refuses it", body = Problem),
    ),
)]
pub async fn create(
    app: Data<App>,
    agent: Agent,
    id: Path<AccountId>,
    body: Json<CreateTemplate>,
) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    accounts::one(&app, agent.workspace, *id).await?;
    let draft = draft(body.into_inner())?;
    let made = app.cast.create_template(agent.workspace, *id, draft).await?;
    let made = find(&app, agent.workspace, *id, made).await?;
    Ok(HttpResponse::Created().json(made))
}

/// Reads an account's templates again.
#[utoipa::path(
    post, path = "/api/v1/channels/accounts/{id}/templates/sync", tag = "channels",
    params(("id" = AccountId, Path, description = "acc_…")),
    responses(
        (status = 200, description = "By name, as they are now", body = [Template]),
        (status = 404, description = "There is no such account", body = Problem),
    ),
)]
pub async fn sync(
    app: Data<App>,
    agent: Agent,
    id: Path<AccountId>,
) -> Result<Json<Vec<Template>>> {
    agent.require(Action::ManageChannels)?;
    accounts::one(&app, agent.workspace, *id).await?;
    app.cast.sync_templates(agent.workspace, *id).await?;
    list(app, agent, id).await
}

/// Deletes a template at its platform.
#[utoipa::path(
    delete, path = "/api/v1/channels/accounts/{id}/templates/{template}", tag = "channels",
    params(
        ("id" = AccountId, Path, description = "acc_…"),
        ("template" = TemplateId, Path, description = "tpl_…"),
    ),
    responses(
        (status = 204, description = "Deleted"),
        (status = 404, description = "There is no such account or template", body = Problem),
    ),
)]
pub async fn remove(
    app: Data<App>,
    agent: Agent,
    path: Path<(AccountId, TemplateId)>,
) -> Result<HttpResponse> {
    agent.require(Action::ManageChannels)?;
    let (account, template) = path.into_inner();
    find(&app, agent.workspace, account, template).await?;
    app.cast.delete_template(agent.workspace, account, template).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn find(
    app: &App,
    workspace: WorkspaceId,
    account: AccountId,
    id: TemplateId,
) -> Result<Template> {
    let tx = app.store.readers.begin(workspace).await?;
    let found = template::get(&tx, workspace, id).await?;
    let found = found.filter(|row| row.account == account);
    found.as_ref().map(view).ok_or_else(|| Failure::not_found("template"))
}

fn view(row: &template::Template) -> Template {
    Template {
        id: row.id,
        account: row.account,
        name: row.name.clone(),
        language: row.language.clone(),
        category: row.category.clone(),
        status: row.status.clone(),
        quality: row.quality.clone(),
        reason: row.reason.clone(),
        components: components::read(&row.components),
        sendable: row.is_approved(),
        updated_at: row.updated_at,
    }
}

/// What was filled in, as the platform wants it. What only the platform knows it says itself.
fn draft(body: CreateTemplate) -> Result<TemplateDraft> {
    let name = body.name.trim();
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    if name.is_empty() || name.len() > NAME_MAX_BYTES || !name.bytes().all(allowed) {
        let words = "a template's name has small letters, digits and underscores alone";
        return Err(Failure::field("name", words));
    }
    let bounded = |field: &str, text: &str, max: usize| match text.chars().count() <= max {
        true => Ok(()),
        false => Err(Failure::field(field, format!("at most {max} characters fit"))),
    };
    if body.body.trim().is_empty() {
        return Err(Failure::field("body", "a template says something"));
    }
    bounded("body", &body.body, BODY_MAX_CHARS)?;
    bounded("header", body.header.as_deref().unwrap_or_default(), TITLE_MAX_CHARS)?;
    bounded("footer", body.footer.as_deref().unwrap_or_default(), TITLE_MAX_CHARS)?;
    Ok(TemplateDraft {
        name: name.to_owned(),
        language: body.language.trim().replace('-', "_"),
        category: body.category.trim().to_uppercase(),
        components: components::write(&body)?,
    })
}
