//! What the tests of sending begin with.

use serde_json::Value;
use switchboard_channels::account::Credentials;
use switchboard_channels::whatsapp::Whatsapp;
use switchboard_channels::{Body, ExternalId, Part, Platform, PostFile, Reply, Request, Sending};
use switchboard_domain::window::{Form, Permit, Voice, permit};
use switchboard_domain::{
    Access, AccountKind, AttachmentId, AttachmentKind, Failure, MessageId, Venue,
};

pub const NUMBER: &str = "598213347710462";
pub const PARENT: &str = "310428876512904";

pub fn credentials() -> Credentials {
    Credentials {
        kind: AccountKind::WhatsappNumber,
        id: NUMBER.to_owned(),
        other_id: None,
        parent: Some(PARENT.to_owned()),
        token: "secret".to_owned(),
        token_expires_at: None,
        token_given_at: None,
        connected_by: None,
        hook_secret: None,
        pin: None,
    }
}

pub fn message() -> MessageId {
    format!("{}_{:032x}", MessageId::PREFIX, 7).parse().expect("id")
}

pub fn file(kind: AttachmentKind, mime: &str, name: &str, size: u64) -> PostFile {
    let id: AttachmentId = format!("{}_{:032x}", AttachmentId::PREFIX, 9).parse().expect("id");
    PostFile { id, kind, mime: mime.to_owned(), name: name.to_owned(), size, voice: false }
}

pub fn permit_for(form: Form) -> Permit {
    let at = jiff::Timestamp::UNIX_EPOCH;
    permit(at, Venue::Whatsapp, Access::Open, Some(at), Voice::Person, form).expect("permitted")
}

/// A part on its way to one person, with everything that may be known of it.
pub struct Given {
    pub part: Part,
    pub thread: Vec<&'static str>,
    pub permit: Permit,
    pub targets: Vec<ExternalId>,
    pub uploads: Vec<Option<String>>,
    pub urls: Vec<Option<String>>,
}

impl Given {
    pub fn new(part: Part) -> Given {
        let form = match part {
            Part::Template { .. } => Form::Template,
            _ => Form::Free,
        };
        Given {
            part,
            thread: vec!["u:ES.7Qm2", "w:34655120987"],
            permit: permit_for(form),
            targets: vec![ExternalId("wamid.T1".to_owned()), ExternalId("wamid.T2".to_owned())],
            uploads: vec![Some("1190774520318848".to_owned())],
            urls: vec![Some("https://files.example.com/9".to_owned())],
        }
    }

    pub fn with<T>(&self, ask: impl FnOnce(&Sending<'_>) -> T) -> T {
        let thread: Vec<String> = self.thread.iter().map(|key| (*key).to_owned()).collect();
        ask(&Sending {
            credentials: &credentials(),
            venue: Venue::Whatsapp,
            thread: &thread,
            address: &serde_json::Map::new(),
            permit: self.permit,
            part: &self.part,
            targets: &self.targets,
            target_is_theirs: true,
            correlation: "out-42",
            uploads: &self.uploads,
            urls: &self.urls,
        })
    }

    pub fn write(&self) -> Result<Request, Failure> {
        self.with(|sending| Whatsapp.write(sending))
    }

    /// The body of the request, which goes to the number's messages.
    pub fn body(&self) -> Value {
        let request = self.write().expect("written");
        assert_eq!(request.path, format!("/{NUMBER}/messages"));
        match request.body {
            Body::Json(body) => body,
            other => panic!("{other:?}"),
        }
    }
}

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, body: body.into(), ..Reply::default() }
}
