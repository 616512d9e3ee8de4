//! What a console keeps of a workspace, and what REST says it should be.

use std::collections::BTreeMap;

use serde_json::Value;

/// What a console keeps: rows by id, replaced by events.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Rows {
    pub conversations: BTreeMap<String, Value>,
    pub messages: BTreeMap<String, Value>,
    pub labels: BTreeMap<String, Value>,
    pub members: BTreeMap<String, Value>,
    pub contacts: BTreeMap<String, Value>,
}

/// Replaces a row unless the one at hand is newer.
pub fn upsert(rows: &mut BTreeMap<String, Value>, row: &Value) {
    let id = row["id"].as_str().unwrap().to_owned();
    let newer = rows.get(&id).is_none_or(|known| known["rev"].as_u64() <= row["rev"].as_u64());
    if newer {
        rows.insert(id, row.clone());
    }
}

/// What is not the same in two rows with this id.
fn differs(id: &str, held: Option<&Value>, fetched: Option<&Value>) -> String {
    let (Some(Value::Object(held)), Some(Value::Object(fetched))) = (held, fetched) else {
        return format!("{id}: held {held:?}, fetched {fetched:?}");
    };
    let names: std::collections::BTreeSet<_> = held.keys().chain(fetched.keys()).collect();
    let differing = names.into_iter().filter(|name| held.get(*name) != fetched.get(*name));
    let told = differing
        .map(|name| format!("{name}: held {:?}, fetched {:?}", held.get(name), fetched.get(name)));
    format!("{id}: {}", told.collect::<Vec<_>>().join("; "))
}

/// All pages of a list, the oldest first. `get` answers a path.
pub async fn pages(mut get: impl AsyncFnMut(&str) -> Value, path: &str) -> Vec<Value> {
    let mut all = Vec::new();
    let mut page = get(&format!("{path}?limit=100")).await;
    loop {
        all.splice(0..0, page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { return all };
        page = get(&format!("{path}?limit=100&before={next}")).await;
    }
}

impl Rows {
    pub fn snapshot(&mut self, snapshot: &Value) {
        for row in snapshot["conversations"].as_array().unwrap() {
            upsert(&mut self.conversations, row);
        }
        for (name, rows) in [("labels", &mut self.labels), ("members", &mut self.members)] {
            *rows = BTreeMap::new();
            for row in snapshot[name].as_array().unwrap() {
                upsert(rows, row);
            }
        }
    }

    pub fn apply(&mut self, event: &Value) {
        match event["event"].as_str().unwrap() {
            "message" => {
                upsert(&mut self.messages, &event["message"]);
                upsert(&mut self.conversations, &event["conversation"]);
            }
            "conversation" => {
                upsert(&mut self.conversations, &event["conversation"]);
                if event["activity"].is_object() {
                    upsert(&mut self.messages, &event["activity"]);
                }
            }
            "label" => upsert(&mut self.labels, &event["label"]),
            "label_removed" => {
                let label = &event["label"];
                self.labels.remove(label.as_str().unwrap());
                for row in self.conversations.values_mut() {
                    let labels = row["labels"].as_array_mut().unwrap();
                    let before = labels.len();
                    labels.retain(|known| known != label);
                    if labels.len() < before {
                        row["rev"] = event["seq"].clone();
                    }
                }
            }
            "member" => upsert(&mut self.members, &event["member"]),
            "contact" => {
                let contact = &event["contact"];
                self.contacts.insert(contact["id"].as_str().unwrap().to_owned(), contact.clone());
                for row in self.conversations.values_mut() {
                    if row["contact"] == contact["id"] {
                        row["contact_name"] = contact["name"].clone();
                        row["rev"] = event["seq"].clone();
                    }
                }
            }
            // Nothing of it is kept here.
            "account" | "templates" | "workspace" | "gone" => {}
            other => panic!("an event of the kind {other}"),
        }
    }

    /// What is not the same on both sides, each row as a line.
    pub fn differences(&self, fetched: &Rows) -> Vec<String> {
        let tables = |rows: &Rows| {
            [&rows.conversations, &rows.messages, &rows.labels, &rows.members, &rows.contacts]
                .map(Clone::clone)
        };
        let mut lines = Vec::new();
        for (held, fetched) in tables(self).iter().zip(&tables(fetched)) {
            let ids: std::collections::BTreeSet<_> = held.keys().chain(fetched.keys()).collect();
            for id in ids.into_iter().filter(|id| held.get(*id) != fetched.get(*id)) {
                lines.push(differs(id, held.get(id), fetched.get(id)));
            }
        }
        lines
    }

    /// What is held and is not as it was fetched. What is not held was never told of.
    pub fn stale(&self, fetched: &Rows) -> Vec<String> {
        let mut known = fetched.clone();
        for (known, held) in known.tables().into_iter().zip(self.clone().tables()) {
            known.retain(|id, _| held.contains_key(id));
        }
        self.differences(&known)
    }

    fn tables(&mut self) -> [&mut BTreeMap<String, Value>; 5] {
        let Rows { conversations, messages, labels, members, contacts } = self;
        [conversations, messages, labels, members, contacts]
    }

    /// Everything as REST has it. `get` answers a path.
    pub async fn fetch(
        mut get: impl AsyncFnMut(&str) -> Value,
        known_contacts: &BTreeMap<String, Value>,
    ) -> Rows {
        let mut rows = Rows::default();
        let list = get("/conversations?status=all&limit=100").await;
        for row in list["items"].as_array().unwrap() {
            upsert(&mut rows.conversations, row);
            let id = row["id"].as_str().unwrap();
            for message in pages(&mut get, &format!("/conversations/{id}/messages")).await {
                upsert(&mut rows.messages, &message);
            }
        }
        for (path, rows) in [("/labels", &mut rows.labels), ("/members", &mut rows.members)] {
            for row in get(path).await.as_array().unwrap() {
                upsert(rows, row);
            }
        }
        for id in known_contacts.keys() {
            let contact = get(&format!("/contacts/{id}")).await;
            upsert(&mut rows.contacts, &contact);
        }
        rows
    }
}
