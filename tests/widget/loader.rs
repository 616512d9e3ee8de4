//! `/widget.js` and the files behind it.

use std::path::Path;

use serde_json::{Value, json};

use super::{own_origin, settings, shop};
use crate::support::people::send;

/// The front ends are built apart from the server, and this test can run before they are.
fn widget_is_built() -> bool {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("widget/dist/manifest.json").exists()
}

#[tokio::test]
async fn the_loader_brings_the_settings_of_its_key() {
    let (world, ana, key) = shop().await;
    let look = json!({"color": "#B4542D", "position": "start", "title": "</script>",
                      "greeting": "", "theme": "dark"});
    settings(&ana, json!({"look": look})).await;
    let url = world.url(&format!("/widget.js?key={key}"));
    if !widget_is_built() {
        assert_eq!(send(reqwest::Client::new().get(url)).await.code(), "unavailable");
        return world.stop().await;
    }
    let answer = reqwest::get(url).await.unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(header("access-control-allow-origin"), "*");
    assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
    assert_eq!(header("x-content-type-options"), "nosniff");
    let text = answer.text().await.unwrap();
    let statement = text.strip_prefix("self.__switchboard=").unwrap();
    let config: Value = serde_json::from_str(statement.split(";\n").next().unwrap()).unwrap();
    assert_eq!((&config["key"], &config["base"]), (&json!(key), &json!(own_origin(&world))));
    assert_eq!(config["look"], json!({"color": "#b4542d", "position": "start", "theme": "dark"}));
    assert!(!text.contains("</script>"));

    let app = config["app"].as_str().unwrap().replace(&own_origin(&world), &world.url(""));
    let app = reqwest::get(app).await.unwrap().error_for_status().unwrap();
    assert!(app.headers()["cache-control"].to_str().unwrap().contains("immutable"));
    assert_eq!(app.headers()["access-control-allow-origin"], "*");
    world.stop().await;
}

#[tokio::test]
async fn an_unknown_key_is_a_warning_in_the_console_and_not_an_error_on_the_page() {
    let (world, _, key) = shop().await;
    for query in ["", "?key=", "?key=wk_unknown", "?other=1", &format!("?key={key}x")] {
        let answer = reqwest::get(world.url(&format!("/widget.js{query}"))).await.unwrap();
        assert_eq!(answer.status().as_u16(), 200, "{query}");
        let text = answer.text().await.unwrap();
        assert!(text.starts_with("console.warn(") && text.len() < 200, "{query}: {text}");
    }
    let long = reqwest::get(world.url(&format!("/widget.js?key={}", "x".repeat(5_000)))).await;
    assert_eq!(long.unwrap().status().as_u16(), 200);
    let unknown = reqwest::Client::new().get(world.url("/api/v1/widget/config?key=wk_unknown"));
    assert_eq!(send(unknown).await.code(), "not_found");
    for path in
        ["/widget/../Cargo.toml", "/widget/%2e%2e/package.json", "/widget/none.js", "/widget/"]
    {
        let answer = send(reqwest::Client::new().get(world.url(path))).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    world.stop().await;
}

#[tokio::test]
async fn the_public_settings_tell_no_more_than_a_page_needs() {
    let (world, ana, key) = shop().await;
    let client = reqwest::Client::new();
    let config = || client.get(world.url(&format!("/api/v1/widget/config?key={key}")));
    let first = send(config()).await;
    assert!(first.headers["cache-control"].to_str().unwrap().contains("public"));
    let body = first.ok();
    let mut names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let expected = ["attachment_max_bytes", "look", "online", "require_identity", "workspace"];
    assert_eq!(names, expected);
    assert_eq!((&body["online"], &body["workspace"]), (&json!(false), &json!("Ana's shop")));
    let _socket = ana.connect(&world).await;
    assert_eq!(send(config()).await.ok()["online"], true);
    world.stop().await;
}
