//! Platforms repeat, delay and overtake themselves. Whatever order a history's webhooks arrive
//! in, and however often, it comes to the same conversation.
//!
//! [`fold`] says what a conversation is by its events: it documents what the server does with
//! them. [`history`] makes up what truly happened and applies it in its order, [`bodies`] says it
//! as each platform would.

#[path = "permutations/bodies.rs"]
mod bodies;
#[path = "permutations/fold.rs"]
mod fold;
#[path = "permutations/history.rs"]
mod history;
mod support;

use bodies::Way;
use fold::Fold;
use history::{Happening, Op};
use proptest::prelude::*;
use proptest::sample::Index;
use switchboard_channels::{Hook, read};

/// Reads bodies in this order into one fold.
fn folded<'a>(hook: Hook, bodies: impl IntoIterator<Item = &'a Vec<u8>>) -> Fold {
    let mut fold = Fold::default();
    for body in bodies {
        let batch = read(hook, Some(bodies::BOT), body);
        batch.events.into_iter().for_each(|routed| fold.apply(routed));
    }
    fold
}

/// An order in which each position comes at least once.
fn order(ranks: &[u32], repeats: &[Index], count: usize) -> Vec<usize> {
    let again = repeats.iter().map(|index| index.index(count));
    let mut order: Vec<usize> = (0..count).chain(again).collect();
    let rank = |at: usize| ranks[at % ranks.len()].rotate_left((at / ranks.len()) as u32);
    let mut ranked: Vec<(u32, usize)> =
        order.drain(..).enumerate().map(|(at, body)| (rank(at), body)).collect();
    ranked.sort_unstable();
    ranked.into_iter().map(|(_, body)| body).collect()
}

/// Whether all that was told, in any order, comes to what happened.
fn comes_to_what_happened(
    way: Way,
    ops: &[Op],
    batch: usize,
    ranks: &[u32],
    repeats: &[Index],
) -> Result<(), TestCaseError> {
    let history: Vec<Happening> = history::of(ops, |happening| way.tells(happening));
    prop_assume!(!history.is_empty());
    let bodies = bodies::of(way, &history, batch);
    for body in &bodies {
        let batch = read(way.hook(), Some(bodies::BOT), body);
        prop_assert_eq!(batch.unreadable, []);
        prop_assert!(!batch.events.is_empty());
    }
    let order = order(ranks, repeats, bodies.len());
    let fold = folded(way.hook(), order.iter().map(|at| &bodies[*at]));
    let [conversation] = fold
        .conversations()
        .try_into()
        .map_err(|all| TestCaseError::fail(format!("not one conversation: {all:#?}")))?;
    let truth = history::truth(&history, |number| way.name(number));
    prop_assert_eq!(&conversation.messages, &truth.messages);
    prop_assert_eq!(conversation.last_inbound, truth.last_inbound);
    Ok(())
}

/// Whether a channel's samples come to the same in any order.
fn samples_come_to_the_same(
    hook: Hook,
    ranks: &[u32],
    repeats: &[Index],
) -> Result<(), TestCaseError> {
    let bodies: Vec<Vec<u8>> =
        support::webhooks(hook.name()).into_iter().map(|(_, body)| body).collect();
    let straight = folded(hook, &bodies).conversations();
    let order = order(ranks, repeats, bodies.len());
    let turned = folded(hook, order.iter().map(|at| &bodies[*at])).conversations();
    prop_assert!(!straight.is_empty());
    prop_assert_eq!(straight, turned);
    Ok(())
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    proptest::collection::vec(history::op(), 1..24)
}

fn ranks() -> impl Strategy<Value = Vec<u32>> {
    proptest::collection::vec(any::<u32>(), 40)
}

fn repeats() -> impl Strategy<Value = Vec<Index>> {
    proptest::collection::vec(any::<Index>(), 0..12)
}

proptest! {
    #[test]
    fn whatsapp_in_any_order(
        ops in ops(), batch in 1usize..4, ranks in ranks(), repeats in repeats(),
    ) {
        comes_to_what_happened(Way::Whatsapp, &ops, batch, &ranks, &repeats)?;
    }

    #[test]
    fn messenger_in_any_order(
        ops in ops(), batch in 1usize..4, ranks in ranks(), repeats in repeats(),
    ) {
        comes_to_what_happened(Way::Messenger, &ops, batch, &ranks, &repeats)?;
    }

    #[test]
    fn instagram_in_any_order(
        ops in ops(), batch in 1usize..4, ranks in ranks(), repeats in repeats(),
    ) {
        comes_to_what_happened(Way::Instagram, &ops, batch, &ranks, &repeats)?;
    }

    #[test]
    fn telegram_in_any_order(ops in ops(), ranks in ranks(), repeats in repeats()) {
        comes_to_what_happened(Way::TelegramBot, &ops, 1, &ranks, &repeats)?;
    }

    #[test]
    fn a_telegram_connection_in_any_order(ops in ops(), ranks in ranks(), repeats in repeats()) {
        comes_to_what_happened(Way::TelegramBusiness, &ops, 1, &ranks, &repeats)?;
    }

}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn samples_in_any_order(ranks in ranks(), repeats in repeats()) {
        for hook in [Hook::Whatsapp, Hook::Messenger, Hook::Instagram, Hook::Telegram] {
            samples_come_to_the_same(hook, &ranks, &repeats)?;
        }
    }
}
