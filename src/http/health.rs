//! Whether the process lives, and whether it can serve.

use std::time::Duration;

use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use switchboard_actors::bus::Standing;
use switchboard_store::Scope;

use crate::http::problem::Failure;
use crate::state::App;

/// Longer than this without an answer of Postgres counts as none.
const READY_WITHIN: Duration = Duration::from_secs(2);

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(web::resource("/healthz").route(web::get().to(alive)))
        .service(web::resource("/readyz").route(web::get().to(ready)));
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
