//! The workspace, its labels and its widget.

use serde_json::json;

use super::{conversation, shop};

#[tokio::test]
async fn labels_are_made_changed_and_removed_from_whatever_carries_them() {
    let (world, ana, visitor) = shop().await;
    let mut team = ana.connect(&world).await;
    let made = ana.post("/labels", json!({"name": " Order ", "color": "#2F7D4F"})).await;
    assert_eq!(made.status, 201);
    let label = made.ok();
    assert_eq!((&label["name"], &label["color"]), (&json!("Order"), &json!("#2f7d4f")));
    assert_eq!(team.event(|e| e["event"] == "label").await["label"], label);
    let other = ana.post("/labels", json!({"name": "Return", "color": "#000000"})).await.ok();
    let path = |label: &serde_json::Value| format!("/labels/{}", label["id"].as_str().unwrap());
    for (name, color, code, field) in [
        ("ORDER", "#000000", "conflict", "name"),
        ("", "#000000", "invalid", "name"),
        ("x", "red", "invalid", "color"),
    ] {
        let body = json!({"name": name, "color": color});
        for answer in [ana.post("/labels", body.clone()).await, ana.put(&path(&other), body).await]
        {
            assert_eq!((answer.code(), &answer.body["field"]), (code, &json!(field)));
        }
    }
    let renamed = json!({"name": "order", "color": "#111111"});
    assert_eq!(ana.put(&path(&label), renamed).await.ok()["name"], "order");

    let both = json!({"add_labels": [label["id"], other["id"]]});
    ana.patch(&conversation(&visitor), both).await.ok();
    assert_eq!(ana.delete(&path(&label)).await.status, 204);
    let told = team.event(|e| e["event"] == "label_removed").await;
    assert_eq!(told["label"], label["id"]);
    let left = ana.get(&conversation(&visitor)).await.ok();
    assert_eq!(left["conversation"]["labels"], json!([other["id"]]));
    assert_eq!(ana.delete(&path(&label)).await.code(), "not_found");
    assert_eq!(ana.get("/labels").await.ok().as_array().unwrap().len(), 1);
    world.stop().await;
}

#[tokio::test]
async fn settings_keep_what_is_not_named_and_reach_open_consoles() {
    let (world, ana, _) = shop().await;
    let mut team = ana.connect(&world).await;
    let renamed = ana.patch("/workspace", json!({"name": "Acme"})).await.ok();
    assert_eq!(renamed["name"], "Acme");
    assert_eq!(team.event(|e| e["event"] == "workspace").await["workspace"], renamed);
    assert_eq!(ana.patch("/workspace", json!({})).await.ok(), renamed);
    assert_eq!(ana.patch("/workspace", json!({"name": " "})).await.body["field"], "name");

    let before = ana.get("/widget-settings").await.ok();
    let key = before["key"].as_str().unwrap();
    assert!(before["snippet"].as_str().unwrap().contains(&format!("/widget.js?key={key}\"")));
    let look = json!({"color": "#112233", "position": "start", "title": "Hi", "greeting": "Hello!",
                      "theme": "dark"});
    let changed = ana.patch("/widget-settings", json!({"look": look})).await.ok();
    assert_eq!((&changed["look"], &changed["origins"]), (&look, &before["origins"]));
    let origins = json!(["https://Shop.example/", "https://shop.example"]);
    let changed = ana.patch("/widget-settings", json!({"origins": origins})).await.ok();
    assert_eq!((&changed["look"], &changed["origins"]), (&look, &json!(["https://shop.example"])));
    for (bad, field) in [
        (json!({"look": {"color": "red"}}), "look.color"),
        (json!({"look": {"greeting": "x".repeat(501)}}), "look.greeting"),
        (json!({"origins": vec!["https://a.example"; 51]}), "origins"),
    ] {
        let answer = ana.patch("/widget-settings", bad).await;
        assert_eq!((answer.code(), &answer.body["field"]), ("invalid", &json!(field)));
    }
    assert_eq!(ana.get("/widget-settings").await.ok(), changed);
    world.stop().await;
}
