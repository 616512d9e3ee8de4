//! `/metrics`: every figure that there is, and who may read it.
//!
//! Figures tell nothing of people, but how much a business is written to. So they are answered to
//! this machine alone, unless the settings give them an address of their own or a token.

use std::net::{SocketAddr, TcpListener};

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{App as WebApp, HttpRequest, HttpResponse, HttpServer};
use anyhow::Context;
use secrecy::ExposeSecret;
use subtle::ConstantTimeEq;

use crate::http::auth::bearer;
use crate::http::problem::{Failure, Result};
use crate::state::App;
use crate::telemetry;

pub mod catalogue;
mod process;

use process::Process;

/// What a proxy adds: who is behind it may be anybody.
const FORWARDED: [&str; 4] = ["x-forwarded-for", "x-real-ip", "forwarded", "via"];

/// `/metrics` at the address that everybody reaches.
pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/metrics").route(web::get().to(beside_the_rest)));
}

/// Serves figures at an address of their own, if the settings name one.
pub fn serve(app: &Data<App>) -> anyhow::Result<Option<(SocketAddr, ServerHandle)>> {
    let Some(listen) = app.config.metrics.listen else { return Ok(None) };
    let listener = TcpListener::bind(listen).with_context(|| {
        format!(
            "cannot listen on {listen} for figures; choose another as metrics.listen in the \
             settings file or with SWITCHBOARD_METRICS_LISTEN"
        )
    })?;
    let address = listener.local_addr()?;
    let app = app.clone();
    let server: Server = HttpServer::new(move || {
        let route = web::get().to(alone);
        WebApp::new().app_data(app.clone()).service(web::resource("/metrics").route(route))
    })
    .workers(1)
    .disable_signals()
    .listen(listener)?
    .run();
    let handle = server.handle();
    actix_web::rt::spawn(server);
    tracing::info!(%address, "serving metrics");
    Ok(Some((address, handle)))
}

async fn beside_the_rest(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if app.config.metrics.listen.is_some() {
        return Err(Failure::new(
            switchboard_wire::Code::NotFound,
            "there is nothing at this address",
        ));
    }
    let local = is_local(&request);
    if local || brings_token(&app, &request) {
        return tell(&app);
    }
    Err(Failure::forbidden(
        "figures are told to the server's own machine, or to who brings SWITCHBOARD_METRICS_TOKEN \
         as a bearer token",
    ))
}

async fn alone(app: Data<App>, request: HttpRequest) -> Result<HttpResponse> {
    if app.config.metrics.token.is_none() || brings_token(&app, &request) {
        return tell(&app);
    }
    Err(Failure::new(
        switchboard_wire::Code::Unauthenticated,
        "bring SWITCHBOARD_METRICS_TOKEN as `Authorization: Bearer …`",
    ))
}

/// Whether the request was made on this machine, and by nobody for somebody else.
fn is_local(request: &HttpRequest) -> bool {
    let passed_on = FORWARDED.iter().any(|name| request.headers().contains_key(*name));
    let peer = request.peer_addr().map(|peer| peer.ip().to_canonical());
    !passed_on && peer.is_some_and(|ip| ip.is_loopback())
}

/// Compared in constant time.
fn brings_token(app: &App, request: &HttpRequest) -> bool {
    let Some(token) = &app.config.metrics.token else { return false };
    let given = bearer(request.headers()).unwrap_or_default();
    bool::from(given.as_bytes().ct_eq(token.expose_secret().as_bytes()))
}

/// All figures, those of the moment measured now.
fn tell(app: &App) -> Result<HttpResponse> {
    let counted = telemetry::metrics()
        .ok_or_else(|| Failure::internal("another recorder of metrics was installed first"))?;
    for (pool, usage) in [("read", app.store.readers.usage()), ("write", app.store.writers.usage())]
    {
        metrics::gauge!("switchboard_database_connections", "pool" => pool).set(usage.open as f64);
        metrics::gauge!("switchboard_database_busy", "pool" => pool).set(usage.busy as f64);
        metrics::gauge!("switchboard_database_waiting", "pool" => pool).set(usage.waiting as f64);
    }
    for (of, delay) in app.load.delays() {
        metrics::gauge!("switchboard_delay_seconds", "of" => of).set(delay.as_secs_f64());
    }
    metrics::gauge!("switchboard_journal_waiting").set(app.cast.shared().journal.len() as f64);
    metrics::gauge!("switchboard_http_requests_open").set(app.requests.get() as f64);
    metrics::gauge!("switchboard_sockets_open").set(app.sockets.get() as f64);
    metrics::gauge!("switchboard_spool_bytes").set(app.spool.bytes() as f64);
    metrics::gauge!("switchboard_draining").set(f64::from(u8::from(app.is_draining())));
    let text = counted.render() + &Process::now().render();
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(text))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn this_machine_is_who_connects_from_it_and_was_sent_by_nobody() {
        let from = |peer: &str| TestRequest::default().peer_addr(peer.parse().unwrap());
        for peer in ["127.0.0.1:9", "127.8.8.8:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            assert!(is_local(&from(peer).to_http_request()), "{peer}");
        }
        for peer in ["192.0.2.1:9", "[2001:db8::1]:9", "0.0.0.0:9"] {
            assert!(!is_local(&from(peer).to_http_request()), "{peer}");
        }
        for name in FORWARDED {
            let passed_on = from("127.0.0.1:9").insert_header((name, "127.0.0.1"));
            assert!(!is_local(&passed_on.to_http_request()), "{name}");
        }
        assert!(!is_local(&TestRequest::default().to_http_request()));
    }
}
