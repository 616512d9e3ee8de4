//! The description of the REST interface, made from the handlers themselves.

use std::sync::LazyLock;

use actix_web::web::{self, Bytes, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::auth::COOKIE;
use super::channels;
use super::{
    account, attachments, contacts, conversations, events, files, invitations, joining, labels, me,
    members, merges, messages, password_links, search, tokens, visitor, widget, widget_settings,
    workspace,
};

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/openapi.json").route(web::get().to(description)));
}

async fn description() -> impl Responder {
    // Built once: it is large and never changes while the process runs.
    static JSON: LazyLock<Bytes> =
        LazyLock::new(|| Description::openapi().to_json().unwrap_or_default().into());
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("Cache-Control", "public, max-age=300"))
        .body(JSON.clone())
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Switchboard",
        description = "Everything the websockets can do, and the administration of a workspace. \
                       Errors are `application/problem+json` with a stable `code`."
    ),
    paths(
        account::sign_up,
        account::sign_in,
        account::sign_out,
        account::sign_out_everywhere,
        attachments::upload,
        attachments::show,
        channels::accounts::overview,
        channels::accounts::connect,
        channels::accounts::change,
        channels::accounts::disconnect,
        channels::accounts::check,
        channels::accounts::history,
        channels::callbacks::callback,
        channels::dead_letters::list,
        channels::dead_letters::replay,
        channels::dead_letters::dismiss,
        channels::embedded_signup::window,
        channels::embedded_signup::finish,
        channels::revocations::deauthorize,
        channels::revocations::delete_data,
        channels::sign_in::begin,
        channels::sign_in::choices,
        channels::sign_in::choose,
        channels::templates::list,
        channels::templates::create,
        channels::templates::sync,
        channels::templates::remove,
        contacts::show,
        contacts::change,
        conversations::list,
        conversations::counts,
        conversations::show,
        conversations::change,
        conversations::mark,
        conversations::typing,
        events::list,
        files::file,
        invitations::list,
        invitations::create,
        invitations::withdraw,
        joining::preview,
        joining::accept,
        labels::list,
        labels::create,
        labels::replace,
        labels::remove,
        me::get_me,
        me::change_me,
        me::switch,
        members::list,
        members::change,
        members::remove,
        merges::merge,
        merges::list,
        merges::undo,
        merges::conversations,
        messages::list,
        messages::post,
        messages::edit,
        messages::remove,
        messages::resend,
        messages::react,
        messages::unreact,
        password_links::create,
        password_links::reset,
        search::search,
        tokens::list,
        tokens::create,
        tokens::revoke,
        visitor::thread,
        visitor::list,
        visitor::post,
        visitor::edit,
        visitor::remove,
        visitor::react,
        visitor::unreact,
        visitor::mark,
        visitor::typing,
        visitor::list_events,
        widget::config,
        widget::boot,
        widget_settings::get,
        widget_settings::change,
        widget_settings::identity_secret,
        workspace::get,
        workspace::change,
    ),
    modifiers(&Security, &OperationIds),
    security(("session" = []), ("token" = [])),
    tags(
        (name = "account", description = "Signing up, in and out."),
        (name = "team", description = "Members, invitations and passwords."),
        (name = "settings", description = "The workspace, its labels and its widget."),
        (name = "conversations", description = "Conversations, contacts, search and events."),
        (name = "channels", description = "Accounts on WhatsApp, Messenger, Instagram, Telegram."),
        (name = "attachments", description = "Files."),
        (name = "visitors", description = "What the widget uses."),
    ),
)]
pub struct Description;

/// How callers say who they are.
struct Security;

/// Names each operation by its method and path: handlers of different areas share names.
struct OperationIds;

impl Modify for OperationIds {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        for (path, item) in &mut openapi.paths.paths {
            let words: Vec<&str> = path
                .trim_start_matches("/api/v1/")
                .split(['/', '-', '{', '}'])
                .filter(|word| !word.is_empty())
                .collect();
            let name = words.join("_");
            for (method, operation) in [
                ("get", &mut item.get),
                ("post", &mut item.post),
                ("put", &mut item.put),
                ("patch", &mut item.patch),
                ("delete", &mut item.delete),
            ] {
                if let Some(operation) = operation {
                    operation.operation_id = Some(format!("{method}_{name}"));
                }
            }
        }
    }
}

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let bearer = |description: &str| {
            let scheme =
                HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description));
            SecurityScheme::Http(scheme.build())
        };
        let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::with_description(
            COOKIE,
            "Set by signing in. Requests that change something must come from our own pages.",
        )));
        components.add_security_scheme("session", cookie);
        components.add_security_scheme("token", bearer("A personal API token, `sbt_…`."));
        components.add_security_scheme("visitor", bearer("The token of a widget's boot."));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    /// Files whose routes are no part of the REST interface.
    const OTHERS: [&str; 6] = ["health", "hooks", "pages", "privacy", "docs", "mod"];
    const METHODS: [&str; 6] = ["get", "post", "put", "patch", "delete", "head"];

    /// The handlers that a file registers: the names in `web::get().to(name)`.
    fn handlers(source: &str) -> Vec<&str> {
        source
            .split("web::")
            .filter_map(|after| {
                let (method, rest) = after.split_once("().to(")?;
                METHODS.contains(&method).then(|| rest.split_once(')').map(|(name, _)| name))?
            })
            .collect()
    }

    #[test]
    fn every_operation_has_a_name_of_its_own() {
        let json: serde_json::Value =
            serde_json::from_str(&Description::openapi().to_json().unwrap()).unwrap();
        let mut names = std::collections::HashSet::new();
        for operations in json["paths"].as_object().unwrap().values() {
            for operation in operations.as_object().unwrap().values() {
                let name = operation["operationId"].as_str().unwrap();
                assert!(names.insert(name.to_owned()), "{name} stands for two operations");
            }
        }
        assert!(names.contains("get_conversations_id_messages"), "{names:?}");
    }

    #[test]
    fn every_endpoint_is_described() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
        let listed = include_str!("docs.rs");
        let mut seen = 0;
        let files = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
        let of_channels = files(&folder.join("channels")).map(|path| (path, "channels::"));
        for (path, area) in files(&folder).map(|path| (path, "")).chain(of_channels) {
            let module = path.file_stem().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() || OTHERS.contains(&module.as_str()) {
                continue;
            }
            let source = std::fs::read_to_string(&path).unwrap();
            for handler in handlers(&source) {
                seen += 1;
                let line = format!("\n        {area}{module}::{handler},\n");
                assert!(listed.contains(&line), "{module}::{handler} is not described");
            }
        }
        assert!(seen > 30, "the routes were not recognised: {seen}");
    }

    #[test]
    fn every_description_says_what_comes_back_and_what_it_is_for() {
        let described = serde_json::to_value(Description::openapi()).unwrap();
        for (path, methods) in described["paths"].as_object().unwrap() {
            assert!(path.starts_with("/api/v1/"), "{path}");
            for (method, operation) in methods.as_object().unwrap() {
                assert!(operation["summary"].is_string(), "{method} {path} has no summary");
                assert!(operation["responses"].is_object(), "{method} {path} has no answers");
                assert!(operation["tags"].is_array(), "{method} {path} has no tag");
            }
        }
    }
}
