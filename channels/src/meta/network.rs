//! Messenger and Instagram, where they share a vocabulary.

use switchboard_domain::{Identity, Venue};

use crate::inbound::{Peer, Thread};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Network {
    Messenger,
    Instagram,
}

/// Begins the keys of conversations that are comments.
pub(crate) const COMMENTS: &str = "c:";

impl Network {
    pub(crate) fn venue(self) -> Venue {
        match self {
            Network::Messenger => Venue::Messenger,
            Network::Instagram => Venue::Instagram,
        }
    }

    pub(crate) fn comments(self) -> Venue {
        match self {
            Network::Messenger => Venue::FacebookComments,
            Network::Instagram => Venue::InstagramComments,
        }
    }

    /// The `platform` of the Conversations API.
    pub(crate) fn platform(self) -> &'static str {
        match self {
            Network::Messenger => "messenger",
            Network::Instagram => "instagram",
        }
    }

    pub(crate) fn identity(self, account: &str, person: &str) -> Identity {
        let value = format!("{account}:{person}");
        match self {
            Network::Messenger => Identity::Messenger(value),
            Network::Instagram => Identity::Instagram(value),
        }
    }

    /// The conversation with a person.
    pub(crate) fn thread(self, account: &str, person: &str) -> Thread {
        let identities = vec![self.identity(account, person)];
        Thread {
            keys: vec![person.to_owned()],
            venue: self.venue(),
            peer: Peer { identities, ..Peer::default() },
        }
    }
}

/// The app through which people answer in Meta's own inbox, for a Page and for Instagram.
pub(crate) fn is_inbox(app: &str) -> bool {
    matches!(app, "263902037430900" | "1217981644879628")
}

/// The key of what the person of a private conversation comments: both are made of the same id.
pub(crate) fn comments_of(thread: &[String]) -> Option<String> {
    let person = thread.iter().find(|key| !key.starts_with(COMMENTS))?;
    Some(format!("{COMMENTS}{person}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_writes_in_private_comments_under_the_same_id() {
        let private = Network::Instagram.thread("178", "777");
        assert_eq!(comments_of(&private.keys).as_deref(), Some("c:777"));
        assert_eq!(comments_of(&["c:777".to_owned()]), None);
    }
}
