//! What a page asks for before its visitor's websocket: the widget's public settings, and a token.

use actix_web::web::{self, Data, Json, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use switchboard_actors::view;
use switchboard_domain::attachment::ATTACHMENT_MAX_BYTES;
use switchboard_domain::contact::USER_ID_MAX_BYTES;
use switchboard_domain::{ContactId, Identity, text};
use switchboard_store::contact::{self, Details};
use switchboard_store::conversation;
use switchboard_store::seal::WorkspaceKeys;
use switchboard_wire::Problem;
use switchboard_wire::rest::widget::{Boot, Booted, Identify, WidgetConfig};
use uuid::Uuid;

use super::admission::{check_origin, identity_required, page_origin};
use super::problem::{Failure, Result};
use crate::clock;
use crate::limits::{Kind, Who, client_ip};
use crate::state::App;
use crate::visitor_token::Claims;
use crate::widgets::Widget;

/// The longest language tag, in bytes (RFC 5646 recommends room for 35).
const LOCALE_MAX_BYTES: usize = 35;
const PHONE_MAX_CHARS: usize = 40;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/widget/config").route(web::get().to(config)))
        .service(web::resource("/widget/boot").route(web::post().to(boot)));
}

#[derive(Debug, Deserialize)]
pub struct ConfigQuery {
    key: String,
}

/// The public settings of a widget.
#[utoipa::path(
    get, path = "/api/v1/widget/config", tag = "visitors",
    params(("key" = String, Query, description = "The public key of the snippet.")),
    responses(
        (status = 200, description = "Cacheable for a minute", body = WidgetConfig),
        (status = 404, description = "No widget has this key", body = Problem),
    ),
    security(()),
)]
pub async fn config(
    app: Data<App>,
    request: HttpRequest,
    query: Query<ConfigQuery>,
) -> Result<HttpResponse> {
    let widget = find(&app, &request, &query.key).await?;
    let config = widget_config(&app, &widget).await;
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "public, max-age=60")).json(config))
}

/// Begins, or takes up again, a visit. Stores nothing of a visitor who has not written.
#[utoipa::path(
    post, path = "/api/v1/widget/boot", tag = "visitors", request_body = Boot,
    responses(
        (status = 200, description = "A token for a year", body = Booted),
        (status = 403, description = "This page may not carry the widget, or the identity is not \
         vouched for", body = Problem),
        (status = 404, description = "No widget has this key", body = Problem),
    ),
    security(()),
)]
pub async fn boot(app: Data<App>, request: HttpRequest, body: Json<Boot>) -> Result<HttpResponse> {
    let Boot { key, token, identity, locale, page: _ } = body.into_inner();
    let widget = find(&app, &request, &key).await?;
    check_origin(&app, &widget, page_origin(&request))?;
    let now = clock::now();
    let previous = token
        .and_then(|token| app.visitors.verify(&token, now))
        .filter(|claims| claims.workspace == widget.workspace);
    let keys = app.store.keys(widget.workspace).await?;
    let keys = keys.ok_or_else(|| Failure::not_found("workspace"))?;
    let person = identity.map(|identity| vouched(&keys, identity)).transpose()?;

    // An earlier boot vouched for a person who may have become a contact on another device since.
    let vouched_before = previous.as_ref().and_then(|claims| claims.user_id.as_deref());
    let user_id = person.as_ref().map(|person| person.user_id.as_str()).or(vouched_before);
    let known = match user_id {
        None => None,
        Some(user_id) => owner(&app, &keys, &widget, user_id).await?,
    };
    let mut claims = merge(&widget, previous, person.as_ref(), known);
    claims.issued_at = now.as_second();
    claims.locale = locale.and_then(|tag| language(&tag)).or(claims.locale);
    if widget.require_identity && claims.user_id.is_none() {
        return Err(identity_required());
    }
    let tx = app.store.readers.begin(widget.workspace).await?;
    let thread = conversation::of_contact(&tx, &keys, widget.workspace, claims.contact).await?;
    drop(tx);
    if let (Some(_), Some(person)) = (&thread, &person) {
        recognise(&app, &keys, &claims, person).await?;
    }
    let booted = Booted {
        token: app.visitors.issue(&claims),
        visitor: claims.contact.to_string(),
        config: widget_config(&app, &widget).await,
        conversation: thread.as_ref().map(view::visitor_conversation),
    };
    Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).json(booted))
}

