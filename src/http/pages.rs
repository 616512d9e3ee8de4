//! The front ends: the widget's files, the console, and the demo's shop. A release carries them;
//! other builds read them from disk, so that a rebuilt front end is seen at once.

use std::borrow::Cow;

use actix_web::http::header::{
    self, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
};
use actix_web::web::{self, Bytes, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::{Deserialize, Serialize};

use super::headers::{console_csp, demo_csp, embedded_signup_csp};
use super::problem::{Failure, Result};
use crate::state::App;
use crate::widgets::Widget;

/// For files whose name changes with their content.
const FOREVER: &str = "public, max-age=31536000, immutable";
const FEW_MINUTES: &str = "public, max-age=300";
const ASK_AGAIN: &str = "no-cache";
/// Where the page is that opens the window of WhatsApp's Embedded Signup.
pub const EMBEDDED_SIGNUP: &str = "/embedded-signup";

#[derive(RustEmbed)]
#[folder = "widget/dist"]
#[allow_missing = true]
struct WidgetFiles;

#[derive(RustEmbed)]
#[folder = "widget/demo"]
#[allow_missing = true]
struct DemoFiles;

#[derive(RustEmbed)]
#[folder = "console/dist"]
#[allow_missing = true]
struct ConsoleFiles;

pub fn routes(cfg: &mut ServiceConfig) {
    cfg.service(page("/").route(web::get().to(home)))
        .service(page("/widget.js").route(web::get().to(loader)).route(web::head().to(loader)))
        .service(
            page("/widget/{file:.*}").route(web::get().to(widget)).route(web::head().to(widget)),
        )
        .service(page("/demo").route(web::get().to(shop)).route(web::head().to(shop)))
        .service(page("/demo/{file:.*}").route(web::get().to(demo)).route(web::head().to(demo)))
        .service(page(EMBEDDED_SIGNUP).route(web::get().to(embedded_signup)))
        .service(page("/console").route(web::get().to(console)).route(web::head().to(console)))
        .service(
            page("/console/{file:.*}")
                .route(web::get().to(console_file))
                .route(web::head().to(console_file)),
        );
}

fn page(path: &str) -> actix_web::Resource {
    web::resource(path.to_owned())
}

async fn home() -> impl Responder {
    HttpResponse::Found().insert_header((header::LOCATION, "/console")).finish()
}

#[derive(Debug, Deserialize)]
struct LoaderQuery {
    #[serde(default)]
    key: String,
}

/// What the loader finds before itself, see `widget/README.md`.
#[derive(Serialize)]
struct LoaderConfig<'a> {
    key: &'a str,
    base: &'a str,
    look: LoaderLook<'a>,
    app: String,
}

#[derive(Serialize)]
struct LoaderLook<'a> {
    color: &'a str,
    position: switchboard_wire::rest::settings::WidgetPosition,
    theme: switchboard_wire::rest::settings::WidgetTheme,
}

/// The loader with the workspace's settings before it, so that it needs no request of its own.
async fn loader(app: web::Data<App>, query: Query<LoaderQuery>) -> Result<HttpResponse> {
    let Some(widget) = app.widgets.by_key(&app.store, &query.key).await? else {
        let warning = "console.warn(\"Switchboard: this snippet's key is not known here; \
                       copy the snippet again from the settings\");\n";
        return Ok(script(Bytes::from_static(warning.as_bytes())));
    };
    let (Some(loader), Some(entry)) = (WidgetFiles::get("widget.js"), app_entry()) else {
        return Err(not_built("widget"));
    };
    let config = loader_config(&app.public_url, &widget, &entry).map_err(Failure::internal)?;
    let mut text = format!("self.__switchboard={config};\n").into_bytes();
    text.extend_from_slice(&loader.data);
    Ok(script(text.into()))
}

