//! What every channel can be asked. The defaults are those of a platform that lacks the thing.

use jiff::Timestamp;
use switchboard_domain::{AccountKind, BusinessConnection, Failure, FailureCode, Venue};

use crate::account::{AccountInfo, Credentials, Health, HistoryPage, Profile};
use crate::http::{Reply, Request};
use crate::inbound::{ExternalId, Media};
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::template::{Template, TemplateDraft, TemplatePage};

pub trait Platform: Send + Sync + std::fmt::Debug {
    fn kind(&self) -> AccountKind;

    /// Cuts a post into parts, each one call, in the order in which they must arrive: text by the
    /// venue's limit of length, captions where files can carry them, files that the platform does
    /// not take as a failure now and not later.
    fn parts(&self, venue: Venue, post: &Post) -> Result<Vec<Part>, Failure>;

    /// The request that uploads the file at `position` of a part beforehand; `None` when none is
    /// needed.
    fn upload(&self, sending: &Sending<'_>, position: usize) -> Option<Request>;

    /// The request of a part.
    fn write(&self, sending: &Sending<'_>) -> Result<Request, Failure>;

    /// What the reply to [`Platform::write`] says.
    fn outcome(&self, sending: &Sending<'_>, reply: &Reply) -> Outcome;

    /// Whether the reply to [`Platform::write`] leaves open whether it was done: something between
    /// us and the platform speaks, which may have passed the call on. What the platform says itself
    /// does not; nor a 503, by which a call is turned away.
    fn leaves_open(&self, reply: &Reply) -> bool {
        match reply.status {
            502 | 504 => true,
            503 => false,
            status => status >= 500 && !reply.json().is_some_and(|body| body.is_object()),
        }
    }

    /// What the reply to [`Platform::upload`] says: `Uploaded`, or any failure.
    fn upload_outcome(&self, reply: &Reply) -> Outcome;

    /// Something fleeting; `None` where the platform has no such thing.
    fn action(&self, sending: &ActionTo<'_>, action: &Action) -> Option<Request>;

    fn limits(&self, venue: Venue) -> Limits;

    /// The next request towards a file's bytes. `resolved` is the reply to the last one; the
    /// second or third request is the file itself.
    fn fetch(&self, credentials: &Credentials, media: &Media, resolved: Option<&Reply>) -> Fetch;

    /// Who the account is and whether the token speaks for it.
    fn about(&self, credentials: &Credentials) -> Request;
    fn read_about(&self, reply: &Reply) -> Result<AccountInfo, Failure>;

    /// Makes the platform send us what happens. Run in order.
    fn subscribe(&self, credentials: &Credentials, hook_url: &str) -> Vec<Request>;
    /// Stops that.
    fn unsubscribe(&self, credentials: &Credentials) -> Vec<Request>;

    /// Asks how the account is; the replies are read together, in the same order.
    fn health(&self, credentials: &Credentials) -> Vec<Request>;
    fn read_health(&self, credentials: &Credentials, hook_url: &str, replies: &[Reply]) -> Health;

    /// Asks how the connection with this name is, by which the account answers for somebody.
    fn connection(&self, id: &str) -> Option<Request> {
        let _ = id;
        None
    }
    /// `None`: there is no such connection any more.
    fn read_connection(&self, reply: &Reply) -> Result<Option<BusinessConnection>, Failure> {
        let _ = reply;
        Err(Failure::new(FailureCode::NotPossible))
    }

    /// A request that gives a token a longer life, when it is due; the reply is read by
    /// [`Platform::read_token`].
    fn renew(&self, credentials: &Credentials, now: Timestamp) -> Option<Request> {
        let _ = (credentials, now);
        None
    }
    /// The new token and when it ends.
    fn read_token(
        &self,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(String, Option<Timestamp>), Failure> {
        let _ = (reply, now);
        Err(Failure::new(FailureCode::NotPossible))
    }

    /// Who a person is, where the platform tells.
    fn profile(&self, credentials: &Credentials, thread: &[String]) -> Option<Request> {
        let _ = (credentials, thread);
        None
    }
    fn read_profile(&self, reply: &Reply) -> Option<Profile> {
        let _ = reply;
        None
    }

    /// The key of the thread in which the person of a private one comments for all to see. What is
    /// said to them in private because of a comment comes back in the private one.
    fn comments_of(&self, thread: &[String]) -> Option<String> {
        let _ = thread;
        None
    }

    /// A page of the account's conversations, or of one of them. `None`: no history to be had.
    fn history(
        &self,
        credentials: &Credentials,
        thread: Option<&str>,
        page: Option<&str>,
    ) -> Option<Request> {
        let _ = (credentials, thread, page);
        None
    }
    fn read_history(
        &self,
        credentials: &Credentials,
        thread: Option<&str>,
        reply: &Reply,
    ) -> Result<HistoryPage, Failure> {
        let _ = (credentials, thread, reply);
        Ok(HistoryPage::default())
    }

    /// Requests, each made once and in order, after which the platform tells by webhooks what was
    /// said before the account was connected. None of them: it has no such thing.
    fn handover(&self, credentials: &Credentials) -> Vec<Request> {
        let _ = credentials;
        vec![]
    }
    fn read_handover(&self, reply: &Reply) -> Result<(), Handover> {
        let _ = reply;
        Ok(())
    }

    fn templates(&self, credentials: &Credentials, page: Option<&str>) -> Option<Request> {
        let _ = (credentials, page);
        None
    }
    fn read_templates(&self, reply: &Reply) -> Result<TemplatePage, Failure> {
        let _ = reply;
        Ok(TemplatePage::default())
    }
    /// Submits a new template. The draft is checked first: what the platform would refuse is a
    /// list of words for the person who wrote it.
    fn create_template(
        &self,
        credentials: &Credentials,
        draft: &TemplateDraft,
    ) -> Result<Request, Vec<String>> {
        let _ = (credentials, draft);
        Err(vec!["This channel has no templates.".to_owned()])
    }
    /// A new template, from the answer to its submission: what lists them may not know it yet.
    fn created_template(&self, draft: TemplateDraft, reply: &Reply) -> Option<Template> {
        let _ = (draft, reply);
        None
    }
    fn delete_template(&self, credentials: &Credentials, name: &str, id: &str) -> Option<Request> {
        let _ = (credentials, name, id);
        None
    }

    /// Whether one call of [`Platform::poll`] after another can stand in for webhooks.
    fn poll(&self, credentials: &Credentials, offset: Option<i64>) -> Option<Request> {
        let _ = (credentials, offset);
        None
    }
    /// The bodies that webhooks would have had, and the next offset.
    fn read_poll(&self, reply: &Reply) -> Result<(Vec<Vec<u8>>, Option<i64>), Outcome> {
        let _ = reply;
        Ok((vec![], None))
    }
}

/// Whom an action goes to.
#[derive(Debug, Clone, Copy)]
pub struct ActionTo<'a> {
    pub credentials: &'a Credentials,
    pub venue: Venue,
    pub thread: &'a [String],
    pub address: &'a serde_json::Map<String, serde_json::Value>,
    /// The customer's newest message: WhatsApp shows that someone types under a message alone.
    pub newest: Option<&'a ExternalId>,
}

/// Why a platform does not hand over what was said before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handover {
    /// It may yet.
    Later(String),
    Never(String),
}

/// The next step towards a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Fetch {
    /// Make this request and ask again with its reply.
    Ask(Request),
    /// The reply to this one is the file.
    Bytes(Request),
    /// It is not to be had; not now, or never.
    Failed { retry: bool, failure: Failure },
}
