//! Whether the process lives, whether it can serve, and its figures.

use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use switchboard_actors::bus::Standing;
use switchboard_store::Scope;

use crate::http::problem::Failure;
use crate::state::App;
use crate::telemetry;

/// Longer than this without an answer of Postgres counts as none.
const READY_WITHIN: Duration = Duration::from_secs(2);

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/healthz").route(web::get().to(alive)))
        .service(web::resource("/readyz").route(web::get().to(ready)))
        .service(web::resource("/metrics").route(web::get().to(figures)));
}

async fn alive() -> impl Responder {
    HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).body("alive\n")
}

/// Ready means: not about to leave, and the database answers. The schema was brought up to date
/// before the first request.
async fn ready(app: web::Data<App>) -> Result<impl Responder, Failure> {
    if app.is_draining() {
        return Err(Failure::new(switchboard_wire::Code::Unavailable, "draining"));
    }
    let asked = async {
        let tx = app.store.readers.begin(Scope::default()).await?;
        tx.commit().await
    };
    match tokio::time::timeout(READY_WITHIN, asked).await {
        Ok(Ok(())) => {
            let body = format!("ready\n{}", others(app.cast.shared().bus.standing()));
            Ok(HttpResponse::Ok().insert_header(("Cache-Control", "no-store")).body(body))
        }
        Ok(Err(_)) | Err(_) => Err(Failure::unavailable()),
    }
}

/// Whether other nodes are heard. Without them this one serves, only slower.
fn others(standing: Standing) -> String {
    match standing {
        Standing::Alone => String::new(),
        Standing::Connected { servers, of } if servers == of => "redis: connected\n".to_owned(),
        Standing::Connected { servers: 0, .. } => "redis: away\n".to_owned(),
        Standing::Connected { servers, of } => format!("redis: {} of {of} away\n", of - servers),
    }
}

/// Everything that is counted, in the words of Prometheus.
async fn figures(app: web::Data<App>) -> Result<impl Responder, Failure> {
    let counted = telemetry::metrics().ok_or_else(|| Failure::not_found("metrics recorder"))?;
    for (pool, usage) in [("read", app.store.readers.usage()), ("write", app.store.writers.usage())]
    {
        metrics::gauge!("switchboard_database_connections", "pool" => pool).set(usage.open as f64);
        metrics::gauge!("switchboard_database_busy", "pool" => pool).set(usage.busy as f64);
        metrics::gauge!("switchboard_database_waiting", "pool" => pool).set(usage.waiting as f64);
    }
    metrics::gauge!("switchboard_http_requests_open").set(app.requests.get() as f64);
    metrics::gauge!("switchboard_sockets_open").set(app.sockets.get() as f64);
    Ok(HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .insert_header(("Cache-Control", "no-store"))
        .body(counted.render()))
}
