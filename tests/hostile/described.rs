//! Walks the OpenAPI document: what it describes is asked by nobody, and by somebody else.

use reqwest::Method;
use serde_json::{Value, json};

use super::{Two, is_problem};
use crate::support::behind::Behind;
use crate::support::people::{Answer, send, upload};
use crate::support::{Agent, World};

/// One operation of the document.
struct Operation {
    method: Method,
    path: String,
    operation: Value,
}

async fn document(world: &World) -> Value {
    send(reqwest::Client::new().get(world.url("/api/v1/openapi.json"))).await.ok()
}

fn operations(document: &Value) -> Vec<Operation> {
    let mut all = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let method = method.to_uppercase().parse().unwrap();
            all.push(Operation { method, path: path.clone(), operation: operation.clone() });
        }
    }
    all
}

/// A body that its schema allows.
fn body_of(document: &Value, operation: &Value) -> Option<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    (!schema.is_null()).then(|| sample(document, "", schema))
}

fn sample(document: &Value, name: &str, schema: &Value) -> Value {
    if let Some(reference) = schema["$ref"].as_str() {
        return sample(document, name, document.pointer(&reference[1..]).unwrap());
    }
    if let Some(one) = schema["enum"].get(0) {
        return one.clone();
    }
    for several in ["oneOf", "anyOf", "allOf"] {
        if let Some(one) = schema[several].get(0) {
            return sample(document, name, one);
        }
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str());
    match kind.unwrap_or("object") {
        "string" => match name {
            "color" => json!("#112233"),
            "email" => json!("somebody@nowhere.example"),
            "workspace" => json!(format!("wsp_{}", "0".repeat(32))),
            "other" => json!(format!("con_{}", "0".repeat(32))),
            _ => json!("something"),
        },
        "integer" | "number" => json!(1),
        "boolean" => json!(true),
        "array" => json!([]),
        _ => {
            let required = schema["required"].as_array().into_iter().flatten();
            let fields = required.map(|name| {
                let name = name.as_str().unwrap();
                (name.to_owned(), sample(document, name, &schema["properties"][name]))
            });
            Value::Object(fields.collect())
        }
    }
}

/// The parameters of the query that must be there.
fn needed(operation: &Value) -> Vec<(&str, &str)> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|one| one["in"] == "query" && one["required"] == true);
    needed.map(|one| (one["name"].as_str().unwrap(), "something")).collect()
}

/// The path with these things in the places of its parameters.
fn filled(path: &str, things: &[(&str, String)]) -> String {
    let mut path = path.replace("{emoji}", "%F0%9F%91%8D").replace("{state}", "something");
    for (prefix, id) in things {
        path = path.replace(&format!("{prefix}/{{id}}"), &format!("{prefix}/{id}"));
    }
    for (name, id) in things {
        path = path.replace(&format!("{{{name}}}"), id);
    }
    assert!(!path.contains('{'), "this test does not know what to put into {path}");
    path.trim_start_matches("/api/v1").to_owned()
}

async fn ask(who: &Agent, operation: &Operation, path: &str, document: &Value) -> Answer {
    let request = who.request(operation.method.clone(), path);
    let mut request = request.query(&needed(&operation.operation));
    if let Some(body) = body_of(document, &operation.operation) {
        request = request.json(&body);
    }
    send(request).await
}

