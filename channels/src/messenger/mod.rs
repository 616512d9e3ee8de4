//! Facebook Pages: Messenger, and comments under posts.

mod feed;
mod read;
mod write;

use switchboard_domain::{AccountKind, Failure, FailureCode, Venue};

use crate::account::{AccountInfo, Credentials, Health, HistoryPage, Profile};
use crate::http::{Base, Body, Reply, Request};
use crate::inbound::Media;
use crate::meta::error;
use crate::meta::history::{self, Conversations};
use crate::meta::json::{id, title, url};
use crate::meta::network::{self, COMMENTS, Network};
use crate::meta::sending::{self, Connection};
use crate::outgoing::{Action, Limits, Outcome, Part, Post, Sending};
use crate::platform::{ActionTo, Fetch, Platform};

pub use read::read;

#[derive(Debug, Clone, Copy)]
pub struct Messenger;

/// What a Page must be subscribed to. Each subscription replaces the whole list.
pub const FIELDS: [&str; 20] = [
    "messages",
    "message_echoes",
    "message_edits",
    "message_reactions",
    "message_deliveries",
    "message_reads",
    "messaging_postbacks",
    "messaging_referrals",
    "messaging_optins",
    "messaging_account_linking",
    "messaging_policy_enforcement",
    "messaging_handovers",
    "messaging_customer_information",
    "messaging_feedback",
    "messaging_in_thread_lead_form_submit",
    "standby",
    "response_feedback",
    "send_cart",
    "inbox_labels",
    "feed",
];

/// What is asked of each message of a conversation's history.
const MESSAGE_FIELDS: &str = "id,created_time,from,to,message,attachments{id,mime_type,name,size,\
                              image_data,video_data,file_url},sticker,shares,reply_to";

impl Platform for Messenger {
    fn kind(&self) -> AccountKind {
        AccountKind::FacebookPage
    }

    fn parts(&self, venue: Venue, post: &Post) -> Result<Vec<Part>, Failure> {
        sending::parts(&write::RULES, venue, post)
    }

    /// A file's bytes go along with its message.
    fn upload(&self, _: &Sending<'_>, _: usize) -> Option<Request> {
        None
    }

    fn write(&self, sending: &Sending<'_>) -> Result<Request, Failure> {
        write::write(sending)
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
        sending::action(Base::Graph, write::messages(to.credentials), to, action)
    }

    fn limits(&self, venue: Venue) -> Limits {
        let per_second = match venue {
            // 750 private answers in an hour; what is more than that is told to wait.
            Venue::FacebookComments => 1,
            // 300 in a second, some of which are reactions and typing.
            _ => 250,
        };
        Limits { per_second, burst: 0, refill_ms: 0, concurrent: 8, awaits_receipt: false }
    }

    fn fetch(&self, _: &Credentials, media: &Media, _: Option<&Reply>) -> Fetch {
        sending::fetch(media)
    }

    /// With a Page's token, `me` is the Page.
    fn about(&self, _: &Credentials) -> Request {
        Request::get(Base::Graph, "/me").query("fields", "id,name,username,picture{url}")
    }

    fn read_about(&self, reply: &Reply) -> Result<AccountInfo, Failure> {
        let page = error::success(reply)?;
        let picture = page.pointer("/picture/data").and_then(|picture| url(picture, "url"));
        Ok(AccountInfo {
            id: id(&page, "id")
                .ok_or_else(|| Failure::because(FailureCode::Refused, "the Page has no id"))?,
            other_id: None,
            parent: None,
            name: title(&page, "name").unwrap_or_default(),
            handle: title(&page, "username").map(|username| format!("@{username}")),
            picture,
        })
    }

    fn subscribe(&self, credentials: &Credentials, _: &str) -> Vec<Request> {
        vec![subscribe_page(&credentials.id)]
    }

    fn unsubscribe(&self, credentials: &Credentials) -> Vec<Request> {
        vec![Request::delete(Base::Graph, format!("/{}/subscribed_apps", credentials.id))]
    }

    fn health(&self, credentials: &Credentials) -> Vec<Request> {
        let page = format!("/{}", credentials.id);
        vec![
            Request::get(Base::Graph, page.clone()).query("fields", "id,name"),
            Request::get(Base::Graph, format!("{page}/subscribed_apps")),
        ]
    }

    fn read_health(&self, _: &Credentials, _: &str, replies: &[Reply]) -> Health {
        Connection { replies, fields: &FIELDS }.health()
    }

    /// Nothing is to be had of someone who only commented.
    fn profile(&self, _: &Credentials, thread: &[String]) -> Option<Request> {
        let person = thread.iter().find(|key| !key.starts_with(COMMENTS))?;
        let request = Request::get(Base::Graph, format!("/{person}"));
        Some(request.query("fields", "first_name,last_name,profile_pic,id"))
    }

    /// An empty reply is that of someone whom the platform does not show.
    fn read_profile(&self, reply: &Reply) -> Option<Profile> {
        let person = error::success(reply).ok()?;
        let names = [title(&person, "first_name"), title(&person, "last_name")];
        let name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let name = if name.is_empty() { title(&person, "name") } else { Some(name) };
        let picture = url(&person, "profile_pic");
        (name.is_some() || picture.is_some()).then(|| Profile {
            name,
            picture,
            locale: title(&person, "locale").map(|locale| locale.replace('_', "-")),
            username: None,
        })
    }

    fn history(
        &self,
        credentials: &Credentials,
        thread: Option<&str>,
        page: Option<&str>,
    ) -> Option<Request> {
        let conversations = Conversations {
            network: Network::Messenger,
            base: Base::Graph,
            holder: &credentials.id,
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
        history::read(Network::Messenger, credentials, thread, reply)
    }
}

/// Makes a Page tell what happens there, and on the Instagram account that is linked to it.
pub(crate) fn subscribe_page(page: &str) -> Request {
    Request::post(Base::Graph, format!("/{page}/subscribed_apps"), Body::Empty)
        .query("subscribed_fields", FIELDS.join(","))
}
