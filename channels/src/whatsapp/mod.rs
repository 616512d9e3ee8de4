//! The WhatsApp Business Platform (Cloud API).
//!
//! An account is a phone number; it belongs to a WhatsApp Business Account, which has the
//! templates and the subscription. Sending is one call for each message; what becomes of it is
//! told by statuses. Nothing that was sent can be changed or withdrawn.

use switchboard_domain::{AccountKind, Failure, Venue};

use crate::account::{AccountInfo, Credentials, Health, Profile};
use crate::http::{Reply, Request};
use crate::inbound::Media;
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::platform::{ActionTo, Fetch, Handover, Platform};
use crate::template::{Template, TemplateDraft, TemplatePage};

mod account;
mod calls;
mod content;
mod draft;
mod errors;
mod groups;
mod handover;
mod health;
mod history;
mod media;
mod message;
mod notices;
mod parameters;
mod parts;
mod people;
mod read;
pub mod samples;
mod status;
mod templates;
mod write;

pub use read::read;

#[derive(Debug, Clone, Copy)]
pub struct Whatsapp;

impl Platform for Whatsapp {
    fn kind(&self) -> AccountKind {
        AccountKind::WhatsappNumber
    }

    fn parts(&self, _: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
        parts::parts(post)
    }

    fn upload(&self, sending: &Sending<'_>, position: usize) -> Option<Request> {
        media::upload(sending, position)
    }

    fn write(&self, sending: &Sending<'_>) -> Result<Request, Failure> {
        write::write(sending)
    }

    fn outcome(&self, sending: &Sending<'_>, reply: &Reply) -> Outcome {
        write::outcome(sending, reply)
    }

    fn upload_outcome(&self, reply: &Reply) -> Outcome {
        media::upload_outcome(reply)
    }

    fn action(&self, to: &ActionTo<'_>, action: &Action) -> Option<Request> {
        write::action(to, action)
    }

    /// 80 messages a second for a number. To one person one in six seconds; 45 may go at once, on
    /// credit. WhatsApp keeps no order between two messages that it has taken.
    fn limits(&self, _: Venue) -> Limits {
        Limits { per_second: 80, burst: 45, refill_ms: 6_000, concurrent: 16, awaits_receipt: true }
    }

    fn fetch(&self, credentials: &Credentials, media: &Media, resolved: Option<&Reply>) -> Fetch {
        media::fetch(credentials, media, resolved)
    }

    fn about(&self, credentials: &Credentials) -> Request {
        health::about(credentials)
    }

    fn read_about(&self, reply: &Reply) -> Result<AccountInfo, Failure> {
        health::read_about(reply)
    }

    fn subscribe(&self, credentials: &Credentials, _: &str) -> Vec<Request> {
        health::subscribe(credentials)
    }

    fn unsubscribe(&self, credentials: &Credentials) -> Vec<Request> {
        health::unsubscribe(credentials)
    }

    fn health(&self, credentials: &Credentials) -> Vec<Request> {
        health::health(credentials)
    }

    fn read_health(&self, _: &Credentials, _: &str, replies: &[Reply]) -> Health {
        health::read_health(replies)
    }

    /// A group's messages do not say what it is called; those of a person say it themselves.
    fn profile(&self, _: &Credentials, thread: &[String]) -> Option<Request> {
        thread.iter().find_map(|key| groups::about(key))
    }

    fn read_profile(&self, reply: &Reply) -> Option<Profile> {
        groups::read_about(reply)
    }

    fn handover(&self, credentials: &Credentials) -> Vec<Request> {
        handover::requests(credentials)
    }

    fn read_handover(&self, reply: &Reply) -> Result<(), Handover> {
        handover::read(reply)
    }

    fn templates(&self, credentials: &Credentials, page: Option<&str>) -> Option<Request> {
        templates::templates(credentials, page)
    }

    fn read_templates(&self, reply: &Reply) -> Result<TemplatePage, Failure> {
        templates::read_templates(reply)
    }

    fn create_template(
        &self,
        credentials: &Credentials,
        draft: &TemplateDraft,
    ) -> Result<Request, Vec<String>> {
        templates::create(credentials, draft)
    }

    fn created_template(&self, draft: TemplateDraft, reply: &Reply) -> Option<Template> {
        templates::created(draft, reply)
    }

    fn delete_template(&self, credentials: &Credentials, name: &str, id: &str) -> Option<Request> {
        templates::delete(credentials, name, id)
    }
}
