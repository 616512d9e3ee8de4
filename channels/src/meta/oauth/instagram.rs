//! Instagram Login: professional accounts without a Page.

use super::App;
use crate::http::{Auth, Base, Body, Request};
use crate::meta::query;

pub const SCOPES: [&str; 3] = [
    "instagram_business_basic",
    "instagram_business_manage_messages",
    "instagram_business_manage_comments",
];

/// Where a person is sent. `dialog` is the address of Instagram's consent screen.
pub fn authorize(dialog: &str, app_id: &str, redirect_uri: &str, state: &str) -> String {
    let scopes = SCOPES.join(",");
    let query = [
        ("client_id", app_id),
        ("redirect_uri", redirect_uri),
        ("response_type", "code"),
        ("scope", scopes.as_str()),
        ("state", state),
    ];
    query::address(dialog, &query)
}

/// Exchanges a code for a token of one hour. The `user_id` of the reply is app-scoped: it is what
/// a deauthorise callback names, and not what webhooks name.
pub fn exchange_code(app: App<'_>, redirect_uri: &str, code: &str) -> Request {
    let form = [
        ("client_id", app.id),
        ("client_secret", app.secret),
        ("grant_type", "authorization_code"),
        ("redirect_uri", redirect_uri),
        ("code", code),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = Body::Form(form.to_vec());
    Request::post(Base::InstagramApi, "/oauth/access_token", body).auth(Auth::None)
}

/// Exchanges that for a token of 60 days.
pub fn exchange_long_lived(secret: &str, token: &str) -> Request {
    Request::get(Base::InstagramGraphUnversioned, "/access_token")
        .query("grant_type", "ig_exchange_token")
        .query("client_secret", secret)
        .query("access_token", token)
        .auth(Auth::None)
}

/// Makes the account's token live 60 days from now. It must be a day old, and not have ended.
pub fn refresh() -> Request {
    Request::get(Base::InstagramGraphUnversioned, "/refresh_access_token")
        .query("grant_type", "ig_refresh_token")
}
