//! Which pages may carry the widget, and what browsers are told.

use reqwest::Method;
use serde_json::json;

use super::{boot_from, from_page, knock, own_origin, settings, shop};
use crate::support::Visitor;
use crate::support::people::send;

#[tokio::test]
async fn only_allowed_pages_carry_the_widget() {
    let (world, ana, key) = shop().await;
    let visitor = Visitor::boot(&world, &key).await;
    let body = json!({"key": key});
    boot_from(&world, Some("https://anything.example"), &body).await.ok();
    let origins = json!(["https://*.shop.example/", "http://localhost:3000"]);
    settings(&ana, json!({"origins": origins})).await;

    let own = own_origin(&world);
    for (origin, allowed) in [
        (Some("https://www.shop.example"), true),
        (Some("http://localhost:3000"), true),
        (Some(own.as_str()), true),
        (None, true),
        (Some("https://shop.example"), false),
        (Some("http://www.shop.example"), false),
        (Some("https://evilshop.example"), false),
        (Some("https://www.shop.example.evil.example"), false),
        (Some("http://localhost:3001"), false),
        (Some("null"), false),
        (Some(""), false),
    ] {
        let booted = boot_from(&world, origin, &body).await;
        let closed = knock(&world, origin, &visitor.token).await;
        if allowed {
            booted.ok();
            assert_eq!(closed, None, "{origin:?}");
        } else {
            assert_eq!(booted.code(), "forbidden", "{origin:?}");
            assert_eq!(closed, Some(4003), "{origin:?}");
        }
        if let Some(origin) = origin {
            let answer = send(from_page(&world, origin, &visitor.token)).await;
            assert_eq!(answer.status == 200, allowed, "{origin:?}");
        }
    }
    for bad in ["shop.example", "*", "https://shop.example/path", "javascript://x"] {
        let answer = ana.patch("/widget-settings", json!({"origins": [bad]})).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!("origins")));
    }
    world.stop().await;
}

#[tokio::test]
async fn pages_of_other_origins_read_what_visitors_may_and_nothing_else() {
    let (world, ana, key) = shop().await;
    let client = reqwest::Client::new();
    let preflight = async |path: &str, method: &str| {
        let request = client.request(Method::OPTIONS, world.url(path));
        let request = request
            .header("origin", "https://shop.example")
            .header("access-control-request-method", method)
            .header("access-control-request-headers", "authorization,content-type");
        send(request).await
    };
    for (path, method) in [
        ("/api/v1/widget/boot", "POST"),
        ("/api/v1/visitor/messages", "POST"),
        ("/api/v1/visitor/messages/msg_1", "PATCH"),
        ("/api/v1/attachments", "POST"),
    ] {
        let answer = preflight(path, method).await;
        assert_eq!(answer.status, 204, "{path}");
        let header = |name: &str| answer.headers[name].to_str().unwrap().to_owned();
        assert_eq!(header("access-control-allow-origin"), "https://shop.example");
        assert!(header("access-control-allow-methods").contains(method));
        assert!(header("access-control-allow-headers").contains("authorization"));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    for path in ["/api/v1/me", "/api/v1/conversations", "/api/v1/sign-in", "/console"] {
        let answer = preflight(path, "POST").await;
        assert!(!answer.headers.contains_key("access-control-allow-origin"), "{path}");
        assert!(answer.status >= 400, "{path}");
    }

    // A refusal can be read as well: the page learns why.
    settings(&ana, json!({"origins": ["https://shop.example"]})).await;
    for (origin, status) in [("https://shop.example", 200), ("https://evil.example", 403)] {
        let answer = boot_from(&world, Some(origin), &json!({"key": key})).await;
        assert_eq!(answer.status, status);
        assert_eq!(answer.headers["access-control-allow-origin"], origin);
        let varies = answer.headers.get_all("vary").iter();
        assert!(varies.into_iter().any(|v| v.to_str().unwrap().to_lowercase().contains("origin")));
        assert!(!answer.headers.contains_key("access-control-allow-credentials"));
    }
    world.stop().await;
}
