//! What a whole app is told, and where. Beside it, each account is subscribed by itself.

use serde_json::Value;
use switchboard_domain::Failure;

use super::error;
use super::json::{edge, flag, id, list, title};
use crate::http::{Auth, Base, Body, Reply, Request};

/// Subscribes the app to these fields of `page`, `instagram` or `whatsapp_business_account`. Meta
/// makes the handshake with the address before it answers, so it must be reachable by then. The
/// verify token is in here, so the request must not be logged.
pub fn subscribe(
    app_id: &str,
    object: &str,
    callback_url: &str,
    verify_token: &str,
    fields: &[&str],
) -> Request {
    let form = [
        ("object", object),
        ("callback_url", callback_url),
        ("verify_token", verify_token),
        ("fields", &fields.join(",")),
        ("include_values", "true"),
    ];
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = Body::Form(form.to_vec());
    Request::post(Base::Graph, format!("/{app_id}/subscriptions"), body).auth(Auth::App)
}

/// Asks what the app is subscribed to.
pub fn list_all(app_id: &str) -> Request {
    Request::get(Base::Graph, format!("/{app_id}/subscriptions")).auth(Auth::App)
}

/// One object that an app is told about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub object: String,
    pub callback_url: String,
    pub is_active: bool,
    pub fields: Vec<String>,
}

impl Subscription {
    /// Which of these fields are not told, or not there.
    pub fn missing<'a>(&self, callback_url: &str, fields: &[&'a str]) -> Vec<&'a str> {
        let elsewhere = !self.is_active || self.callback_url != callback_url;
        let is_missing =
            |field: &&str| elsewhere || !self.fields.iter().any(|known| known == field);
        fields.iter().copied().filter(is_missing).collect()
    }
}

pub fn read_all(reply: &Reply) -> Result<Vec<Subscription>, Failure> {
    let body = error::success(reply)?;
    Ok(list(&body, "data").iter().filter_map(subscription).collect())
}

fn subscription(subscription: &Value) -> Option<Subscription> {
    let name = |field: &Value| field.as_str().map(str::to_owned).or_else(|| title(field, "name"));
    Some(Subscription {
        object: id(subscription, "object")?,
        callback_url: super::json::url(subscription, "callback_url").unwrap_or_default(),
        is_active: flag(subscription, "active"),
        fields: edge(subscription, "fields").iter().filter_map(name).collect(),
    })
}
