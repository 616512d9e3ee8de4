//! What each platform says and wants to hear, as plain values: bytes in, values out.
//!
//! Nothing here performs I/O. Reading a webhook gives [`Batch`]es of [`Event`]s; sending is a
//! [`Request`] to make and an [`Outcome`] read from its [`Reply`]. A channel is one folder, one
//! `impl Platform` and one line in [`platform`].

use switchboard_domain::AccountKind;

pub mod account;
pub mod http;
pub mod inbound;
pub mod instagram;
mod json;
pub mod messenger;
pub mod meta;
pub mod outgoing;
pub mod platform;
pub mod telegram;
pub mod template;
pub mod whatsapp;

pub use account::{AccountInfo, Health, HistoryPage, Profile};
pub use http::{Auth, Base, Body, Method, Part as BodyPart, Reply, Request};
pub use inbound::{
    AccountEvent, Batch, Direction, Event, ExternalId, Hook, InMessage, Media, Notice, Peer, Route,
    Routed, Source, Thread, UNTIMED, Unreadable, What, connection_of, read,
};
pub use outgoing::{Action, Limits, Outcome, Part, Post, PostFile, Sending};
pub use platform::{Handover, Platform};

/// The platform of an account.
pub fn platform(kind: AccountKind) -> &'static dyn Platform {
    match kind {
        AccountKind::WhatsappNumber => &whatsapp::Whatsapp,
        AccountKind::FacebookPage => &messenger::Messenger,
        AccountKind::InstagramLogin => &instagram::Instagram::Login,
        AccountKind::InstagramPage => &instagram::Instagram::Page,
        AccountKind::TelegramBot => &telegram::Telegram,
    }
}
