//! The WhatsApp Business Platform (Cloud API).

mod account;
mod calls;
mod content;
mod errors;
mod groups;
mod history;
mod message;
mod people;
mod read;
mod status;

pub use read::read;

use switchboard_domain::{AccountKind, Failure, FailureCode, Venue};

use crate::account::{AccountInfo, Credentials, Health};
use crate::http::{Base, Reply, Request};
use crate::inbound::Media;
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::platform::{ActionTo, Fetch, Platform};

#[derive(Debug, Clone, Copy)]
pub struct Whatsapp;

impl Platform for Whatsapp {
    fn kind(&self) -> AccountKind {
        AccountKind::WhatsappNumber
    }
    fn parts(&self, _: Venue, _: &Post) -> Result<Vec<Part>, Failure> {
        Err(Failure::new(FailureCode::NotPossible))
    }
    fn upload(&self, _: &Sending<'_>, _: usize) -> Option<Request> {
        None
    }
    fn write(&self, _: &Sending<'_>) -> Result<Request, Failure> {
        Err(Failure::new(FailureCode::NotPossible))
    }
    fn outcome(&self, _: &Sending<'_>, _: &Reply) -> Outcome {
        Outcome::Dead(Failure::new(FailureCode::NotPossible))
    }
    fn upload_outcome(&self, _: &Reply) -> Outcome {
        Outcome::Dead(Failure::new(FailureCode::NotPossible))
    }
    fn action(&self, _: &ActionTo<'_>, _: &Action) -> Option<Request> {
        None
    }
    fn limits(&self, _: Venue) -> Limits {
        Limits { per_second: 0, burst: 0, refill_ms: 0, concurrent: 8, awaits_receipt: false }
    }
    fn fetch(&self, _: &Credentials, _: &Media, _: Option<&Reply>) -> Fetch {
        Fetch::Failed { retry: false, failure: Failure::new(FailureCode::NotPossible) }
    }
    fn about(&self, _: &Credentials) -> Request {
        Request::get(Base::Graph, "/me")
    }
    fn read_about(&self, _: &Reply) -> Result<AccountInfo, Failure> {
        Err(Failure::new(FailureCode::NotPossible))
    }
    fn subscribe(&self, _: &Credentials, _: &str) -> Vec<Request> {
        vec![]
    }
    fn unsubscribe(&self, _: &Credentials) -> Vec<Request> {
        vec![]
    }
    fn health(&self, _: &Credentials) -> Vec<Request> {
        vec![]
    }
    fn read_health(&self, _: &Credentials, _: &str, _: &[Reply]) -> Health {
        Health::default()
    }
}
