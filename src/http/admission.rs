//! Who asks, from a page that carries a widget: the extractor of a visitor.

use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::ORIGIN;
use actix_web::{FromRequest, HttpRequest};
use futures_util::future::LocalBoxFuture;
use switchboard_actors::VisitorCall;
use switchboard_actors::conversation::Newcomer;
use switchboard_domain::{Author, ContactId, WorkspaceId, origin, text};
use switchboard_store::contact::Details;
use switchboard_wire::Code;
use switchboard_wire::visitor::Page;

use super::auth::{self, Agent};
use super::problem::Failure;
use crate::limits::{Who, client_ip};
use crate::state::App;
use crate::visitor_token::Claims;
use crate::widgets::Widget;
use crate::{browser, clock};

/// The longest address and title kept of the page that carries the widget.
const PAGE_URL_MAX_BYTES: usize = 2_000;
const TITLE_MAX_CHARS: usize = 200;

/// A visitor whose token is ours and whose page may carry the widget.
#[derive(Debug, Clone)]
pub struct Visitor {
    pub workspace: WorkspaceId,
    /// The contact's id, which may not be stored yet.
    pub contact: ContactId,
    pub claims: Claims,
}

impl Visitor {
    /// The visitor as the cast needs them. What is told here is stored with their first message.
    pub fn call(&self, user_agent: Option<&str>, page: Option<Page>) -> VisitorCall {
        let claims = self.claims.clone();
        let page = page.filter(|page| is_web_page(&page.url));
        let (page_url, page_title) = match page {
            Some(Page { url, title }) => {
                let title = title.map(|title| bounded(&text::clean(&title), TITLE_MAX_CHARS));
                (Some(url), title.filter(|title| !title.is_empty()))
            }
            None => (None, None),
        };
        let details = Details {
            name: claims.name,
            email: claims.email,
            phone: claims.phone,
            user_id: claims.user_id.clone(),
            locale: claims.locale,
            page_url,
            page_title,
            browser: user_agent.and_then(browser::describe),
            remark: None,
            handles: vec![],
        };
        let newcomer = Newcomer { contact: self.contact, details, user_id: claims.user_id };
        VisitorCall { workspace: self.workspace, newcomer }
    }
}

/// An address that the team can follow, and no script or file of theirs.
fn is_web_page(url: &str) -> bool {
    url.len() <= PAGE_URL_MAX_BYTES
        && (url.starts_with("https://") || url.starts_with("http://"))
        && !url.chars().any(|c| c.is_control() || c.is_whitespace())
}

fn bounded(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

impl FromRequest for Visitor {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Visitor, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let token = auth::bearer(request.headers()).ok_or_else(Failure::unauthenticated)?;
            visitor(&request, token).await
        })
    }
}

async fn visitor(request: &HttpRequest, token: &str) -> Result<Visitor, Failure> {
    let app = auth::app(request)?;
    let found = admit(app, token, page_origin(request)).await;
    let who = match &found {
        Ok(visitor) => Who::Id(visitor.contact.into()),
        Err(_) => Who::address(client_ip(request, app.config.http.trusted_proxies)),
    };
    auth::count(app, request, who)?;
    found
}

/// Lets a visitor in by the token of a boot. `origin` is what the browser says of the page;
/// programs that are no browser say nothing.
pub async fn admit(app: &App, token: &str, origin: Option<&str>) -> Result<Visitor, Failure> {
    let claims = app.visitors.verify(token, clock::now()).ok_or_else(|| {
        Failure::new(Code::Unauthenticated, "this visitor token is wrong or expired; boot again")
    })?;
    let widget =
        app.widgets.of(&app.store, claims.workspace).await?.ok_or_else(Failure::unauthenticated)?;
    check_origin(app, &widget, origin)?;
    if widget.require_identity && claims.user_id.is_none() {
        return Err(identity_required());
    }
    Ok(Visitor { workspace: claims.workspace, contact: claims.contact, claims })
}

pub fn identity_required() -> Failure {
    Failure::forbidden("this workspace talks with signed-in users only; identify first")
}

/// Refuses a page that may not carry the widget. Our own pages always may: the demo and the
/// preview in the settings.
pub fn check_origin(app: &App, widget: &Arc<Widget>, page: Option<&str>) -> Result<(), Failure> {
    let allowed =
        page.is_none_or(|page| page == app.public_url || origin::allows(&widget.origins, page));
    if allowed {
        Ok(())
    } else {
        Err(Failure::forbidden(
            "this page may not carry the widget; add its origin to Allowed websites, in Settings → \
             Widget",
        ))
    }
}

/// What the browser says of the page that sent this.
pub fn page_origin(request: &HttpRequest) -> Option<&str> {
    request.headers().get(ORIGIN).map(|origin| origin.to_str().unwrap_or("null"))
}

/// Who may upload and fetch files: a member of a team, or a visitor.
#[derive(Debug, Clone)]
pub enum Person {
    Agent(Agent),
    Visitor(Visitor),
}

impl Person {
    pub fn workspace(&self) -> WorkspaceId {
        match self {
            Person::Agent(agent) => agent.workspace,
            Person::Visitor(visitor) => visitor.workspace,
        }
    }

    pub fn author(&self) -> Author {
        match self {
            Person::Agent(agent) => Author::Agent(agent.member),
            Person::Visitor(visitor) => Author::Visitor(visitor.contact),
        }
    }
}

impl FromRequest for Person {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Person, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match auth::bearer(request.headers()) {
                Some(token) if !token.starts_with(auth::API_TOKEN_PREFIX) => {
                    visitor(&request, token).await.map(Person::Visitor)
                }
                _ => auth::agent(&request).await.map(Person::Agent),
            }
        })
    }
}
