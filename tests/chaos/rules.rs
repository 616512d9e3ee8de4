//! What must hold of a round, whatever went wrong in it. Pure: a history is right, or it is said
//! what is wrong with it.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::history::{Changed, History, Hold, Log, Seen};
use crate::support::rows::{Rows, upsert};

/// Everything that is wrong, in words.
pub fn violations(history: &History) -> Vec<String> {
    let mut wrong = Vec::new();
    acknowledged_is_there_once(history, &mut wrong);
    authors_order_is_kept(history, &mut wrong);
    changes_are_the_last_ones(history, &mut wrong);
    positions_have_no_holes(&history.positions, &mut wrong);
    numbers_have_no_holes(history, &mut wrong);
    for log in &history.logs {
        match log.visitor {
            false => team_reads_gapless(log, &history.fetched, &mut wrong),
            true => {
                let fetched = history.fetched_by.get(&log.name).map(Vec::as_slice);
                visitor_holds_what_is_there(log, fetched.unwrap_or_default(), &mut wrong);
            }
        }
    }
    each_number_has_one_holder(&history.holds, &mut wrong);
    nothing_is_on_its_way(&history.fetched, &mut wrong);
    wrong
}

fn acknowledged_is_there_once(history: &History, wrong: &mut Vec<String>) {
    let mut by_reference: HashMap<&str, Vec<&Value>> = HashMap::new();
    for message in history.fetched.messages.values() {
        if let Some(reference) = message["ref"].as_str() {
            by_reference.entry(reference).or_default().push(message);
        }
    }
    for acked in &history.acked {
        let found = by_reference.get(acked.reference.as_str()).map(Vec::as_slice);
        match found.unwrap_or_default() {
            [] => wrong.push(format!("lost: {} of {}", acked.reference, acked.writer)),
            [one] => {
                let is_it = one["id"] == *acked.message
                    && one["conversation"] == *acked.conversation
                    && one["seq"].as_u64().is_some_and(|seq| seq <= acked.seq);
                if !is_it {
                    wrong.push(format!("not as acknowledged: {acked:?} is {one}"));
                }
            }
            many => wrong.push(format!("{} times: {}", many.len(), acked.reference)),
        }
    }
}

fn authors_order_is_kept(history: &History, wrong: &mut Vec<String>) {
    let mut last: HashMap<&str, (u64, &str)> = HashMap::new();
    for acked in &history.acked {
        let Some(row) = history.fetched.messages.get(&acked.message) else { continue };
        let here = (row["seq"].as_u64().unwrap_or_default(), acked.reference.as_str());
        let before = last.insert(&acked.writer, here).unwrap_or_default();
        // What was posted twice at the same time was acknowledged twice.
        if here.0 < before.0 || here.0 == before.0 && here.1 != before.1 {
            wrong.push(format!("out of order: {here:?} after {before:?}"));
        }
    }
}

fn changes_are_the_last_ones(history: &History, wrong: &mut Vec<String>) {
    for Changed { message, edits, deleted } in &history.changed {
        let Some(row) = history.fetched.messages.get(message) else {
            wrong.push(format!("lost: the changed {message}"));
            continue;
        };
        if row["deleted_at"].is_string() != *deleted {
            wrong.push(format!("deleted or not: {message}"));
        }
        let text = row["text"].as_str().unwrap_or_default();
        let may_be = |at: usize, edit: &super::history::Edit| {
            edit.text == text && (at + 1 == edits.len() || edit.may_come_late)
        };
        let fits = edits.iter().enumerate().any(|(at, edit)| may_be(at, edit));
        if !deleted && !edits.is_empty() && !fits {
            wrong.push(format!("an edit is lost: {message} says {text:?} after {edits:?}"));
        }
    }
}

fn positions_have_no_holes(positions: &[u64], wrong: &mut Vec<String>) {
    for (at, position) in (1..).zip(positions) {
        if at != *position {
            return wrong
                .push(format!("a hole in the events: {position} stands where {at} should"));
        }
    }
}

fn numbers_have_no_holes(history: &History, wrong: &mut Vec<String>) {
    let mut numbers: BTreeMap<&str, Vec<(u64, u64)>> = BTreeMap::new();
    for message in history.fetched.messages.values() {
        if let (Some(seq), Some(n)) = (message["seq"].as_u64(), message["n"].as_u64()) {
            let conversation = message["conversation"].as_str().unwrap_or_default();
            numbers.entry(conversation).or_default().push((seq, n));
        }
    }
    for (conversation, mut numbers) in numbers {
        numbers.sort_unstable();
        if !numbers.iter().map(|(_, n)| *n).eq(1..=numbers.len() as u64) {
            wrong.push(format!("numbers of {conversation}: {numbers:?}"));
        }
    }
}

