//! The page's own files, which are part of the program.

use actix_web::HttpResponse;
use actix_web::http::header;
use actix_web::web::Path;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// Nothing from elsewhere, and no script in what people write.
const POLICY: &str = "default-src 'self'; img-src 'self' data:; media-src 'self' data: blob:; \
    style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; frame-ancestors 'self'";

macro_rules! files {
    ($($name:literal: $kind:expr),* $(,)?) => {
        &[$(($name, $kind, include_str!(concat!("../../assets/phones/", $name)))),*]
    };
}

const FILES: &[(&str, &str, &str)] = files! {
    "device.css": CSS,
    "thread.css": CSS,
    "bubble.css": CSS,
    "composer.css": CSS,
    "apps.css": CSS,
    "menu.css": CSS,
    "page.css": CSS,
    "main.js": SCRIPT,
    "api.js": SCRIPT,
    "bubble.js": SCRIPT,
    "composer.js": SCRIPT,
    "dom.js": SCRIPT,
    "faults.js": SCRIPT,
    "menu.js": SCRIPT,
    "phone.js": SCRIPT,
    "platforms.js": SCRIPT,
    "thread.js": SCRIPT,
};

pub async fn page() -> HttpResponse {
    file(HTML, include_str!("../../assets/phones/index.html"))
}

pub async fn asset(name: Path<String>) -> HttpResponse {
    match FILES.iter().find(|(known, ..)| *known == name.as_str()) {
        Some((_, kind, text)) => file(kind, text),
        None => HttpResponse::NotFound().finish(),
    }
}

fn file(kind: &'static str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, kind))
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .body(text)
}
