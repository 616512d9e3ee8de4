//! What the tests of Messenger and Instagram share: sendings to write, and requests in words.

#![allow(dead_code, reason = "each channel uses its share")]
use std::fmt::Write as _;

use jiff::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use serde_json::{Map, Value, json};
use switchboard_channels::account::Credentials;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::{
    Body, BodyPart, ExternalId, Hook, Outcome, Part, Platform, Post, PostFile, Reply, Request,
    Sending, read,
};
use switchboard_domain::extra::{Offer, OfferOption};
use switchboard_domain::window::{Form, Voice, permit};
use switchboard_domain::{
    Access, AccountKind, AttachmentId, AttachmentKind, Failure, MessageId, Permit, Venue,
};

use super::support::{self, too_deep};

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_795_176_000 + seconds).expect("in range")
}

pub fn message_id() -> MessageId {
    serde_json::from_value(json!("msg_01890000000070008000000000000001")).expect("an id")
}

fn attachment_id() -> AttachmentId {
    serde_json::from_value(json!("att_01890000000070008000000000000002")).expect("an id")
}

pub fn credentials(kind: AccountKind, id: &str, parent: Option<&str>) -> Credentials {
    Credentials {
        kind,
        id: id.to_owned(),
        other_id: None,
        parent: parent.map(str::to_owned),
        token: "secret".to_owned(),
        token_expires_at: None,
        token_given_at: None,
        connected_by: None,
        hook_secret: None,
        pin: None,
    }
}

pub fn file(kind: AttachmentKind, mime: &str, name: &str, size: u64) -> PostFile {
    PostFile {
        id: attachment_id(),
        kind,
        mime: mime.to_owned(),
        name: name.to_owned(),
        size,
        voice: false,
    }
}

pub fn picture() -> PostFile {
    file(AttachmentKind::Image, "image/jpeg", "pot.jpg", 1_000)
}

pub fn pdf() -> PostFile {
    file(AttachmentKind::File, "application/pdf", "quote.pdf", 1_000)
}

pub fn offer(options: usize) -> Offer {
    let options = (1..=options)
        .map(|number| OfferOption {
            title: format!("Slot {number}"),
            payload: format!("S{number}"),
        })
        .collect();
    Offer { options, list_title: None }
}

/// One of each part.
pub fn every_part() -> Vec<(&'static str, Part)> {
    let (target, text) = (message_id(), || "Grüße & <3".to_owned());
    let offered = |options| Part::Offer { text: text(), offer: offer(options), reply_to: None };
    let react = |emoji: Option<&str>| Part::React { target, emoji: emoji.map(str::to_owned) };
    vec![
        ("text", Part::Text { text: text(), reply_to: None }),
        ("text as a reply", Part::Text { text: text(), reply_to: Some(target) }),
        ("image", Part::File { file: picture(), caption: None, reply_to: Some(target) }),
        ("pdf", Part::File { file: pdf(), caption: None, reply_to: None }),
        ("captioned image", Part::File { file: picture(), caption: Some(text()), reply_to: None }),
        ("album", Part::Album { files: vec![picture(); 2], caption: None, reply_to: None }),
        ("three options", offered(3)),
        ("four options", offered(4)),
        (
            "template",
            Part::Template {
                name: "order".to_owned(),
                language: "en".to_owned(),
                components: Value::Null,
                values: Default::default(),
                file: None,
            },
        ),
        ("comment", Part::CommentReply { target, text: text() }),
        ("private reply", Part::PrivateReply { target, text: text() }),
        ("heart", react(Some("❤️"))),
        ("flower", react(Some("🌼"))),
        ("no reaction", react(None)),
        ("edit", Part::Edit { target, text: text(), caption: false }),
        ("delete", Part::Delete { target }),
    ]
}

/// The permits that there are at a venue: one hour and two days after the customer wrote, and for
/// a private answer.
pub fn free(venue: Venue) -> Permit {
    permit(at(3_600), venue, Access::Open, Some(at(0)), Voice::Person, Form::Free).expect("free")
}

