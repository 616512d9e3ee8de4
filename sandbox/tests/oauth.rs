//! Consent and tokens, over HTTP.

#![allow(clippy::unwrap_used, reason = "a test that unwraps fails with the reason")]

mod meta;

use meta::{Meta, PAGE, WABA, code, start};
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use serde_json::{Value, json};

const BACK: &str = "https://inbox.example.com/oauth/meta?x=1";

/// Names and values as a query or a form.
fn encoded(pairs: &[(&str, &str)]) -> String {
    let encode = |value: &str| value.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Says yes or no on the page of a dialog. Answers where the browser is sent.
async fn consent(meta: &Meta, platform: &str, scope: &str, answer: &str) -> String {
    let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
    let pairs = [
        ("platform", platform),
        ("redirect_uri", BACK),
        ("state", "s 1"),
        ("scope", scope),
        ("answer", answer),
    ];
    let body = encoded(&pairs);
    let sent = client
        .post(format!("{}/oauth/consent", meta.sandbox.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 302);
    sent.headers()[LOCATION].to_str().unwrap().to_owned()
}

fn code_of(location: &str) -> String {
    location.split("code=").nth(1).unwrap().split('&').next().unwrap().to_owned()
}

async fn exchange(meta: &Meta, more: &str) -> (u16, Value) {
    let config = &meta.config;
    let url = meta.graph(&format!(
        "oauth/access_token?client_id={}&client_secret={}&{more}",
        config.app_id, config.app_secret
    ));
    meta.send(meta.client.get(url)).await
}

const ESCAPED_BACK: &str = "redirect_uri=https%3A%2F%2Finbox.example.com%2Foauth%2Fmeta%3Fx%3D1";

#[tokio::test]
async fn facebook_login_leads_to_page_tokens() {
    let meta = start().await;
    let dialog = format!(
        "{}/graph/v26.0/dialog/oauth?client_id={}&{ESCAPED_BACK}&state=s&response_type=code&scope=pages_messaging",
        meta.sandbox.url(),
        meta.config.app_id
    );
    let page = meta.client.get(dialog).send().await.unwrap();
    assert_eq!(page.status(), 200);
    assert!(page.text().await.unwrap().contains("pages_messaging"));
    let location = consent(&meta, "facebook", "pages_show_list,pages_messaging", "allow").await;
    assert!(
        location.starts_with(&format!("{BACK}&code=")) && location.ends_with("&state=s%201"),
        "{location}"
    );
    let code_given = code_of(&location);
    assert_eq!(
        code(&exchange(&meta, &format!("code={code_given}&redirect_uri=https://other")).await).1,
        100
    );
    let code_given =
        code_of(&consent(&meta, "facebook", "pages_show_list,pages_messaging", "allow").await);
    let (status, short) = exchange(&meta, &format!("code={code_given}&{ESCAPED_BACK}")).await;
    assert_eq!((status, &short["expires_in"]), (200, &json!(3600)));
    assert_eq!(
        code(&exchange(&meta, &format!("code={code_given}&{ESCAPED_BACK}")).await).1,
        100,
        "once only"
    );
    let short = short["access_token"].as_str().unwrap();
    let (_, long) =
        exchange(&meta, &format!("grant_type=fb_exchange_token&fb_exchange_token={short}")).await;
    assert_eq!(long["expires_in"], 60 * 24 * 3600);
    let long = long["access_token"].as_str().unwrap();
    let fields = "id,name,access_token,tasks,instagram_business_account{id,username}";
    let (_, pages) = meta.get(meta.graph(&format!("me/accounts?fields={fields}")), long).await;
    assert_eq!(
        (&pages["data"][0]["id"], &pages["data"][0]["access_token"]),
        (&json!(PAGE), &json!(meta::PAGE_TOKEN))
    );
    assert_eq!(
        pages["data"][0]["instagram_business_account"],
        json!({ "id": meta::IG, "username": "kilnandclay" })
    );
    meta.control("advance", json!({ "seconds": 61 * 24 * 3600 })).await;
    assert_eq!(code(&meta.get(meta.graph("me"), long).await), (401, 190, Some(463)));
}

#[tokio::test]
async fn refusing_consent_comes_back_as_an_error() {
    let meta = start().await;
    let location = consent(&meta, "facebook", "pages_messaging", "deny").await;
    assert!(location.contains("error=access_denied&error_reason=user_denied"), "{location}");
}

#[tokio::test]
async fn embedded_signup_has_half_a_minute() {
    let meta = start().await;
    let signup = meta.control("signup", json!({})).await;
    let given = signup["code"].as_str().unwrap();
    let (status, token) = exchange(&meta, &format!("code={given}")).await;
    assert_eq!(status, 200, "{token}");
    assert!(token["expires_in"].is_null());
    let app = format!("{}|{}", meta.config.app_id, meta.config.app_secret);
    let text = token["access_token"].as_str().unwrap();
    let (_, debug) = meta.get(meta.graph(&format!("debug_token?input_token={text}")), &app).await;
    assert_eq!(debug["data"]["is_valid"], true);
    assert_eq!(
        (&debug["data"]["type"], &debug["data"]["expires_at"]),
        (&json!("SYSTEM_USER"), &json!(0))
    );
    assert_eq!(debug["data"]["granular_scopes"][0]["target_ids"], json!([WABA]));
    let late = meta.control("signup", json!({})).await;
    meta.control("advance", json!({ "seconds": 31 })).await;
    let late = exchange(&meta, &format!("code={}", late["code"].as_str().unwrap())).await;
    assert_eq!(code(&late).1, 100);
}

#[tokio::test]
async fn instagram_login_is_exchanged_lengthened_and_refreshed() {
    let meta = start().await;
    let scope = "instagram_business_basic,instagram_business_manage_messages";
    let location = consent(&meta, "instagram", scope, "allow").await;
    assert!(location.ends_with("#_"), "{location}");
    let given = code_of(&location);
    let form = |secret: &str| {
        let body = format!(
            "client_id={}&client_secret={secret}&grant_type=authorization_code&{ESCAPED_BACK}&code={given}",
            meta.config.instagram_app_id
        );
        meta.client
            .post(format!("{}/instagram-api/oauth/access_token", meta.sandbox.url()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(body)
    };
    let (status, refused) = meta.send(form("wrong")).await;
    assert_eq!((status, &refused["error_type"]), (400, &json!("OAuthException")));
    let (status, short) = meta.send(form(&meta.config.instagram_app_secret)).await;
    assert_eq!(status, 200, "{short}");
    assert_eq!(
        (&short["data"][0]["user_id"], &short["data"][0]["permissions"]),
        (&json!("900000000000001"), &json!(scope))
    );
    let short = short["data"][0]["access_token"].as_str().unwrap();
    let base = format!("{}/instagram-graph", meta.sandbox.url());
    let secret = &meta.config.instagram_app_secret;
    let lengthen = format!(
        "{base}/access_token?grant_type=ig_exchange_token&client_secret={secret}&access_token={short}"
    );
    let (status, long) = meta.send(meta.client.get(lengthen)).await;
    assert_eq!((status, &long["expires_in"]), (200, &json!(60 * 24 * 3600)), "{long}");
    let long = long["access_token"].as_str().unwrap();
    let refresh =
        format!("{base}/refresh_access_token?grant_type=ig_refresh_token&access_token={long}");
    assert_eq!(code(&meta.send(meta.client.get(&refresh)).await).1, 100, "younger than a day");
    meta.control("advance", json!({ "seconds": 25 * 3600 })).await;
    let (status, new) = meta.send(meta.client.get(&refresh)).await;
    assert_eq!(status, 200, "{new}");
    meta.control("advance", json!({ "seconds": 61 * 24 * 3600 })).await;
    assert_eq!(code(&meta.send(meta.client.get(&refresh)).await).1, 190, "too late");
}

#[tokio::test]
async fn old_instagram_scopes_are_refused() {
    let meta = start().await;
    let dialog = format!(
        "{}/instagram/oauth/authorize?client_id={}&{ESCAPED_BACK}&response_type=code&scope=business_basic",
        meta.sandbox.url(),
        meta.config.instagram_app_id
    );
    assert_eq!(meta.client.get(dialog).send().await.unwrap().status(), 400);
}

#[tokio::test]
async fn files_go_up_resumably_and_become_handles() {
    let meta = start().await;
    let app = &meta.config.app_id;
    let begin =
        meta.graph(&format!("{app}/uploads?file_name=a.png&file_length=4&file_type=image/png"));
    let (_, session) = meta.call(reqwest::Method::POST, begin, meta::WHATSAPP).await;
    let session = meta.graph(session["id"].as_str().unwrap());
    let put = |scheme: &str, offset: &str| {
        meta.client
            .post(&session)
            .header("Authorization", format!("{scheme} {}", meta::WHATSAPP))
            .header("file_offset", offset.to_owned())
            .body("data")
    };
    assert_eq!(code(&meta.send(put("Bearer", "0")).await).1, 190);
    assert_eq!(code(&meta.send(put("OAuth", "3")).await).1, 100);
    let (status, handle) = meta.send(put("OAuth", "0")).await;
    assert_eq!(status, 200, "{handle}");
    assert!(handle["h"].as_str().unwrap().starts_with("4::"));
}

#[tokio::test]
async fn the_window_of_embedded_signup_opens_as_documented_alone() {
    let meta = start().await;
    let open = async |changed: &str, to: &str| {
        let config = &meta.config;
        let extras = r#"{"setup":{},"featureType":"","sessionInfoVersion":"3"}"#;
        let mut asked = vec![
            ("client_id", config.app_id.as_str()),
            ("config_id", &config.signup_config_id),
            ("response_type", "code"),
            ("override_default_response_type", "true"),
            ("extras", extras),
            ("origin", "http://localhost:8080"),
        ];
        asked.retain(|(name, _)| *name != changed);
        if !to.is_empty() {
            asked.push((changed, to));
        }
        let url = meta.graph(&format!("dialog/oauth?{}", encoded(&asked)));
        let answer = meta.client.get(url).send().await.unwrap();
        answer.status().as_u16()
    };
    assert_eq!(open("", "").await, 200);
    for (changed, to) in [
        ("client_id", "2"),
        ("config_id", "2"),
        ("response_type", "token"),
        ("override_default_response_type", ""),
        ("extras", r#"{"setup":{},"featureType":"","sessionInfoVersion":"2"}"#),
        ("redirect_uri", "https://inbox.example.com"),
    ] {
        assert_eq!(open(changed, to).await, 400, "{changed}");
    }
    let script = format!("{}/sdk/en_US/sdk.js", meta.sandbox.url());
    let script = meta.client.get(script).send().await.unwrap().text().await.unwrap();
    assert!(script.contains(&meta.sandbox.url()), "{script}");
}

#[tokio::test]
async fn the_code_of_embedded_signup_has_no_redirect_and_is_for_one_account() {
    let meta = start().await;
    let given = meta.control("signup", json!({"choice": "new"})).await;
    let redirected = format!("code={}&{ESCAPED_BACK}", given["code"].as_str().unwrap());
    assert_eq!(code(&exchange(&meta, &redirected).await).1, 100);
    let given = meta.control("signup", json!({"choice": "new"})).await;
    let secret = &meta.config.app_secret;
    let other = format!("oauth/access_token?client_id=2&client_secret={secret}&code=x");
    assert_eq!(code(&meta.send(meta.client.get(meta.graph(&other))).await).1, 101, "another app");
    let (_, token) = exchange(&meta, &format!("code={}", given["code"].as_str().unwrap())).await;
    let token = token["access_token"].as_str().unwrap();
    let numbers = |waba: &str| meta.graph(&format!("{waba}/phone_numbers?fields=id,platform_type"));
    let (_, own) = meta.get(numbers(given["waba_id"].as_str().unwrap()), token).await;
    assert_eq!(own["data"][0]["platform_type"], "NOT_APPLICABLE");
    assert_eq!(meta.get(numbers(WABA), token).await.0, 400, "another account is not shared");
}

#[tokio::test]
async fn a_number_on_a_phone_hands_over_once_each_within_a_day() {
    let meta = start().await;
    let given = meta.control("signup", json!({"choice": "phone"})).await;
    let (_, token) = exchange(&meta, &format!("code={}", given["code"].as_str().unwrap())).await;
    let token = token["access_token"].as_str().unwrap();
    let number = given["chosen"].as_str().unwrap();
    let sync = async |what: &str| {
        let body = json!({"messaging_product": "whatsapp", "sync_type": what});
        let call = meta.client.post(meta.graph(&format!("{number}/smb_app_data")));
        meta.send(call.bearer_auth(token).json(&body)).await
    };
    assert_eq!(sync("smb_app_state_sync").await.0, 200);
    assert_eq!(code(&sync("smb_app_state_sync").await).1, 2_593_107);
    assert_eq!(code(&sync("everything").await).1, 100);
    let register = meta.client.post(meta.graph(&format!("{number}/register")));
    let pin = json!({"messaging_product": "whatsapp", "pin": "123456"});
    assert_eq!(code(&meta.send(register.bearer_auth(token).json(&pin)).await).1, 100);
    meta.control("advance", json!({"seconds": 25 * 3600})).await;
    assert_eq!(code(&sync("history").await).1, 2_593_108);
}
