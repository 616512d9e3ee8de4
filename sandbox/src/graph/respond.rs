//! Answers, and answers that are lost on their way.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use serde_json::json;

use super::call::{Call, Host};
use super::{Answer, token};
use crate::faults::Fault;
use crate::world::{World, hex};

/// A second handle on a connection, with which it can be cut.
pub struct Connection(TcpStream);

/// Keeps a handle on each connection, for [`lose`].
pub fn keep_connection(io: &dyn Any, extensions: &mut Extensions) {
    let stream = io.downcast_ref::<actix_web::rt::net::TcpStream>();
    let handle = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
    if let Some(handle) = handle {
        extensions.insert(Connection(TcpStream::from(handle)));
    }
}

/// Cuts the connection instead of answering, after the fault's seconds.
pub async fn lose(request: &HttpRequest, fault: &Fault) -> HttpResponse {
    let seconds = u64::from(fault.seconds.unwrap_or(0));
    actix_web::rt::time::sleep(Duration::from_secs(seconds)).await;
    if let Some(Connection(stream)) = request.conn_data::<Connection>() {
        // It may have been cut from the other side already.
        let _ = stream.shutdown(Shutdown::Both);
    }
    HttpResponse::Ok().finish()
}

/// The answer as it is sent.
pub fn respond(world: &World, call: &Call, answer: Answer) -> HttpResponse {
    let error = match answer {
        Ok(value) => return HttpResponse::Ok().json(value),
        Err(error) => error,
    };
    let trace = format!("A{}", hex(&world.lock().random()[..8]));
    let token_error = error.code == 190;
    let kind = match call.host {
        Host::Instagram if !token_error => "IGApiException",
        _ => "OAuthException",
    };
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::BAD_REQUEST);
    let mut response = HttpResponse::build(status);
    if token_error {
        response
            .insert_header(("WWW-Authenticate", "OAuth \"Facebook Platform\" \"invalid_token\""));
    }
    if let Some(minutes) = error.regain_minutes {
        let asset = call.path.first().cloned().unwrap_or_default();
        let usage = json!({ asset: [{
            "type": token::method(call),
            "call_count": 100,
            "total_cputime": 20,
            "total_time": 20,
            "estimated_time_to_regain_access": minutes,
        }] });
        response.insert_header(("X-Business-Use-Case-Usage", usage.to_string()));
    }
    response.json(error.body(kind, &trace))
}
