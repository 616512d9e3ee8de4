//! What befalls platforms at random moments.

use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use crate::support::dice::Dice;
use crate::support::stage::Stage;

const PLATFORMS: [&str; 4] = ["whatsapp", "messenger", "instagram", "telegram"];
/// Of the lost answers more than of the others: they are what is hard.
const KINDS: [&str; 12] = [
    "429",
    "500",
    "timeout_before_accept",
    "timeout_before_accept",
    "timeout_after_accept",
    "timeout_after_accept",
    "timeout_after_accept",
    "duplicate_hooks",
    "reorder_hooks",
    "delay_hooks",
    "batch_hooks",
    "drop_receipts",
];

/// One thing after another goes wrong, until it is over; then all is well again.
pub async fn storm(stage: &Stage, mut dice: Dice, over: &AtomicBool) {
    while !over.load(Ordering::SeqCst) {
        stage.fault(fault(&mut dice)).await;
        dice.pause(20..300).await;
    }
    stage.all_well_again().await;
}

fn fault(dice: &mut Dice) -> Value {
    let (platform, kind) = (*dice.of(&PLATFORMS), *dice.of(&KINDS));
    let mut fault = json!({"platform": platform, "kind": kind, "times": dice.within(1..4)});
    match kind {
        "429" | "500" => fault["times"] = json!(dice.within(1..3)),
        // Every other one is about messages; the rest strikes whatever comes.
        "timeout_before_accept" | "timeout_after_accept" => {
            fault["times"] = json!(1);
            if dice.one_in(2) {
                let method = if platform == "telegram" { "sendMessage" } else { "messages" };
                fault["method"] = json!(method);
            }
            // As long as nothing is heard, whoever waits may die.
            if dice.one_in(2) {
                fault["seconds"] = json!(dice.within(1..3));
            }
        }
        _ => {}
    }
    // Meta counts in whole minutes, which no round has.
    if kind == "delay_hooks" || (kind == "429" && platform == "telegram") {
        fault["seconds"] = json!(1);
    }
    fault
}
