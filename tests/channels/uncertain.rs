//! Calls whose answers were lost, on platforms that tell of messages afterwards.

use serde_json::json;

use crate::support::stage::Stage;

#[tokio::test]
async fn receipts_and_echoes_settle_what_nobody_answered() {
    for (phone, method) in [("whatsapp-ana", "messages"), ("messenger-ana", "messages")] {
        let stage = Stage::set().await;
        let platform = phone.split('-').next().unwrap();
        stage.connect(platform).await;
        let conversation = stage.conversation(phone, "Anyone there?").await;
        let fault = json!({"platform": platform, "kind": "timeout_after_accept", "times": 1,
                           "method": method});
        stage.fault(fault).await;
        let first = stage.post(&conversation, json!({"text": "first"})).await;
        stage.reached(&conversation, &first, &["sent", "delivered"]).await;
        let second = stage.post(&conversation, json!({"text": "second"})).await;
        stage.reached(&conversation, &second, &["sent", "delivered"]).await;
        // Longer than an uncertain call is waited for.
        tokio::time::sleep(std::time::Duration::from_secs(3)).await;
        assert_eq!(stage.heard(phone).await, ["first", "second"], "{phone}");
        let told = stage.deliveries(&conversation).await;
        assert_eq!(told.len(), 2, "{phone}: an echo became a message: {told:?}");
        let known = ["sent", "delivered"];
        assert!(told.iter().all(|(_, state)| known.contains(&state.as_str())), "{told:?}");
        let all = stage.messages(&conversation).await;
        assert_eq!(all.iter().filter(|m| m["kind"] == "public").count(), 3, "{phone}: {all:?}");
        stage.stop().await;
    }
}