pub fn by_a_person(venue: Venue) -> Permit {
    permit(at(172_800), venue, Access::Open, Some(at(0)), Voice::Person, Form::Free)
        .expect("a person may")
}

pub fn privately(venue: Venue) -> Permit {
    let form = Form::PrivateReply { commented_at: at(0) };
    permit(at(3_600), venue, Access::Open, None, Voice::Person, form).expect("in time")
}

pub fn template() -> Permit {
    permit(at(0), Venue::Whatsapp, Access::Open, None, Voice::Person, Form::Template)
        .expect("a template")
}

/// The permit that is right for a part.
pub fn fitting(venue: Venue, part: &Part) -> Permit {
    match part {
        Part::PrivateReply { .. } if venue.abilities().private_replies => privately(venue),
        Part::Template { .. } => template(),
        _ => free(venue),
    }
}

/// A part, and where it goes.
#[derive(Clone)]
pub struct Case {
    pub credentials: Credentials,
    pub venue: Venue,
    pub thread: Vec<String>,
    pub permit: Permit,
    pub part: Part,
    pub targets: Vec<ExternalId>,
    pub uploads: Vec<Option<String>>,
    pub urls: Vec<Option<String>>,
}

impl Case {
    pub fn new(credentials: Credentials, venue: Venue, part: Part, target: &str) -> Case {
        let is_public = matches!(venue, Venue::FacebookComments | Venue::InstagramComments);
        Case {
            credentials,
            venue,
            thread: vec![if is_public { "c:7719".to_owned() } else { "7719".to_owned() }],
            permit: fitting(venue, &part),
            targets: part.target().map(|_| ExternalId(target.to_owned())).into_iter().collect(),
            part,
            uploads: vec![],
            urls: vec![],
        }
    }

    pub fn with<R>(&self, run: impl FnOnce(&Sending<'_>) -> R) -> R {
        run(&Sending {
            credentials: &self.credentials,
            venue: self.venue,
            thread: &self.thread,
            address: &Map::new(),
            permit: self.permit,
            part: &self.part,
            targets: &self.targets,
            target_is_theirs: true,
            correlation: "out-42",
            uploads: &self.uploads,
            urls: &self.urls,
        })
    }

    pub fn write(&self, platform: &dyn Platform) -> Result<Request, Failure> {
        self.with(|sending| platform.write(sending))
    }
}

/// Everything that a request says.
pub fn describe(request: &Result<Request, Failure>) -> String {
    let request = match request {
        Ok(request) => request,
        Err(failure) => return format!("{:?}: {}\n", failure.code, detail(failure)),
    };
    let mut words =
        format!("{:?} {:?} {} as {:?}\n", request.method, request.base, request.path, request.auth);
    for (name, value) in &request.query {
        let _ = writeln!(words, "  ?{name}={value}");
    }
    match &request.body {
        Body::Empty => {}
        Body::Json(value) => {
            let _ = writeln!(words, "  {value}");
        }
        Body::Form(members) => {
            for (name, value) in members {
                let _ = writeln!(words, "  {name}={value}");
            }
        }
        Body::Multipart(parts) => {
            for part in parts {
                let _ = match part {
                    BodyPart::Text { name, value } => writeln!(words, "  {name}: {value}"),
                    BodyPart::File { name, file_name, mime, .. } => {
                        writeln!(words, "  {name}: the bytes of {file_name}, {mime}")
                    }
                };
            }
        }
        Body::File { mime, .. } => {
            let _ = writeln!(words, "  the bytes, {mime}");
        }
    }
    assert!(request.headers.is_empty());
    words
}

fn detail(failure: &Failure) -> &str {
    failure.detail.as_deref().unwrap_or("no detail")
}

pub fn describe_outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Sent { ids } => {
            let ids: Vec<&str> = ids.iter().map(|id| id.0.as_str()).collect();
            format!("sent as [{}]", ids.join(", "))
        }
        Outcome::Uploaded { handle } => format!("uploaded as {handle}"),
        Outcome::Retry { after, why, scope } => {
            let after = after.map(|after| format!(" after {after} s")).unwrap_or_default();
            format!("later{after}, the {scope:?} waits: {:?}, {}", why.code, detail(why))
        }
        Outcome::Dead(failure) => format!("never: {:?}, {}", failure.code, detail(failure)),
        Outcome::Reconnect(failure) => {
            format!("connect again: {:?}, {}", failure.code, detail(failure))
        }
        Outcome::Restricted(failure) => {
            format!("restricted: {:?}, {}", failure.code, detail(failure))
        }
        Outcome::Moved { key } => format!("moved to {key}"),
    }
}

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, body: body.into(), ..Reply::default() }
}

