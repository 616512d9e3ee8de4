//! Instagram: direct messages, stories, comments.

mod mention;
mod read;
mod write;

use jiff::{SignedDuration, Timestamp};
use switchboard_domain::{AccountKind, Failure, FailureCode, Venue};

use crate::account::{AccountInfo, Credentials, Health, HistoryPage, Profile};
use crate::http::{Base, Body, Reply, Request};
use crate::inbound::Media;
use crate::messenger::subscribe_page;
use crate::meta::error;
use crate::meta::history::{self, Conversations};
use crate::meta::json::{id, title, url};
use crate::meta::network::{self, COMMENTS, Network};
use crate::meta::oauth::{instagram as oauth, read_token};
use crate::meta::sending::{self, Connection};
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::platform::{ActionTo, Fetch, Platform};

pub use read::read;

/// Reached by Instagram Login, or through the Page it is linked to.
#[derive(Debug, Clone, Copy)]
pub enum Instagram {
    Login,
    Page,
}

/// What an account of Instagram Login must be subscribed to. Of accounts that are linked to Pages
/// the app is told the same, and `mentions`, which Instagram Login tells as comments.
const FIELDS: [&str; 11] = [
    "messages",
    "message_reactions",
    "messaging_postbacks",
    "messaging_seen",
    "messaging_referral",
    "message_edit",
    "messaging_optins",
    "messaging_handover",
    "standby",
    "comments",
    "live_comments",
];

/// What is asked of each message of a conversation's history.
const MESSAGE_FIELDS: &str =
    "id,created_time,from,to,message,attachments,reply_to,story,shares,is_unsupported";

/// A token is renewed when this little of its 60 days is left, …
const RENEW_BEFORE: SignedDuration = SignedDuration::from_hours(30 * 24);
/// … and refused renewal when it is younger.
const RENEW_AFTER: SignedDuration = SignedDuration::from_hours(24);

impl Instagram {
    fn base(self) -> Base {
        match self {
            Instagram::Login => Base::InstagramGraph,
            Instagram::Page => Base::Graph,
        }
    }

    /// Whose path messages and conversations are under: the account's, or its Page's.
    fn holder(self, credentials: &Credentials) -> &str {
        match self {
            Instagram::Login => &credentials.id,
            Instagram::Page => credentials.parent.as_deref().unwrap_or("me"),
        }
    }
}

impl Platform for Instagram {
    fn kind(&self) -> AccountKind {
        match self {
            Instagram::Login => AccountKind::InstagramLogin,
            Instagram::Page => AccountKind::InstagramPage,
        }
    }

    fn parts(&self, venue: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
        sending::parts(&write::rules(*self), venue, post)
    }

    fn upload(&self, sending: &Sending<'_>, position: usize) -> Option<Request> {
        write::upload(*self, sending, position)
    }

    fn write(&self, sending: &Sending<'_>) -> Result<Request, Failure> {
        write::write(*self, sending)
    }

    fn outcome(&self, sending: &Sending<'_>, reply: &Reply) -> Outcome {
        sending::outcome(sending.part, reply)
    }

    fn upload_outcome(&self, reply: &Reply) -> Outcome {
        sending::upload_outcome(reply)
    }

    fn comments_of(&self, thread: &[String]) -> Option<String> {
        network::comments_of(thread)
    }

    fn action(&self, to: &ActionTo<'_>, action: &Action) -> Option<Request> {
        sending::action(self.base(), write::messages(*self, to.credentials), to, action)
    }

    fn limits(&self, venue: Venue) -> Limits {
        let per_second = match venue {
            // 750 private answers in an hour; what is more than that is told to wait.
            Venue::InstagramComments => 1,
            // 300 in a second, some of which are reactions and typing.
            _ => 250,
        };
        Limits { per_second, burst: 0, refill_ms: 0, concurrent: 8, awaits_receipt: false }
    }

    fn fetch(&self, _: &Credentials, media: &Media, _: Option<&Reply>) -> Fetch {
        sending::fetch(media)
    }

    fn about(&self, _: &Credentials) -> Request {
        let fields = match self {
            Instagram::Login => "user_id,username,name,profile_picture_url",
            // With a Page's token, `me` is the Page.
            Instagram::Page => {
                "id,name,instagram_business_account{id,username,name,profile_picture_url}"
            }
        };
        Request::get(self.base(), "/me").query("fields", fields)
    }