#[tokio::test]
async fn nobody_gets_anything_that_is_not_for_everybody() {
    let world = World::start().await;
    let document = document(&world).await;
    let nil = |prefix: &str| format!("{prefix}_{}", "0".repeat(32));
    let nothing = [
        ("conversations", nil("cnv")),
        ("contacts", nil("con")),
        ("members", nil("mem")),
        ("labels", nil("lbl")),
        ("tokens", nil("tok")),
        ("invitations", nil("inv")),
        ("attachments", nil("att")),
        ("message", nil("msg")),
        ("accounts", nil("acc")),
        ("template", nil("tpl")),
        ("dead-letters", nil("ded")),
        ("merges", nil("mrg")),
        ("ticket", "nothing".to_owned()),
    ];
    let mut asked = 0;
    for Operation { method, path, operation } in operations(&document) {
        let open = operation["security"].as_array().is_some_and(|s| s.contains(&json!({})));
        if open || path == "/api/v1/files/{id}" {
            continue;
        }
        let path = format!("/api/v1{}", filled(&path, &nothing));
        let client = reqwest::Client::new();
        for credential in [None, Some("Bearer sbt_forged"), Some("Bearer forged.token")] {
            let mut request = client.request(method.clone(), world.url(&path));
            request = request.query(&needed(&operation));
            if let Some(credential) = credential {
                request = request.header("authorization", credential);
            }
            if let Some(body) = body_of(&document, &operation) {
                request = request.json(&body);
            }
            let answer = send(request).await;
            assert_eq!(answer.status, 401, "{method} {path} {credential:?}: {}", answer.body);
            is_problem(&answer, 401, "unauthenticated");
        }
        asked += 1;
    }
    assert!(asked > 45, "the document was not understood: {asked}");
    world.stop().await;
}

#[tokio::test]
async fn what_another_workspace_has_is_not_found_by_any_endpoint() {
    let Two { world, ana, of_ana, zoe, of_zoe } = Two::start().await;
    let document = document(&world).await;
    let ben = ana.colleague(&world, "Ben", "agent").await;
    let behind = Behind::of(&world);
    let made = |answer: Value| answer["id"].as_str().unwrap().to_owned();
    let label = ana.post("/labels", json!({"name": "A", "color": "#000000"})).await.ok();
    let token = ana.post("/tokens", json!({"name": "t"})).await.ok();
    let invite = json!({"email": "new@shop.example", "role": "agent"});
    let invitation = ana.post("/invitations", invite).await.ok();
    let file = upload(ana.request(Method::POST, "/attachments"), "a.txt", b"a".to_vec()).await;
    let messages = format!("/conversations/{}/messages", of_ana.conversation());
    let message = ana.post(&messages, json!({"text": "Hi"})).await.ok();
    let things = [
        ("conversations", of_ana.conversation()),
        ("contacts", of_ana.id.clone()),
        ("members", ben.id().to_owned()),
        ("labels", made(label)),
        ("tokens", made(token["token"].clone())),
        ("invitations", made(invitation["invitation"].clone())),
        ("attachments", made(file.ok())),
        ("message", made(message)),
        ("accounts", behind.account(&ana, "facebook_page", "110").await.to_string()),
        ("template", format!("tpl_{}", "0".repeat(32))),
        ("dead-letters", behind.dead_letter(&ana).await.to_string()),
        ("merges", format!("mrg_{}", "0".repeat(32))),
    ];
    let with_ids = || {
        let of_team = |o: &Operation| o.path.contains("{id}") && !o.path.ends_with("/files/{id}");
        operations(&document).into_iter().filter(of_team)
    };
    let mut asked = 0;
    for operation in with_ids() {
        let path = filled(&operation.path, &things);
        let answer = ask(&zoe, &operation, &path, &document).await;
        let words = format!("{} {path}: {} {}", operation.method, answer.status, answer.body);
        assert_eq!(answer.status, 404, "{words}");
        is_problem(&answer, 404, "not_found");
        asked += 1;
    }
    assert!(asked >= 18, "the document was not understood: {asked}");
    for path in operations(&document).iter().filter(|o| o.path.contains("/visitor/messages/{")) {
        let mut request = of_zoe.request(path.method.clone(), &filled(&path.path, &things));
        if let Some(body) = body_of(&document, &path.operation) {
            request = request.json(&body);
        }
        is_problem(&send(request).await, 404, "not_found");
    }
    // They are all there, for those they belong to, and the last to go are those that can.
    for operation in with_ids().filter(|o| o.method == Method::GET) {
        ask(&ana, &operation, &filled(&operation.path, &things), &document).await.ok();
    }
    world.stop().await;
}