fn loader_config(base: &str, widget: &Widget, entry: &str) -> serde_json::Result<String> {
    let look = LoaderLook {
        color: &widget.look.color,
        position: widget.look.position,
        theme: widget.look.theme,
    };
    let app = format!("{base}/widget/{entry}");
    let text = serde_json::to_string(&LoaderConfig { key: &widget.key, base, look, app })?;
    // Valid in JSON, line ends in older scripts.
    Ok(text.replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}

/// The file name of the app, which changes with its content.
fn app_entry() -> Option<String> {
    #[derive(Deserialize)]
    struct Manifest {
        app: String,
    }
    let manifest = WidgetFiles::get("manifest.json")?;
    serde_json::from_slice::<Manifest>(&manifest.data).ok().map(|manifest| manifest.app)
}

fn script(body: Bytes) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    shared(&mut response);
    response
        .insert_header((CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((CACHE_CONTROL, FEW_MINUTES))
        .body(body)
}

/// For what pages of every origin load.
fn shared(response: &mut actix_web::HttpResponseBuilder) {
    response
        .insert_header(("Access-Control-Allow-Origin", "*"))
        .insert_header(("Cross-Origin-Resource-Policy", "cross-origin"));
}

/// The widget's app, its languages and its manifest.
async fn widget(file: Path<String>) -> Result<HttpResponse> {
    let found = WidgetFiles::get(&file).ok_or_else(|| Failure::not_found("file"))?;
    let mut response = HttpResponse::Ok();
    shared(&mut response);
    response.insert_header((CACHE_CONTROL, if is_hashed(&file) { FOREVER } else { ASK_AGAIN }));
    Ok(body(response, &file, found))
}

/// Names such as `app-3fQ81bXyZ0.js`: a stem and what was made of the content.
fn is_hashed(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.rsplit_once('-')
        .is_some_and(|(_, hash)| hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The shop of the demo, with its snippet and login filled in.
async fn shop(app: web::Data<App>) -> Result<HttpResponse> {
    let demo = app.demo.as_ref().ok_or_else(|| Failure::not_found("demo on this server"))?;
    let page = DemoFiles::get("index.html").ok_or_else(|| not_built("demo"))?;
    let text = String::from_utf8_lossy(&page.data)
        .replace("{{snippet}}", &snippet(&app.public_url, &demo.widget_key))
        .replace("{{login}}", &escape(&demo.email))
        .replace("{{password}}", &escape(&demo.password));
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CACHE_CONTROL, ASK_AGAIN))
        .insert_header((REFERRER_POLICY, "strict-origin-when-cross-origin"))
        .insert_header((CONTENT_SECURITY_POLICY, demo_csp(&app.public_url)))
        .body(text))
}

async fn demo(app: web::Data<App>, file: Path<String>) -> Result<HttpResponse> {
    let found = app.demo.as_ref().filter(|_| !file.ends_with(".html"));
    let found = found.and_then(|_| DemoFiles::get(&file));
    let found = found.ok_or_else(|| Failure::not_found("file"))?;
    let mut response = HttpResponse::Ok();
    response.insert_header((CACHE_CONTROL, ASK_AGAIN));
    Ok(body(response, &file, found))
}

/// The HTML to paste before `</body>`.
pub fn snippet(public_url: &str, widget_key: &str) -> String {
    format!(r#"<script async src="{public_url}/widget.js?key={widget_key}"></script>"#)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}

async fn console(app: web::Data<App>) -> Result<HttpResponse> {
    let page = ConsoleFiles::get("index.html").ok_or_else(|| not_built("console"))?;
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, ASK_AGAIN))
        .insert_header((REFERRER_POLICY, "same-origin"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header((CONTENT_SECURITY_POLICY, console_csp(&app.public_url)));
    Ok(body(response, "index.html", page))
}

/// The page that opens Meta's window. It is apart from the console, which loads no foreign script,
/// and unlike the console it may be spoken to by a window that it opened.
async fn embedded_signup(app: web::Data<App>) -> Result<HttpResponse> {
    let meta = app.config.meta.as_ref().filter(|meta| meta.embedded_signup.is_some());
    meta.ok_or_else(|| Failure::not_found("page"))?;
    let page = ConsoleFiles::get("embedded-signup.html").ok_or_else(|| not_built("console"))?;
    let providers = &app.config.providers;
    let (sdk, facebook) = (&providers.facebook_sdk, &providers.facebook_sign_in);
    let csp = embedded_signup_csp(&app.public_url, sdk, facebook);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((CACHE_CONTROL, ASK_AGAIN))
        .insert_header((REFERRER_POLICY, "strict-origin"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin-allow-popups"))
        .insert_header((CONTENT_SECURITY_POLICY, csp));
    Ok(body(response, "embedded-signup.html", page))
}

/// A file of the console, or the console itself for the addresses that it makes up.
async fn console_file(app: web::Data<App>, file: Path<String>) -> Result<HttpResponse> {
    let asset = file.starts_with("assets/");
    match ConsoleFiles::get(&file).filter(|_| !file.ends_with(".html")) {
        Some(found) => {
            let mut response = HttpResponse::Ok();
            response.insert_header((CACHE_CONTROL, if asset { FOREVER } else { FEW_MINUTES }));
            Ok(body(response, &file, found))
        }
        None if asset => Err(Failure::not_found("file")),
        None => console(app).await,
    }
}

fn body(
    mut response: actix_web::HttpResponseBuilder,
    name: &str,
    file: EmbeddedFile,
) -> HttpResponse {
    let mime = file.metadata.mimetype();
    let text = mime.starts_with("text/")
        || name.ends_with(".js")
        || name.ends_with(".json")
        || name.ends_with(".svg");
    let mime = if text { format!("{mime}; charset=utf-8") } else { mime.to_owned() };
    response.insert_header((CONTENT_TYPE, mime));
    response.body(match file.data {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    })
}

fn not_built(what: &str) -> Failure {
    tracing::error!(what, "a front end was not built; run npm install and npm run build");
    Failure::unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_with_a_hash_are_kept_forever() {
        assert!(is_hashed("app-3fQ81bXyZ0.js") && is_hashed("locale-pt-3fQ81bXyZ0.js"));
        for name in ["widget.js", "manifest.json", "demo-page.js", "a-b.js", "x"] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn what_stands_in_a_page_is_escaped() {
        assert_eq!(escape("<a & \"b\">"), "&lt;a &amp; &quot;b&quot;>");
    }
}