pub fn post(text: &str, files: Vec<PostFile>) -> Post {
    Post { text: text.to_owned(), files, reply_to: Some(message_id()), form: PostForm::Plain }
}

/// Parts in short.
pub fn brief(parts: &Result<Vec<Part>, Failure>) -> Vec<String> {
    let parts = match parts {
        Ok(parts) => parts,
        Err(failure) => return vec![format!("{:?}: {}", failure.code, detail(failure))],
    };
    let answers = |target: &Option<MessageId>| if target.is_some() { " (answers)" } else { "" };
    parts
        .iter()
        .map(|part| match part {
            Part::Text { text, reply_to } => format!("text {}{}", text.len(), answers(reply_to)),
            Part::File { file, reply_to, .. } => format!("{}{}", file.name, answers(reply_to)),
            Part::Album { files, reply_to, .. } => {
                format!("album of {}{}", files.len(), answers(reply_to))
            }
            Part::Offer { text, offer, reply_to } => {
                format!("offer {} of {}{}", text.len(), offer.options.len(), answers(reply_to))
            }
            Part::CommentReply { text, .. } => format!("comment {}", text.len()),
            Part::PrivateReply { text, .. } => format!("private reply {}", text.len()),
            other => format!("{other:?}"),
        })
        .collect()
}

/// The entries of all samples.
pub fn entries(channel: &str) -> Vec<Value> {
    let bodies = support::webhooks(channel).into_iter();
    bodies
        .flat_map(|(_, body)| {
            let body: Value = serde_json::from_slice(&body).expect("JSON");
            body["entry"].as_array().cloned().expect("entries")
        })
        .collect()
}

/// What is kept of a body can be read again, and says the same.
pub fn keeps_what_it_cannot_read(hook: Hook, body: &[u8]) -> Result<(), TestCaseError> {
    for item in read(hook, None, body).unreadable {
        let again = read(hook, None, &item.body);
        prop_assert!(again.events.is_empty(), "{:?}", again);
        let again: Vec<_> =
            again.unreadable.into_iter().map(|item| (item.route, item.why)).collect();
        prop_assert_eq!(again, vec![(item.route, item.why)]);
    }
    Ok(())
}

/// An entry that is malformed says nothing of the one before it, nor of the one after it.
pub fn keeps_to_itself(
    (hook, object): (Hook, &str),
    (first, spoiled, last): (&Value, &[u8], &Value),
) -> Result<(), TestCaseError> {
    let spoiled: Value = serde_json::from_slice(spoiled).unwrap_or_default();
    let spoiled = spoiled.pointer("/entry/0").cloned().unwrap_or_default();
    let of = |entries: &[&Value]| {
        let body = json!({ "object": object, "entry": entries });
        read(hook, None, body.to_string().as_bytes())
    };
    let between = of(&[&spoiled]);
    prop_assume!(!between.unreadable.iter().any(too_deep));
    let (before, after) = (of(&[first]).events, of(&[last]).events);
    let events = of(&[first, &spoiled, last]).events;
    prop_assert!(events.starts_with(&before));
    prop_assert!(events.ends_with(&after));
    prop_assert_eq!(events.len(), before.len() + between.events.len() + after.len());
    Ok(())
}