/// An agent counts: every event is the last plus one, unless a snapshot came between.
fn team_reads_gapless(log: &Log, fetched: &Rows, wrong: &mut Vec<String>) {
    let mut position: Option<u64> = None;
    let mut rows = Rows::default();
    for seen in &log.seen {
        match seen {
            Seen::Welcome { asked, snapshot } => {
                if !snapshot && (*asked != position || asked.is_none()) {
                    wrong.push(format!("{} resumed from {asked:?} at {position:?}", log.name));
                }
            }
            Seen::Snapshot { seq, rows: snapshot } => {
                if position.is_some_and(|position| *seq < position) {
                    wrong.push(format!("{} went back to {seq} from {position:?}", log.name));
                }
                position = Some(*seq);
                // It replaces all there is; messages are to be fetched anew.
                rows = Rows::default();
                rows.snapshot(snapshot);
            }
            Seen::Event(event) => {
                let seq = event["seq"].as_u64().unwrap_or_default();
                if position.is_none_or(|position| seq != position + 1) {
                    wrong.push(format!("{} heard {seq} after {position:?}", log.name));
                }
                position = Some(seq);
                rows.apply(event);
            }
            Seen::Beat(seq) => {
                if position.is_some_and(|position| *seq > position) {
                    wrong.push(format!("{} was told of {seq} at {position:?}", log.name));
                }
            }
        }
    }
    for stale in rows.stale(fetched) {
        wrong.push(format!("{} holds what is not so: {stale}", log.name));
    }
}

/// A visitor cannot count, since most events are not for visitors. What it holds in the end is
/// what it would fetch.
fn visitor_holds_what_is_there(log: &Log, fetched: &[Value], wrong: &mut Vec<String>) {
    let mut position: Option<u64> = None;
    let mut held: BTreeMap<String, Value> = BTreeMap::new();
    let mut holds_all = false;
    for seen in &log.seen {
        match seen {
            Seen::Welcome { asked, snapshot } => {
                if !snapshot && (*asked != position || asked.is_none()) {
                    wrong.push(format!("{} resumed from {asked:?} at {position:?}", log.name));
                }
            }
            Seen::Snapshot { seq, rows } => {
                position = Some(*seq);
                held.clear();
                holds_all = rows["more"] != true;
                for message in rows["messages"].as_array().into_iter().flatten() {
                    upsert(&mut held, message);
                }
            }
            Seen::Event(event) => {
                let seq = event["seq"].as_u64().unwrap_or_default();
                if position.is_none_or(|position| seq <= position) {
                    wrong.push(format!("{} heard {seq} after {position:?}", log.name));
                }
                position = Some(seq);
                if event["event"] == "message" {
                    upsert(&mut held, &event["message"]);
                }
            }
            Seen::Beat(seq) => position = position.max(Some(*seq)),
        }
    }
    for message in fetched {
        let id = message["id"].as_str().unwrap_or_default();
        match held.remove(id) {
            Some(held) if held == *message => {}
            Some(held) => wrong.push(format!("{} holds {held}, which is {message}", log.name)),
            None if holds_all => wrong.push(format!("{} missed {message}", log.name)),
            None => {}
        }
    }
    for held in held.values() {
        wrong.push(format!("{} holds what is nowhere: {held}", log.name));
    }
}

fn each_number_has_one_holder(holds: &[Hold], wrong: &mut Vec<String>) {
    let mut holders: HashMap<(&str, i64), &str> = HashMap::new();
    let mut newest: HashMap<&str, i64> = HashMap::new();
    for Hold { account, epoch, node } in holds {
        let holder = *holders.entry((account, *epoch)).or_insert(node);
        if holder != node {
            wrong.push(format!("two hold {account} under {epoch}: {holder} and {node}"));
        }
        let newest = newest.entry(account).or_insert(*epoch);
        if *epoch < *newest {
            wrong.push(format!("{account} is held under {epoch} after {newest}"));
        }
        *newest = *epoch;
    }
}

fn nothing_is_on_its_way(fetched: &Rows, wrong: &mut Vec<String>) {
    for message in fetched.messages.values() {
        if let Some(state @ ("queued" | "sending")) = message["delivery"]["state"].as_str() {
            wrong.push(format!("still {state}: {}", message["ref"]));
        }
    }
}

#[cfg(test)]
mod tests;
