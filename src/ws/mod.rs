//! The websocket edge: `/ws/agent` and `/ws/visitor`.

mod guard;
mod peer;
mod session;
pub mod upgrade;

use actix_web::http::header::USER_AGENT;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::http::admission::page_origin;
use crate::http::auth::{self, COOKIE, bearer};
use crate::http::problem::Failure;
use crate::state::App;
use peer::{Door, close_code};
use upgrade::Incoming;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/ws/agent").route(web::get().to(agent)))
        .service(web::resource("/ws/visitor").route(web::get().to(visitor)));
}

/// Opens an agent's socket. A cookie from another site's page is refused here; one that has
/// expired is told so by a close code, which a browser's script can read.
async fn agent(
    app: Data<App>,
    request: HttpRequest,
    incoming: Incoming,
) -> Result<HttpResponse, actix_web::Error> {
    check_room(&app).await?;
    let credentials = request.cookie(COOKIE).is_some() || bearer(request.headers()).is_some();
    let known = match credentials {
        false => None,
        true => match auth::agent(&request).await {
            Ok(agent) => Some(Ok(Box::new(agent))),
            Err(failure) if failure.code() == switchboard_wire::Code::Forbidden => {
                return Err(failure.into());
            }
            Err(failure) => Some(Err(close_code(&failure))),
        },
    };
    session::start(app, Door::Agent(known), &request, incoming)
}

/// Opens a visitor's socket. Whose it is, and whether the page may carry the widget, is known
/// with its `hello`.
async fn visitor(
    app: Data<App>,
    request: HttpRequest,
    incoming: Incoming,
) -> Result<HttpResponse, actix_web::Error> {
    check_room(&app).await?;
    let origin = page_origin(&request).map(str::to_owned);
    let user_agent = request.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
    let user_agent = user_agent.map(str::to_owned);
    session::start(app, Door::Visitor { origin, user_agent }, &request, incoming)
}

/// A server that leaves takes no one in, and a busy one lets them in one after another.
async fn check_room(app: &App) -> Result<(), Failure> {
    let stays = || if app.is_draining() { Err(Failure::unavailable()) } else { Ok(()) };
    stays()?;
    app.load.admit_socket().await?;
    stays()
}
