//! Instagram: what appears in conversations, and what is said to Instagram.

mod support;

use proptest::prelude::*;
use switchboard_channels::{Batch, Hook, read};

fn read_account(body: &[u8]) -> Batch {
    read(Hook::Instagram, None, body)
}

/// `expected/instagram.txt` is the specification.
#[test]
fn every_sample_appears_as_it_should() {
    let words: Vec<String> = support::webhooks("instagram")
        .into_iter()
        .map(|(name, body)| format!("## {name}\n{}", support::describe(&read_account(&body))))
        .collect();
    support::check("instagram", &words.join("\n"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_body_makes_it_panic(body in support::spoiled("instagram")) {
        let batch = read_account(&body);
        prop_assert!(batch.events.len() + batch.unreadable.len() <= body.len() + 1);
    }
}
