//! Signing in at the stand-ins of the platforms, from the console's button to a connected account.

use reqwest::redirect::Policy;
use serde_json::{Value, json};
use switchboard_sandbox::{Config, Sandbox};

use crate::support::world::META;
use crate::support::{Agent, World};

async fn world() -> (Sandbox, World, Agent) {
    let [(_, app_id), (_, app_secret), (_, verify_token), (_, instagram_id), (_, instagram)] = META;
    let config = Config {
        app_id: app_id.to_owned(),
        app_secret: app_secret.to_owned(),
        verify_token: verify_token.to_owned(),
        instagram_app_id: instagram_id.to_owned(),
        instagram_app_secret: instagram.to_owned(),
        ..Config::default()
    };
    switchboard::server::choose_cryptography();
    let sandbox = Sandbox::start(config).await.unwrap();
    let url = sandbox.url();
    let world = World::with(&format!(
        "[providers]\ngraph = \"{url}/graph\"\ninstagram_graph = \"{url}/instagram-graph\"\n\
         instagram_api = \"{url}/instagram-api\"\ntelegram = \"{url}/telegram\"\n\
         facebook_sign_in = \"{url}/graph\"\ninstagram_sign_in = \"{url}/instagram\""
    ))
    .await;
    let ana = Agent::sign_up(&world, "Ana").await;
    (sandbox, world, ana)
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().redirect(Policy::none()).build().unwrap()
}

fn pairs(url: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse("http://x").unwrap().join(url).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}

/// Presses the button, says `answer` at the platform, and comes back. What the console is told.
async fn sign_in(
    sandbox: &Sandbox,
    ana: &Agent,
    kind: &str,
    answer: &str,
) -> Vec<(String, String)> {
    let begun = ana.post("/channels/sign-in", json!({ "kind": kind })).await.ok();
    let url = begun["url"].as_str().unwrap();
    let page = client().get(url).send().await.unwrap();
    assert_eq!(page.status(), 200, "{url}: {}", page.text().await.unwrap());
    let asked = pairs(url);
    let platform = match kind {
        "whatsapp_number" => "whatsapp",
        "instagram_login" => "instagram",
        _ => "facebook",
    };
    let form: Vec<String> = [
        ("platform", platform),
        ("redirect_uri", value(&asked, "redirect_uri")),
        ("state", value(&asked, "state")),
        ("scope", value(&asked, "scope")),
        ("answer", answer),
    ]
    .iter()
    .map(|(name, value)| format!("{name}={}", switchboard_channels::meta::query::encode(value)))
    .collect();
    let consent = client()
        .post(format!("{}/oauth/consent", sandbox.url()))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.join("&"));
    let consent = consent.send().await.unwrap();
    assert_eq!(consent.status(), 302);
    let back = consent.headers()["location"].to_str().unwrap();
    let back = client().get(back).header("cookie", &ana.cookie).send().await.unwrap();
    assert_eq!(back.status(), 302);
    pairs(back.headers()["location"].to_str().unwrap())
}

#[tokio::test]
async fn what_a_person_grants_at_a_platform_is_connected() {
    let (sandbox, world, ana) = world().await;
    for kind in ["whatsapp_number", "facebook_page", "instagram_page", "instagram_login"] {
        let told = sign_in(&sandbox, &ana, kind, "allow").await;
        if kind == "instagram_login" {
            // It is the account that the Page just brought.
            assert!(!told.is_empty(), "{told:?}");
            continue;
        }
        assert_eq!(value(&told, "connected"), "1", "{kind}: {told:?}");
        let channels = ana.get("/channels").await.ok();
        let accounts = channels["accounts"].as_array().unwrap();
        let found: Vec<&Value> = accounts.iter().filter(|a| a["kind"] == kind).collect();
        assert_eq!(found.len(), 1, "{channels}");
        assert_ne!(found[0]["status"], "disconnected");
    }
    sandbox.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn who_declines_at_a_platform_connects_nothing() {
    let (sandbox, world, ana) = world().await;
    for kind in ["facebook_page", "instagram_login"] {
        let told = sign_in(&sandbox, &ana, kind, "cancel").await;
        assert_eq!((told.len(), told[0].0.as_str()), (1, "problem"), "{told:?}");
    }
    assert_eq!(ana.get("/channels").await.ok()["accounts"], json!([]));
    sandbox.stop().await;
    world.stop().await;
}

#[tokio::test]
async fn a_bot_is_connected_by_its_token() {
    let (sandbox, world, ana) = world().await;
    let token = switchboard_sandbox::world::preset::BOT_TOKEN;
    let body = json!({"kind": "telegram_bot", "token": token});
    let account = ana.post("/channels/accounts", body.clone()).await;
    assert_eq!(account.status, 201, "{}", account.body);
    assert_eq!(account.body["handle"], "@kilnandclay_bot");
    let path = format!("/channels/accounts/{}", account.body["id"].as_str().unwrap());
    assert_eq!(ana.patch(&path, json!({"paused": true})).await.ok()["status"], "paused");
    assert_eq!(ana.patch(&path, json!({"paused": false})).await.ok()["status"], "active");
    assert_eq!(ana.post(&format!("{path}/check"), json!({})).await.ok()["problems"], json!([]));
    let zoe = Agent::sign_up(&world, "Zoe").await;
    assert_eq!(zoe.post("/channels/accounts", body).await.code(), "conflict");
    assert_eq!(ana.delete(&path).await.status, 204);
    let wrong = json!({"kind": "telegram_bot", "token": "7000000001:AAwrong"});
    let refused = ana.post("/channels/accounts", wrong).await;
    assert!(refused.status == 422 || refused.status == 400, "{}", refused.body);
    sandbox.stop().await;
    world.stop().await;
}
