//! Numbers of WhatsApp that are brought in Meta's own window, from the page's request to the account.

use reqwest::Url;
use serde_json::{Value, json};
use switchboard_sandbox::world::preset;

use crate::support::Agent;
use crate::support::people::{Answer, send};
use crate::support::stage::Stage;
use crate::support::world::SIGNUP;

/// Presses the button. The path at which the page asks and finishes.
async fn begin(agent: &Agent) -> String {
    let body = json!({"kind": "whatsapp_number", "choose": true});
    let begun = agent.post("/channels/sign-in", body).await.ok();
    let url = Url::parse(begun["url"].as_str().unwrap()).unwrap();
    assert_eq!(url.path(), "/embedded-signup");
    let (name, state) = url.query_pairs().next().unwrap();
    assert_eq!(name, "state");
    format!("/channels/embedded-signup/{state}")
}

/// What Meta's window gives whoever chooses so there.
async fn window(stage: &Stage, body: Value) -> Value {
    stage.command("/control/signup", body).await
}

/// What the page posts of that.
fn posted(given: &Value) -> Value {
    let coexistence = given["event"] == "FINISH_WHATSAPP_BUSINESS_APP_ONBOARDING";
    json!({"code": given["code"], "waba_id": given["waba_id"],
           "phone_number_id": given["phone_number_id"], "coexistence": coexistence})
}

/// What the console is told, as names and values.
fn told(answer: Answer) -> Vec<(String, String)> {
    let url = answer.ok()["url"].as_str().unwrap().to_owned();
    assert!(url.starts_with("/console/settings/channels?"), "{url}");
    let url = Url::parse(&format!("http://x{url}")).unwrap();
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn connected(count: &str) -> Vec<(String, String)> {
    vec![("connected".to_owned(), count.to_owned())]
}

async fn accounts(stage: &Stage) -> Vec<Value> {
    stage.ana.get("/channels").await.ok()["accounts"].as_array().unwrap().clone()
}

#[tokio::test]
async fn a_new_number_is_subscribed_registered_and_connected() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let about = stage.ana.get(&path).await.ok();
    assert_eq!(
        (&about["config_id"], &about["app_id"]),
        (&json!(SIGNUP.1), &json!("1180427736655091"))
    );
    assert_eq!(about["sdk_url"], "https://connect.facebook.net/en_US/sdk.js");

    let given = window(&stage, json!({"choice": "new"})).await;
    let answer = stage.ana.post(&path, posted(&given)).await;
    assert_eq!(told(answer), connected("1"));
    let [account] = accounts(&stage).await.try_into().unwrap();
    assert_eq!((&account["status"], &account["problems"]), (&json!("active"), &json!([])));
    let number = given["phone_number_id"].as_str().unwrap();
    {
        let state = stage.sandbox.world().lock();
        let there = state.accounts.iter().find(|account| account.id == number).unwrap();
        assert!(there.registered && there.fields.contains("messages"));
        assert_eq!(state.whatsapp.pins[number].len(), 6);
    }

    // The code is used up; nothing is doubled by trying.
    let again = stage.ana.post(&path, posted(&given)).await;
    assert_eq!(again.code(), "refused");
    assert!(again.body["detail"].as_str().unwrap().contains("30 seconds"), "{}", again.body);
    assert_eq!(accounts(&stage).await.len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn connecting_a_known_number_again_renews_its_token() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let given = window(&stage, json!({})).await;
    assert_eq!(told(stage.ana.post(&path, posted(&given)).await), connected("1"));
    let [first] = accounts(&stage).await.try_into().unwrap();
    for token in stage.sandbox.world().lock().tokens.values_mut() {
        token.revoked = true;
    }
    let check = format!("/channels/accounts/{}/check", first["id"].as_str().unwrap());
    assert_eq!(stage.ana.post(&check, json!({})).await.ok()["status"], "reconnect");

    let given = window(&stage, json!({})).await;
    assert_eq!(told(stage.ana.post(&path, posted(&given)).await), connected("1"));
    let [again] = accounts(&stage).await.try_into().unwrap();
    assert_eq!((&again["id"], &again["status"]), (&first["id"], &json!("active")));
    stage.stop().await;
}

#[tokio::test]
async fn a_number_that_was_registered_here_keeps_its_pin() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let given = window(&stage, json!({"choice": "known", "second": true})).await;
    let second = given["second"].as_str().unwrap().to_owned();
    let of = |given: &Value| json!({"code": given["code"], "waba_id": preset::WABA, "phone_number_id": second});
    assert_eq!(told(stage.ana.post(&path, of(&given)).await), connected("1"));
    let [account] = accounts(&stage).await.try_into().unwrap();
    let account = format!("/channels/accounts/{}", account["id"].as_str().unwrap());
    assert_eq!(stage.ana.delete(&account).await.status, 204);
    for number in &mut stage.sandbox.world().lock().accounts {
        number.registered = number.id != second;
    }
    let given = window(&stage, json!({})).await;
    assert_eq!(told(stage.ana.post(&path, of(&given)).await), connected("1"));
    stage.stop().await;
}

