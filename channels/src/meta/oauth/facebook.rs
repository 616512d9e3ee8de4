//! Facebook Login: Pages, and the Instagram accounts that are linked to them.

use jiff::Timestamp;
use serde_json::Value;
use switchboard_domain::{Failure, FailureCode};

use super::{App, name};
use crate::http::{Auth, Base, Reply, Request};
use crate::meta::error::{self, GraphError};
use crate::meta::json::{edge, flag, id, list, time, title, url};
use crate::meta::query;

/// What an inbox asks for. Reading comments and answering them are the two `engagement` scopes.
pub const SCOPES: [&str; 10] = [
    "pages_show_list",
    "pages_messaging",
    "pages_manage_metadata",
    "pages_read_engagement",
    "pages_manage_engagement",
    "pages_read_user_content",
    "business_management",
    "instagram_basic",
    "instagram_manage_messages",
    "instagram_manage_comments",
];

/// Where a person is sent. `dialog` is the address of the dialog with its version; a
/// configuration of Facebook Login for Business stands for the scopes.
pub fn authorize(
    dialog: &str,
    app_id: &str,
    redirect_uri: &str,
    state: &str,
    config: Option<&str>,
) -> String {
    let scopes = SCOPES.join(",");
    let wanted = match config {
        Some(config) => ("config_id", config),
        None => ("scope", scopes.as_str()),
    };
    let query = [
        ("client_id", app_id),
        ("redirect_uri", redirect_uri),
        ("state", state),
        ("response_type", "code"),
        wanted,
    ];
    query::address(dialog, &query)
}

/// Exchanges a code for a token that lives an hour or two. `redirect_uri` must be the one of
/// [`authorize`], byte for byte; the browser's own flow (Embedded Signup) has none.
pub fn exchange_code(app: App<'_>, redirect_uri: Option<&str>, code: &str) -> Request {
    let request = token_request()
        .query("client_id", app.id)
        .query("client_secret", app.secret)
        .query("code", code);
    match redirect_uri {
        Some(redirect_uri) => request.query("redirect_uri", redirect_uri),
        None => request,
    }
}

/// Exchanges a token for one of 60 days. Comes before [`pages`], for the tokens of Pages end with
/// the token that they were asked with.
pub fn exchange_long_lived(app: App<'_>, token: &str) -> Request {
    token_request()
        .query("grant_type", "fb_exchange_token")
        .query("client_id", app.id)
        .query("client_secret", app.secret)
        .query("fb_exchange_token", token)
}

fn token_request() -> Request {
    Request::get(Base::Graph, "/oauth/access_token").auth(Auth::None)
}

/// Who logged in. The id is what a deauthorise callback names.
pub fn me() -> Request {
    Request::get(Base::Graph, "/me").query("fields", "id,name")
}

/// The id and name of who logged in.
pub fn read_me(reply: &Reply) -> Result<(String, String), Failure> {
    let me = error::success(reply)?;
    let missing = || Failure::because(FailureCode::Refused, "the reply names nobody");
    Ok((id(&me, "id").ok_or_else(missing)?, name(&me)))
}

/// The Pages that the person has a task at.
pub fn pages(after: Option<&str>) -> Request {
    let request = Request::get(Base::Graph, "/me/accounts").query("limit", "100").query(
        "fields",
        "id,name,access_token,tasks,picture{url},\
         instagram_business_account{id,username,name,profile_picture_url}",
    );
    match after {
        Some(after) => request.query("after", after),
        None => request,
    }
}

/// A Page to connect.
#[derive(Clone, PartialEq, Eq)]
pub struct Page {
    pub id: String,
    pub name: String,
    pub picture: Option<String>,
    /// Does not end, when it was asked for with a long-lived token.
    pub token: String,
    /// What the person may do there; MESSAGING is needed to answer.
    pub tasks: Vec<String>,
    pub instagram: Option<InstagramAccount>,
}

impl Page {
    /// Whether the person may connect it: an unnamed task is none that could be missing.
    pub fn may_message(&self) -> bool {
        self.tasks.is_empty() || self.tasks.iter().any(|task| task == "MESSAGING")
    }
}

impl std::fmt::Debug for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Page")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("tasks", &self.tasks)
            .field("instagram", &self.instagram)
            .finish_non_exhaustive()
    }
}

/// The professional account that is linked to a Page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstagramAccount {
    pub id: String,
    pub username: Option<String>,
    pub name: Option<String>,
    pub picture: Option<String>,
}

/// The Pages, and where the next ones begin. One without a token cannot be connected and is left
/// out.
pub fn read_pages(reply: &Reply) -> Result<(Vec<Page>, Option<String>), Failure> {
    let body = error::success(reply)?;
    let pages = list(&body, "data").iter().filter_map(page).collect();
    let next = body
        .pointer("/paging/cursors")
        .and_then(|cursors| id(cursors, "after"))
        .filter(|_| body.pointer("/paging/next").is_some());
    Ok((pages, next))
}

fn page(page: &Value) -> Option<Page> {
    Some(Page {
        id: id(page, "id")?,
        name: name(page),
        picture: page.pointer("/picture/data").and_then(|picture| url(picture, "url")),
        token: super::token(page)?,
        tasks: list(page, "tasks").iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        instagram: page.get("instagram_business_account").and_then(instagram_account),
    })
}

fn instagram_account(account: &Value) -> Option<InstagramAccount> {
    Some(InstagramAccount {
        id: id(account, "id")?,
        username: title(account, "username"),
        name: title(account, "name"),
        picture: url(account, "profile_picture_url"),
    })
}

/// Asks about a token, with the app's own.
pub fn inspect(token: &str) -> Request {
    Request::get(Base::Graph, "/debug_token").query("input_token", token).auth(Auth::App)
}

/// What a token is good for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inspection {
    pub is_valid: bool,
    pub app_id: Option<String>,
    pub user_id: Option<String>,
    /// Absent when it does not end.
    pub expires_at: Option<Timestamp>,
    pub data_access_expires_at: Option<Timestamp>,
    pub scopes: Vec<String>,
    /// Of a scope, the ids it is for; one that is not here is for all.
    pub targets: Vec<(String, Vec<String>)>,
    /// Why it is not valid.
    pub problem: Option<String>,
}

impl Inspection {
    /// The assets that a scope was granted for by name.
    pub fn assets(&self, scope: &str) -> &[String] {
        let of_scope = self.targets.iter().find(|(limited, _)| limited == scope);
        of_scope.map_or(&[], |(_, assets)| assets)
    }
}

pub fn read_inspection(reply: &Reply) -> Result<Inspection, Failure> {
    let body = error::success(reply)?;
    let data = &body["data"];
    let strings = |items: &[Value]| -> Vec<String> {
        items.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let targets = list(data, "granular_scopes").iter().filter_map(|granted| {
        let targets = granted.get("target_ids")?.as_array()?;
        Some((title(granted, "scope")?, strings(targets)))
    });
    Ok(Inspection {
        is_valid: flag(data, "is_valid"),
        app_id: id(data, "app_id"),
        user_id: id(data, "user_id"),
        expires_at: time(data, "expires_at"),
        data_access_expires_at: time(data, "data_access_expires_at"),
        scopes: strings(edge(data, "scopes")),
        targets: targets.collect(),
        problem: data.get("error").map(|error| GraphError::of(error).detail()),
    })
}
