//! A stand-in for a bucket of S3: what is asked of it under the right key, held in memory. Paths
//! name the bucket first, as everything but Amazon itself has it.

use std::collections::{BTreeMap, HashMap};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};

use actix_web::dev::ServerHandle;
use actix_web::http::Method;
use actix_web::http::header::{ETAG, LAST_MODIFIED};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use tokio::sync::oneshot;

pub const NAME: &str = "shop-files";
pub const KEY_ID: &str = "SHOPKEY";

#[derive(Default)]
struct State {
    objects: BTreeMap<String, Vec<u8>>,
    /// Parts by their number, by upload.
    uploads: HashMap<String, BTreeMap<u32, Vec<u8>>>,
    away: bool,
}

type Shared = Arc<Mutex<State>>;

pub struct Bucket {
    pub endpoint: String,
    state: Shared,
    handle: ServerHandle,
}

impl Bucket {
    pub async fn start() -> Bucket {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap());
        let state = Shared::default();
        let (started, handle) = oneshot::channel();
        let shared = web::Data::from(state.clone());
        std::thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let body = web::PayloadConfig::new(32 << 20);
                    App::new()
                        .app_data(shared.clone())
                        .app_data(body)
                        .default_service(web::to(answer))
                })
                .workers(1)
                .disable_signals()
                .listen(listener)
                .unwrap()
                .run();
                let _ = started.send(server.handle());
                server.await.unwrap();
            });
        });
        Bucket { endpoint, state, handle: handle.await.unwrap() }
    }

    /// What a server is told so that it keeps its files here, each below `prefix`.
    pub fn environment(&self) -> [(&'static str, String); 4] {
        [
            ("SWITCHBOARD_FILES", format!("s3://{NAME}/prefix")),
            ("AWS_ENDPOINT_URL", self.endpoint.clone()),
            ("AWS_ACCESS_KEY_ID", KEY_ID.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "a secret".to_owned()),
        ]
    }

    /// Names and bytes of everything in it.
    pub fn objects(&self) -> Vec<(String, Vec<u8>)> {
        self.state.lock().unwrap().objects.clone().into_iter().collect()
    }

    /// From here on it answers nothing but that it is unavailable, or answers again.
    pub fn goes_away(&self, away: bool) {
        self.state.lock().unwrap().away = away;
    }

    pub async fn stop(self) {
        self.handle.stop(false).await;
    }
}

async fn answer(
    state: web::Data<Mutex<State>>,
    request: HttpRequest,
    query: web::Query<HashMap<String, String>>,
    body: web::Bytes,
) -> HttpResponse {
    let mut state = state.lock().unwrap();
    if state.away {
        return refusal(503, "SlowDown");
    }
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let signer = format!("AWS4-HMAC-SHA256 Credential={KEY_ID}/");
    if !header("authorization").is_some_and(|signed| signed.starts_with(&signer)) {
        return refusal(403, "InvalidAccessKeyId");
    }
    if *request.method() == Method::POST && query.contains_key("delete") {
        assert_eq!(request.path().trim_end_matches('/'), format!("/{NAME}"));
        return delete(&mut state, std::str::from_utf8(&body).unwrap());
    }
    let bucket = format!("/{NAME}/");
    let Some(name) = request.path().strip_prefix(&bucket).map(str::to_owned) else {
        return refusal(404, "NoSuchBucket");
    };
    let upload = query.get("uploadId");
    match (request.method(), upload) {
        (&Method::POST, None) if query.contains_key("uploads") => {
            let id = format!("upload-{}", state.uploads.len());
            state.uploads.insert(id.clone(), BTreeMap::new());
            xml(&format!(
                "<InitiateMultipartUploadResult><Bucket>{NAME}</Bucket><Key>{name}</Key>\
                 <UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
            ))
        }
        (&Method::PUT, Some(upload)) => {
            let number: u32 = query["partNumber"].parse().unwrap();
            state.uploads.get_mut(upload).unwrap().insert(number, body.to_vec());
            HttpResponse::Ok().insert_header((ETAG, format!("\"part-{number}\""))).finish()
        }
        (&Method::POST, Some(upload)) => {
            let parts = state.uploads.remove(upload).unwrap();
            let small = parts.values().rev().skip(1).any(|part| part.len() < 5 << 20);
            if small {
                return refusal(400, "EntityTooSmall");
            }
            state.objects.insert(name.clone(), parts.into_values().flatten().collect());
            xml(&format!(
                "<CompleteMultipartUploadResult><Bucket>{NAME}</Bucket><Key>{name}</Key>\
                 <ETag>\"whole\"</ETag></CompleteMultipartUploadResult>"
            ))
        }
        (&Method::DELETE, Some(upload)) => {
            state.uploads.remove(upload);
            HttpResponse::NoContent().finish()
        }
        (&Method::PUT, None) => {
            state.objects.insert(name, body.to_vec());
            HttpResponse::Ok().insert_header((ETAG, "\"whole\"")).finish()
        }
        (&Method::GET | &Method::HEAD, None) => match state.objects.get(&name) {
            None => refusal(404, "NoSuchKey"),
            Some(bytes) => found(bytes, header("range")),
        },
        _ => refusal(405, "MethodNotAllowed"),
    }
}

/// Removes several at once; the names come as XML.
fn delete(state: &mut State, list: &str) -> HttpResponse {
    let names = list.split("<Key>").skip(1).map(|rest| rest.split_once("</Key>").unwrap().0);
    let mut deleted = String::new();
    for name in names {
        state.objects.remove(name);
        deleted += &format!("<Deleted><Key>{name}</Key></Deleted>");
    }
    xml(&format!("<DeleteResult>{deleted}</DeleteResult>"))
}

fn found(bytes: &[u8], range: Option<&str>) -> HttpResponse {
    let from = range.map(|range| {
        let range = range.strip_prefix("bytes=").unwrap().strip_suffix('-').unwrap();
        range.parse::<usize>().unwrap()
    });
    let mut response = match from {
        None => HttpResponse::Ok(),
        Some(from) => {
            let mut response = HttpResponse::PartialContent();
            let (last, all) = (bytes.len() - 1, bytes.len());
            response.insert_header(("Content-Range", format!("bytes {from}-{last}/{all}")));
            response
        }
    };
    response
        .insert_header((ETAG, "\"whole\""))
        .insert_header((LAST_MODIFIED, "Sat, 21 Nov 2026 08:00:00 GMT"))
        .body(bytes[from.unwrap_or(0)..].to_vec())
}

fn xml(body: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/xml").body(body.to_owned())
}

fn refusal(status: u16, code: &str) -> HttpResponse {
    let status = actix_web::http::StatusCode::from_u16(status).unwrap();
    HttpResponse::build(status)
        .content_type("application/xml")
        .body(format!("<Error><Code>{code}</Code><Message>{code}</Message></Error>"))
}