#[tokio::test]
async fn of_several_numbers_the_person_chooses() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let given = window(&stage, json!({"choice": "waba", "second": true})).await;
    assert_eq!(given["phone_number_id"], Value::Null);
    let said = told(stage.ana.post(&path, posted(&given)).await);
    let [(name, ticket)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(name, "sign_in");
    let path = format!("/channels/sign-in/{ticket}");
    let choices = stage.ana.get(&path).await.ok();
    assert_eq!(choices["choices"].as_array().unwrap().len(), 2, "{choices}");
    let connected = stage.ana.post(&path, json!({"ids": [given["second"]]})).await.ok();
    assert_eq!(connected["problems"], json!([]));
    assert_eq!(accounts(&stage).await.len(), 1);
    stage.stop().await;
}

#[tokio::test]
async fn a_number_that_stays_on_a_phone_is_not_registered_and_hands_its_past_over() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let given = window(&stage, json!({"choice": "phone"})).await;
    assert_eq!(told(stage.ana.post(&path, posted(&given)).await), connected("1"));
    let [account] = accounts(&stage).await.try_into().unwrap();
    stage.has_its_history(&account).await;
    let number = given["chosen"].as_str().unwrap();
    {
        let state = stage.sandbox.world().lock();
        assert!(!state.whatsapp.pins.contains_key(number));
        assert_eq!(state.whatsapp.on_phone[number].syncs, ["smb_app_state_sync", "history"]);
    }
    stage.stop().await;
}

#[tokio::test]
async fn what_a_browser_says_is_believed_only_as_far_as_meta_says_the_same() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let other = window(&stage, json!({"choice": "new"})).await;
    let granted = [
        ("waba_id", other["waba_id"].clone()),
        ("waba_id", json!("1")),
        ("phone_number_id", other["phone_number_id"].clone()),
        ("phone_number_id", json!("2")),
    ];
    for (name, forged) in granted {
        let given = window(&stage, json!({})).await;
        let mut body = posted(&given);
        body[name] = forged;
        let answer = stage.ana.post(&path, body).await;
        assert_eq!(answer.code(), "refused", "{name}: {}", answer.body);
    }
    for scope in ["whatsapp_business_management", "whatsapp_business_messaging"] {
        let given = window(&stage, json!({"scopes": [scope]})).await;
        let answer = stage.ana.post(&path, posted(&given)).await;
        assert_eq!(answer.code(), "refused");
        assert!(answer.body["detail"].as_str().unwrap().contains("not granted"), "{}", answer.body);
    }
    let late = window(&stage, json!({})).await;
    stage.command("/control/advance", json!({"seconds": 31})).await;
    assert_eq!(stage.ana.post(&path, posted(&late)).await.code(), "refused");
    for bad in [json!({"code": ""}), json!({"code": "a b"}), json!({"code": "x".repeat(5_000)})] {
        assert_eq!(stage.ana.post(&path, bad).await.body["field"], "code");
    }
    assert_eq!(accounts(&stage).await, [] as [Value; 0]);
    stage.stop().await;
}

#[tokio::test]
async fn a_window_is_finished_by_the_session_that_began_it_alone() {
    let stage = Stage::with_signup().await;
    let path = begin(&stage.ana).await;
    let ben = stage.ana.colleague(&stage.world, "Ben", "admin").await;
    let eve = stage.ana.colleague(&stage.world, "Eve", "agent").await;
    let given = window(&stage, json!({})).await;
    for (agent, path, code) in [
        (&ben, path.as_str(), "not_found"),
        (&eve, &path, "forbidden"),
        (&stage.ana, "/channels/embedded-signup/forged", "not_found"),
    ] {
        assert_eq!(agent.get(path).await.code(), code);
        assert_eq!(agent.post(path, posted(&given)).await.code(), code);
    }
    let elsewhere = reqwest::Client::new()
        .post(stage.world.url(&format!("/api/v1{path}")))
        .header("cookie", &stage.ana.cookie)
        .header("origin", "https://evil.example")
        .json(&posted(&given));
    assert_eq!(send(elsewhere).await.code(), "forbidden");
    assert_eq!(accounts(&stage).await, [] as [Value; 0]);
    stage.stop().await;
}

#[tokio::test]
async fn meta_s_script_runs_on_a_page_of_its_own() {
    let stage = Stage::with_signup().await;
    let page = reqwest::get(stage.world.url("/embedded-signup?state=x")).await.unwrap();
    // Where the front ends were not built there is no page to look at.
    if page.status() == 200 {
        let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
        let csp = header("content-security-policy");
        assert!(csp.contains("script-src 'self' https://connect.facebook.net;"), "{csp}");
        assert!(csp.contains("frame-ancestors 'none'"), "{csp}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin-allow-popups");
    }
    let console = reqwest::get(stage.world.url("/console")).await.unwrap();
    if console.status() == 200 {
        let csp = console.headers()["content-security-policy"].to_str().unwrap();
        assert!(!csp.contains("facebook"), "{csp}");
    }
    let without = Stage::set().await;
    let page = reqwest::get(without.world.url("/embedded-signup")).await.unwrap();
    assert_eq!(page.status(), 404);
    without.stop().await;
    stage.stop().await;
}