async fn find(app: &App, request: &HttpRequest, key: &str) -> Result<std::sync::Arc<Widget>> {
    let ip = client_ip(request, app.config.http.trusted_proxies);
    app.limits.check(Kind::Boot, Who::address(ip))?;
    let widget = app.widgets.by_key(&app.store, key).await?;
    widget.ok_or_else(|| Failure::not_found("widget; copy the snippet again"))
}

async fn widget_config(app: &App, widget: &Widget) -> WidgetConfig {
    let (online, _) = app.cast.who_is_there(widget.workspace, None).await;
    WidgetConfig {
        workspace: widget.name.clone(),
        look: widget.look.clone(),
        require_identity: widget.require_identity,
        attachment_max_bytes: ATTACHMENT_MAX_BYTES,
        online,
    }
}

/// A person the business vouches for, their details cleaned.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Person {
    user_id: String,
    name: Option<String>,
    email: Option<String>,
    phone: Option<String>,
}

/// Checks that the business's server signed this user id.
fn vouched(keys: &WorkspaceKeys, identity: Identify) -> Result<Person> {
    let Identify { user_id, hash, name, email, phone } = identity;
    if user_id.is_empty() || user_id.len() > USER_ID_MAX_BYTES {
        let bound = format!("a user id has 1 to {USER_ID_MAX_BYTES} bytes");
        return Err(Failure::field("identity.user_id", bound));
    }
    if !is_signed(&keys.identity_secret(), &user_id, &hash) {
        return Err(Failure::forbidden(
            "the identity's hash does not belong to this user id; it is the HMAC-SHA256 of the \
             user id under the workspace's identity secret, in hex",
        ));
    }
    let phone = phone.map(|phone| text::clean(&phone)).filter(|phone| !phone.is_empty());
    Ok(Person {
        user_id,
        name: name.and_then(|name| text::name(&name)),
        email: email.and_then(|email| text::email(&email)),
        phone: phone.filter(|phone| phone.chars().count() <= PHONE_MAX_CHARS),
    })
}

/// In a time that does not tell where a forged hash differs.
fn is_signed(secret: &str, user_id: &str, hash: &str) -> bool {
    let Some(hash) = unhex(hash) else { return false };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(user_id.as_bytes());
    mac.verify_slice(&hash).is_ok()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    (text.len() == 64 && text.is_ascii())
        .then(|| (0..32).map(|i| u8::from_str_radix(&text[2 * i..2 * i + 2], 16).ok()).collect())?
}

/// The contact that the business's user is already known as.
async fn owner(
    app: &App,
    keys: &WorkspaceKeys,
    widget: &Widget,
    user_id: &str,
) -> Result<Option<ContactId>> {
    let tx = app.store.readers.begin(widget.workspace).await?;
    let identity = Identity::User(user_id.to_owned());
    Ok(contact::find(&tx, keys, widget.workspace, &identity).await?)
}

/// Who the visitor is from now on. A vouched-for person is the contact known by that user id;
/// else whoever this browser was, unless that is somebody else; else somebody new.
fn merge(
    widget: &Widget,
    previous: Option<Claims>,
    person: Option<&Person>,
    known: Option<ContactId>,
) -> Claims {
    let Some(person) = person else {
        let before = previous.unwrap_or_else(|| stranger(widget));
        return Claims { contact: known.unwrap_or(before.contact), ..before };
    };
    let same = previous
        .filter(|claims| claims.user_id.as_ref().is_none_or(|user_id| *user_id == person.user_id));
    let before = same.unwrap_or_else(|| stranger(widget));
    Claims {
        contact: known.unwrap_or(before.contact),
        user_id: Some(person.user_id.clone()),
        name: person.name.clone().or(before.name),
        email: person.email.clone().or(before.email),
        phone: person.phone.clone().or(before.phone),
        ..before
    }
}

