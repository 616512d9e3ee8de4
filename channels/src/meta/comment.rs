//! Public comments: what Page and Instagram have in common.

use jiff::Timestamp;
use switchboard_domain::Extra;
use switchboard_domain::extra::{Card, Referral};

use super::network::{COMMENTS, Network};
use crate::inbound::{Direction, Event, ExternalId, InMessage, Media, Peer, Thread, What};

/// Who commented.
#[derive(Debug, Clone, Default)]
pub(crate) struct Commenter {
    pub id: Option<String>,
    pub name: Option<String>,
    pub username: Option<String>,
}

/// One comment as it stands.
#[derive(Debug, Clone)]
pub(crate) struct Comment {
    pub at: Timestamp,
    pub id: String,
    pub by: Commenter,
    pub text: String,
    pub media: Vec<Media>,
    pub post: Option<String>,
    pub url: Option<String>,
    /// The comment that it answers.
    pub parent: Option<String>,
    pub referral: Option<Referral>,
}

impl Comment {
    /// All that one person comments is one conversation. Of a comment by nobody known, the
    /// comment it answers, or else itself, stands in.
    pub(crate) fn thread(&self, network: Network, account: &str) -> Thread {
        let key = self.by.id.as_ref().or(self.parent.as_ref()).unwrap_or(&self.id);
        let identities = self.by.id.iter().map(|person| network.identity(account, person));
        Thread {
            keys: vec![format!("{COMMENTS}{key}")],
            venue: network.comments(),
            peer: Peer {
                identities: identities.collect(),
                name: self.by.name.clone(),
                username: self.by.username.clone(),
                ..Peer::default()
            },
        }
    }

    pub(crate) fn event(&self, network: Network, account: &str, what: What) -> Event {
        Event { at: self.at, thread: Some(self.thread(network, account)), what }
    }

    pub(crate) fn extra(&self) -> Extra {
        let card = Card::Comment {
            post: self.post.clone(),
            url: self.url.clone(),
            reply: self.parent.is_some(),
            hidden: false,
            hidden_changed_at: None,
        };
        Extra { card: Some(card), referral: self.referral.clone(), ..Extra::default() }
    }

    /// The comment as a message. It opens no window: it may be answered once privately, and the
    /// conversation goes on when the person answers that.
    pub(crate) fn message(&self) -> What {
        What::Message(Box::new(InMessage {
            id: ExternalId(self.id.clone()),
            direction: Direction::Customer,
            text: self.text.clone(),
            media: self.media.clone(),
            extra: self.extra(),
            reply_to: self.parent.clone().map(ExternalId),
            opens_window: false,
            acknowledge: None,
        }))
    }
}