    fn read_about(&self, reply: &Reply) -> Result<AccountInfo, Failure> {
        let me = error::success(reply)?;
        let missing = |what: &str| Failure::because(FailureCode::Refused, what);
        let (account, account_id, other_id, parent) = match self {
            Instagram::Login => (&me, id(&me, "user_id"), id(&me, "id"), None),
            Instagram::Page => {
                let account = me
                    .get("instagram_business_account")
                    .ok_or_else(|| missing("no Instagram account is linked to this Page"))?;
                (account, id(account, "id"), None, id(&me, "id"))
            }
        };
        let username = title(account, "username");
        let name = title(account, "name").or_else(|| username.clone());
        Ok(AccountInfo {
            id: account_id.ok_or_else(|| missing("the account has no id"))?,
            other_id,
            parent,
            name: name.unwrap_or_default(),
            handle: username.map(|username| format!("@{username}")),
            picture: url(account, "profile_picture_url"),
        })
    }

    fn subscribe(&self, credentials: &Credentials, _: &str) -> Vec<Request> {
        let path = format!("/{}/subscribed_apps", credentials.id);
        match self {
            Instagram::Login => vec![
                Request::post(self.base(), path, Body::Empty)
                    .query("subscribed_fields", FIELDS.join(",")),
            ],
            // The app is installed on the Page; what Instagram tells is set for the whole app.
            // The Page may be connected itself, and a shorter list would replace its own.
            Instagram::Page => vec![subscribe_page(self.holder(credentials))],
        }
    }

    /// A Page stays subscribed: it may be connected itself.
    fn unsubscribe(&self, credentials: &Credentials) -> Vec<Request> {
        match self {
            Instagram::Login => {
                vec![Request::delete(self.base(), format!("/{}/subscribed_apps", credentials.id))]
            }
            Instagram::Page => vec![],
        }
    }

    fn health(&self, credentials: &Credentials) -> Vec<Request> {
        let subscriptions = format!("/{}/subscribed_apps", self.holder(credentials));
        vec![self.about(credentials), Request::get(self.base(), subscriptions)]
    }

    fn read_health(&self, _: &Credentials, _: &str, replies: &[Reply]) -> Health {
        let fields: &[&str] = match self {
            Instagram::Login => &FIELDS,
            Instagram::Page => &["messages"],
        };
        Connection { replies, fields }.health()
    }

    fn renew(&self, credentials: &Credentials, now: Timestamp) -> Option<Request> {
        let Instagram::Login = self else { return None };
        let age = credentials.token_given_at.map(|at| now.duration_since(at));
        let is_due = match credentials.token_expires_at.map(|at| at.duration_since(now)) {
            Some(rest) => rest.is_positive() && rest < RENEW_BEFORE,
            // It was pasted: how long it lasts is known when it is renewed.
            None => true,
        };
        (is_due && age.is_none_or(|age| age >= RENEW_AFTER)).then(oauth::refresh)
    }

    fn read_token(
        &self,
        reply: &Reply,
        now: Timestamp,
    ) -> Result<(String, Option<Timestamp>), Failure> {
        read_token(reply, now).map(|token| (token.token, token.expires_at))
    }

    /// Nothing is to be had of someone who only commented: they have not consented.
    fn profile(&self, _: &Credentials, thread: &[String]) -> Option<Request> {
        let person = thread.iter().find(|key| !key.starts_with(COMMENTS))?;
        let request = Request::get(self.base(), format!("/{person}"));
        Some(request.query("fields", "name,username,profile_pic"))
    }

    fn read_profile(&self, reply: &Reply) -> Option<Profile> {
        let person = error::success(reply).ok()?;
        let profile = Profile {
            name: title(&person, "name"),
            username: title(&person, "username"),
            locale: None,
            picture: url(&person, "profile_pic"),
        };
        (profile != Profile::default()).then_some(profile)
    }

    fn history(
        &self,
        credentials: &Credentials,
        thread: Option<&str>,
        page: Option<&str>,
    ) -> Option<Request> {
        let conversations = Conversations {
            network: Network::Instagram,
            base: self.base(),
            holder: self.holder(credentials),
            fields: MESSAGE_FIELDS,
        };
        Some(conversations.request(thread, page))
    }

    fn read_history(
        &self,
        credentials: &Credentials,
        thread: Option<&str>,
        reply: &Reply,
    ) -> Result<HistoryPage, Failure> {
        history::read(Network::Instagram, credentials, thread, reply)
    }
}