fn stranger(widget: &Widget) -> Claims {
    Claims {
        workspace: widget.workspace,
        contact: ContactId(Uuid::now_v7()),
        user_id: None,
        name: None,
        email: None,
        phone: None,
        locale: None,
        issued_at: 0,
    }
}

/// Tells the team that a contact they know turned out to be this person.
async fn recognise(
    app: &App,
    keys: &WorkspaceKeys,
    claims: &Claims,
    person: &Person,
) -> Result<()> {
    let tx = app.store.writers.begin(claims.workspace).await?;
    let identity = Identity::User(person.user_id.clone());
    contact::identify(&tx, keys, claims.workspace, claims.contact, &identity).await?;
    tx.commit().await?;
    let learn = |details: &mut Details| {
        details.user_id = Some(person.user_id.clone());
        for (known, told) in [
            (&mut details.name, &person.name),
            (&mut details.email, &person.email),
            (&mut details.phone, &person.phone),
        ] {
            if told.is_some() {
                known.clone_from(told);
            }
        }
    };
    app.cast.change_contact(claims.workspace, claims.contact, learn).await?;
    Ok(())
}

/// A language tag as RFC 5646 writes them, or nothing.
fn language(tag: &str) -> Option<String> {
    let plausible = !tag.is_empty()
        && tag.len() <= LOCALE_MAX_BYTES
        && tag.split('-').all(|part| {
            (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
        });
    plausible.then(|| tag.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn widget() -> Widget {
        Widget {
            workspace: Uuid::from_u128(1).into(),
            name: "Shop".into(),
            key: "wk_1".into(),
            look: Default::default(),
            origins: vec![],
            require_identity: false,
        }
    }

    fn person(user_id: &str) -> Person {
        Person { user_id: user_id.into(), name: Some("Ana".into()), email: None, phone: None }
    }

    #[test]
    fn a_hash_is_checked_as_the_documentation_says() {
        // printf 42 | openssl dgst -sha256 -hmac secret
        let right = "93c121e7aa437a1e01e3c512c6f0ce3c821a839025dca4408f85616de4aaee70";
        assert!(is_signed("secret", "42", right));
        assert!(is_signed("secret", "42", &right.to_uppercase()));
        for bad in ["", "zz", &right[2..], &"é".repeat(32)] {
            assert!(!is_signed("secret", "42", bad), "{bad}");
        }
        assert!(!is_signed("secret", "43", right));
    }

    #[test]
    fn one_browser_becomes_whom_the_business_vouches_for_and_never_two_people() {
        let widget = widget();
        let anonymous = merge(&widget, None, None, None);
        assert_eq!(merge(&widget, Some(anonymous.clone()), None, None), anonymous);

        let ana = merge(&widget, Some(anonymous.clone()), Some(&person("ana")), None);
        assert_eq!((ana.contact, ana.user_id.as_deref()), (anonymous.contact, Some("ana")));

        let bob = merge(&widget, Some(ana.clone()), Some(&person("bob")), None);
        assert_ne!(bob.contact, ana.contact);

        let elsewhere = merge(&widget, None, Some(&person("ana")), Some(ana.contact));
        assert_eq!(elsewhere.contact, ana.contact);

        let early = merge(&widget, None, Some(&person("ana")), None);
        let later = merge(&widget, Some(early), None, Some(ana.contact));
        assert_eq!((later.contact, later.user_id.as_deref()), (ana.contact, Some("ana")));
    }

    #[test]
    fn a_language_is_a_tag() {
        assert_eq!(language("zh-Hant-TW").as_deref(), Some("zh-Hant-TW"));
        for bad in ["", "-", "en_US", "<script>", &"a".repeat(36)] {
            assert_eq!(language(bad), None, "{bad}");
        }
    }
}
