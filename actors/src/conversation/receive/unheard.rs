//! Calls of ours of which nobody heard whether they were sent, and what comes back of them. Most
//! platforms give back a name that was sent along. Where none is, what a message says and when it
//! was written tell whose it is.

use jiff::SignedDuration;
use switchboard_channels::outgoing::PostForm;
use switchboard_channels::{Post, PostFile};
use switchboard_domain::AccountKind;
use switchboard_store::pending::Doubted;

use super::*;
use crate::conversation::outgoing::post_file;

/// How far a platform's clock and ours may differ.
const CLOCKS_DIFFER: SignedDuration = SignedDuration::from_secs(60);

/// A part of a message that was handed to the platform, and perhaps taken.
#[derive(Debug)]
pub struct Unheard {
    pub message: MessageId,
    pub part: u16,
    what: Part,
    /// Whether its row is still there, and its answer still awaited.
    begun: bool,
    /// When it may have been taken.
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Unheard {
    /// Whether this is what the platform took, by what it says and when that was.
    fn is(&self, at: Timestamp, incoming: &InMessage) -> bool {
        let early = at < self.from - CLOCKS_DIFFER;
        let late = self.until.is_some_and(|until| at > until + CLOCKS_DIFFER);
        !early && !late && says(&self.what, incoming)
    }

    /// Whether nothing was heard of it in what has been told so far.
    fn is_open(&self, grounds: &Grounds) -> bool {
        let Unheard { message, part, .. } = self;
        let pending = grounds.pending.get(message).is_some_and(|parts| parts.contains_key(part));
        let named = grounds.parts.get(message).is_some_and(|parts| parts.contains_key(part));
        if self.begun { pending } else { !pending && !named }
    }
}

/// The part that came back here, if it is one: what was handed over just now before what was given
/// up, for its answer tells more; of those the oldest.
pub fn came_back(
    grounds: &Grounds,
    at: Timestamp,
    incoming: &InMessage,
) -> Option<(MessageId, u16)> {
    let mut unheard = grounds.unheard.iter();
    let same = unheard.find(|part| part.is_open(grounds) && part.is(at, incoming))?;
    Some((same.message, same.part))
}

/// What was begun in a conversation and is not answered.
pub async fn begun(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    stored: &Stored,
) -> Result<Vec<Unheard>, Rejection> {
    let rows = pending::begun(tx, keys, &stored.key, workspace, stored.state.id).await?;
    let unheard = rows.into_iter().map(|row| {
        let what = serde_json::from_slice(&row.payload);
        Ok(Unheard {
            message: row.message,
            part: row.part,
            what: what.map_err(|error| Error::Corrupt(error.to_string()))?,
            begun: true,
            from: row.created_at,
            until: None,
        })
    });
    unheard.collect()
}

/// What was given up of these messages, as it was sent: their parts without a row and a name.
pub async fn given_up(
    tx: &Tx,
    workspace: WorkspaceId,
    kind: AccountKind,
    stored: &Stored,
    doubted: &[Doubted],
    grounds: &Grounds,
) -> Result<Vec<Unheard>, Rejection> {
    let venue = stored.state.venue;
    // Answers to comments name one; which, says nothing of what they say.
    let comment = match venue.is_comments() && !doubted.is_empty() {
        true => message::newest_of_customer(tx, workspace, stored.state.id).await?,
        false => None,
    };
    let mut unheard = Vec::new();
    for Doubted { message, given_up_at } in doubted {
        let Some(message) = grounds.messages.get(message) else { continue };
        let Some(post) = post(message, comment) else { continue };
        // What the platform would not take any more it cannot have been asked to.
        let Ok(parts) = switchboard_channels::platform(kind).parts(venue, &post) else { continue };
        let parts = parts.into_iter().zip(0u16..).map(|(what, part)| Unheard {
            message: message.id,
            part,
            what,
            begun: false,
            from: message.created_at,
            until: *given_up_at,
        });
        unheard.extend(parts.filter(|part| part.is_open(grounds)));
    }
    Ok(unheard)
}

/// Whether something that the business wrote may be what was handed over in this conversation, and
/// of which nobody heard whether it was sent.
pub async fn awaits_echo(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    kind: AccountKind,
    stored: &Stored,
    at: Timestamp,
    incoming: &InMessage,
) -> Result<bool, Rejection> {
    let unheard = begun(tx, keys, workspace, stored).await?;
    let doubted = pending::doubted(tx, workspace, stored.state.id).await?;
    let begun = unheard.iter().map(|part| part.message);
    let ids: Vec<MessageId> = begun.chain(doubted.iter().map(|doubted| doubted.message)).collect();
    if ids.is_empty() {
        return Ok(false);
    }
    let mut grounds = Grounds { unheard, ..Grounds::default() };
    let rows = message::many(tx, keys, workspace, &ids).await?;
    grounds.messages = rows.into_iter().map(|message| (message.id, message)).collect();
    grounds.add_parts(external::parts(tx, workspace, &ids).await?);
    grounds.add_pending(&pending::of_messages(tx, workspace, &ids).await?);
    let given_up = given_up(tx, workspace, kind, stored, &doubted, &grounds).await?;
    grounds.unheard.extend(given_up);
    Ok(came_back(&grounds, at, incoming).is_some())
}

/// A message as it was to be sent; `None` for templates, of which what comes back says too little.
fn post(message: &Message, comment: Option<MessageId>) -> Option<Post> {
    let form = match &message.extra.card {
        Some(Card::Choices { offer }) => PostForm::Offer(offer.clone()),
        Some(Card::Template { .. }) => return None,
        _ if message.extra.private_reply => PostForm::PrivateReply,
        _ => PostForm::Plain,
    };
    Some(Post {
        text: message.text.clone(),
        files: message.files.iter().map(post_file).collect(),
        reply_to: message.reply_to.as_ref().map(|quote| quote.id).or(comment),
        form,
    })
}

/// Whether a call says what came back.
fn says(part: &Part, incoming: &InMessage) -> bool {
    let text = incoming.text.trim();
    let kinds = || incoming.media.iter().map(|media| media.kind);
    let brings = |files: &[PostFile], caption: &Option<String>| {
        kinds().eq(files.iter().map(|file| file.kind))
            && caption.as_deref().unwrap_or_default().trim() == text
    };
    match part {
        Part::Text { text: ours, .. }
        | Part::Offer { text: ours, .. }
        | Part::PrivateReply { text: ours, .. } => incoming.media.is_empty() && ours.trim() == text,
        Part::File { file, caption, .. } => brings(std::slice::from_ref(file), caption),
        Part::Album { files, caption, .. } => brings(files, caption),
        // What answers a comment for all to see comes back as nothing.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use switchboard_channels::ExternalId;
    use switchboard_domain::DeliveryState;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(1_000_000 + seconds)
    }

    fn text(text: &str) -> Part {
        Part::Text { text: text.to_owned(), reply_to: None }
    }

    /// A call that was made after 0 s and given up after 90 s.
    fn given_up(n: u128, what: Part) -> Unheard {
        let message = uuid::Uuid::from_u128(n).into();
        Unheard { message, part: 0, what, begun: false, from: at(0), until: Some(at(90)) }
    }

    fn echo(text: &str) -> InMessage {
        InMessage {
            id: ExternalId("m_echo".to_owned()),
            direction: Direction::Business { via: None, correlation: None },
            text: text.to_owned(),
            media: vec![],
            extra: Extra::default(),
            reply_to: None,
            opens_window: false,
            acknowledge: None,
        }
    }

    #[test]
    fn what_was_written_before_or_long_after_is_not_what_was_given_up() {
        let grounds = Grounds { unheard: vec![given_up(1, text("ok"))], ..Grounds::default() };
        let came = |seconds, text| came_back(&grounds, at(seconds), &echo(text)).is_some();
        assert!(came(0, "ok") && came(45, " ok\n") && came(90, "ok"));
        assert!(came(-59, "ok") && came(149, "ok"), "clocks differ");
        assert!(!came(-61, "ok") && !came(151, "ok"), "someone else wrote the same");
        assert!(!came(45, "okay"));
    }

    #[test]
    fn of_the_same_words_what_is_under_way_is_heard_of_first_and_then_the_oldest() {
        let begun = Unheard { begun: true, until: None, ..given_up(3, text("ok")) };
        let unheard = vec![begun, given_up(1, text("ok")), given_up(2, text("ok"))];
        let mut grounds = Grounds { unheard, ..Grounds::default() };
        let id = |n| MessageId::from(uuid::Uuid::from_u128(n));
        grounds.pending.entry(id(3)).or_default().insert(0, clock::new_id());
        for n in [3, 1, 2] {
            let came = came_back(&grounds, at(10), &echo("ok"));
            assert_eq!(came, Some((id(n), 0)));
            grounds.pending.remove(&id(n));
            grounds.parts.entry(id(n)).or_default().insert(0, DeliveryState::Sent);
        }
        assert_eq!(came_back(&grounds, at(10), &echo("ok")), None);
    }
}
