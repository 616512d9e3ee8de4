//! Telegram: bots, and people who let a bot answer for them.
//!
//! Facts: Bot API 10.1. Bots are told of neither receipts nor typing, and of deletions only in the
//! chats of people they answer for.

mod account;
mod business;
mod cards;
mod files;
mod json;
mod message;
mod outcome;
mod parts;
mod people;
mod place;
mod read;
mod service;
mod split;
mod text;
mod upload;
mod write;

use switchboard_domain::{AccountKind, BusinessConnection, Failure, FailureCode, Venue};

use crate::account::{AccountInfo, Credentials, Health};
use crate::http::{Reply, Request};
use crate::inbound::Media;
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::platform::{ActionTo, Fetch, Platform};

pub use read::read;

#[derive(Debug, Clone, Copy)]
pub struct Telegram;

impl Platform for Telegram {
    fn kind(&self) -> AccountKind {
        AccountKind::TelegramBot
    }

    fn parts(&self, venue: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
        parts::parts(venue, post)
    }

    /// Files go with the message.
    fn upload(&self, _: &Sending<'_>, _: usize) -> Option<Request> {
        None
    }

    fn write(&self, sending: &Sending<'_>) -> Result<Request, Failure> {
        write::write(sending)
    }

    fn outcome(&self, sending: &Sending<'_>, reply: &Reply) -> Outcome {
        outcome::of(sending.part, reply)
    }

    fn leaves_open(&self, reply: &Reply) -> bool {
        outcome::leaves_open(reply)
    }

    fn upload_outcome(&self, _: &Reply) -> Outcome {
        Outcome::Dead(Failure::new(FailureCode::NotPossible))
    }

    fn action(&self, to: &ActionTo<'_>, action: &Action) -> Option<Request> {
        write::action(to, action)
    }

    /// About 30 messages a second, and one a second in each chat with short bursts. Telegram
    /// publishes no exact limits, and groups have a lower one: `retry_after` is the last word.
    fn limits(&self, _: Venue) -> Limits {
        Limits { per_second: 30, burst: 3, refill_ms: 1_000, concurrent: 8, awaits_receipt: false }
    }

    fn fetch(&self, _: &Credentials, media: &Media, resolved: Option<&Reply>) -> Fetch {
        account::fetch(media, resolved)
    }

    fn about(&self, _: &Credentials) -> Request {
        account::about()
    }

    fn read_about(&self, reply: &Reply) -> Result<AccountInfo, Failure> {
        account::read_about(reply)
    }

    fn subscribe(&self, credentials: &Credentials, hook_url: &str) -> Vec<Request> {
        account::subscribe(credentials, hook_url)
    }

    fn unsubscribe(&self, _: &Credentials) -> Vec<Request> {
        account::unsubscribe()
    }

    fn health(&self, _: &Credentials) -> Vec<Request> {
        account::health()
    }

    fn read_health(&self, _: &Credentials, hook_url: &str, replies: &[Reply]) -> Health {
        account::read_health(hook_url, replies)
    }

    fn connection(&self, id: &str) -> Option<Request> {
        Some(business::ask(id))
    }

    fn read_connection(&self, reply: &Reply) -> Result<Option<BusinessConnection>, Failure> {
        business::answered(reply)
    }

    fn poll(&self, _: &Credentials, offset: Option<i64>) -> Option<Request> {
        Some(account::poll(offset))
    }

    fn read_poll(&self, reply: &Reply) -> Result<(Vec<Vec<u8>>, Option<i64>), Outcome> {
        account::read_poll(reply)
    }
}
