//! Facebook Pages: what appears in conversations, and what is said to Facebook.

mod support;

use proptest::prelude::*;
use switchboard_channels::{Batch, Hook, read};

fn read_page(body: &[u8]) -> Batch {
    read(Hook::Messenger, None, body)
}

/// `expected/messenger.txt` is the specification.
#[test]
fn every_sample_appears_as_it_should() {
    let words: Vec<String> = support::webhooks("messenger")
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_page(&body))))
        .collect();
    support::check("messenger", &words.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_body_makes_it_panic(body in support::spoiled("messenger")) {
        let batch = read_page(&body);
        prop_assert!(batch.events.len() + batch.unreadable.len() <= body.len() + 1);
    }
}
