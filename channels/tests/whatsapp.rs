//! WhatsApp: what its webhooks say, and what we say to it.

mod support;

use proptest::prelude::*;
use switchboard_channels::{Hook, read};

#[test]
fn every_webhook_says_what_is_expected() {
    let mut words = String::new();
    for (name, body) in support::webhooks("whatsapp") {
        words.push_str(&format!(
            "# {name}\n{}\n",
            support::describe(&read(Hook::Whatsapp, None, &body))
        ));
    }
    support::check("whatsapp", &words);
}

proptest! {
    #[test]
    fn nothing_that_arrives_makes_the_reader_panic(body in support::spoiled("whatsapp")) {
        support::describe(&read(Hook::Whatsapp, None, &body));
    }
}
