//! Tokens that end are renewed before they do.

use serde_json::{Value, json};
use switchboard_domain::AccountId;
use switchboard_sandbox::world::preset;
use switchboard_store::account;

use crate::support::accounts::now;
use crate::support::behind::{Behind, workspace};
use crate::support::stage::{Stage, until};

const DAY: i64 = 24 * 60 * 60;

/// What speaks for an account, as it is stored.
async fn credentials(stage: &Stage, id: AccountId) -> (account::Account, Value) {
    let behind = Behind::of(&stage.world);
    let keys = behind.keys(&stage.ana).await;
    let workspace = workspace(&stage.ana);
    let tx = behind.store.readers.begin(workspace).await.unwrap();
    let row = account::get(&tx, &keys, workspace, id).await.unwrap().unwrap();
    let stored = serde_json::from_slice(&row.credentials).unwrap();
    (row, stored)
}

#[tokio::test]
async fn a_token_that_was_pasted_is_renewed_when_it_is_a_day_old() {
    let stage = Stage::set().await;
    let connected = stage.connect("instagram").await;
    let id = connected["id"].as_str().unwrap();
    let (row, mut stored) = credentials(&stage, id.parse().unwrap()).await;
    assert_eq!(stored["token"], preset::INSTAGRAM_TOKEN);

    // Two days go by, there and here.
    stage.command("/control/advance", json!({"seconds": 2 * DAY})).await;
    let given = now() - jiff::SignedDuration::from_secs(2 * DAY);
    stored["token_given_at"] = json!(given);
    let behind = Behind::of(&stage.world);
    let (keys, workspace) = (behind.keys(&stage.ana).await, workspace(&stage.ana));
    let tx = behind.store.writers.begin(workspace).await.unwrap();
    let json = stored.to_string().into_bytes();
    account::set_credentials(&tx, &keys, workspace, &row, &json, None).await.unwrap();
    tx.commit().await.unwrap();
    stage.ana.post(&format!("/channels/accounts/{id}/check"), json!({})).await.ok();

    let renewed = until("another token", async || {
        let (_, stored) = credentials(&stage, id.parse().unwrap()).await;
        (stored["token"] != preset::INSTAGRAM_TOKEN).then_some(stored)
    })
    .await;
    assert!(renewed["token_expires_at"].is_string(), "{renewed}");

    // The old one may end: what is sent goes by the new one.
    let ended = json!({"token": preset::INSTAGRAM_TOKEN, "revoked": true});
    stage.command("/control/tokens", ended).await;
    let conversation = stage.conversation("instagram-ana", "Hello").await;
    stage.post(&conversation, json!({"text": "Hello, Ana"})).await;
    until("the answer", async || {
        (stage.heard("instagram-ana").await == ["Hello, Ana"]).then_some(())
    })
    .await;
    stage.stop().await;
}
