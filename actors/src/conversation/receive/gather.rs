//! Reads what a platform's events are decided on.

use super::*;

/// The message and part that a correlation names: `msg_<id>.<part>`.
pub fn correlated(text: &str) -> Option<(MessageId, u16)> {
    let (message, part) = text.split_once('.')?;
    Some((message.parse().ok()?, part.parse().ok()?))
}

/// Whether there is a message that is not here yet.
fn opens(keys: &WorkspaceKeys, received: &Received, grounds: &Grounds) -> bool {
    received.events.iter().any(|event| match &event.what {
        What::Message(incoming) => {
            let hash = external::hash(keys, received.account, &incoming.id.0);
            let ours = match &incoming.direction {
                Direction::Business { correlation: Some(text), .. } => correlated(text).is_some(),
                _ => false,
            };
            !ours && !grounds.names.contains_key(&hash)
        }
        _ => false,
    })
}

/// What a conversation needs to know of what it was told.
pub struct Gathering<'a> {
    pub shared: &'a Shared,
    pub keys: &'a WorkspaceKeys,
    pub workspace: WorkspaceId,
    pub id: ConversationId,
    pub speaker: &'a Speaker,
    pub received: &'a Received,
}

/// All of that.
pub struct Gathered {
    pub grounds: Grounds,
    /// Whether it opens the conversation, where there is none.
    pub opens: bool,
    /// Whose the conversation is then, where that contact is known.
    pub contact: Option<Held>,
}

impl Gathering<'_> {
    /// Reads what was not read before.
    pub async fn all(
        &self,
        loaded: Option<&Stored>,
        before: Option<&Before>,
    ) -> Result<Gathered, Rejection> {
        let Gathering { shared, keys, workspace, received, .. } = *self;
        let nothing = Read::default();
        let read = match before {
            // What is likely news needs no grounds, of a conversation that is here.
            Some(Before::Nothing) if loaded.is_some() => Some(&nothing),
            Some(Before::Read(read)) if has_all_names(received) => Some(&**read),
            _ => None,
        };
        if let Some(read) = read.filter(|read| is_enough(keys, received, read)) {
            let grounds = read.grounds();
            let opens = opens(keys, received, &grounds);
            return Ok(Gathered { grounds, opens, contact: read.contact.clone() });
        }
        let tx = shared.store.readers.begin_by_name(workspace).await?;
        let grounds = grounds(&tx, self, loaded, read).await?;
        let opens = opens(keys, received, &grounds);
        let contact = match opens && loaded.is_none() {
            true => place::contact(&tx, keys, workspace, received).await?,
            false => None,
        };
        Ok(Gathered { grounds, opens, contact })
    }
}

impl Read {
    fn grounds(&self) -> Grounds {
        let (names, waiting) = (self.names.clone(), self.waiting.clone());
        Grounds { names, waiting, ..Grounds::default() }
    }
}

/// Whether all names in what was told were looked up when it was read. A line is known by a name
/// that only the conversation can tell.
fn has_all_names(received: &Received) -> bool {
    !received.events.iter().any(|event| matches!(event.what, What::Line(_)))
}

/// Whether what was told can be decided on by what was read, without the messages it is about.
fn is_enough(keys: &WorkspaceKeys, received: &Received, read: &Read) -> bool {
    let is_known =
        |name: &str| read.names.contains_key(&external::hash(keys, received.account, name));
    received.events.iter().all(|event| match &event.what {
        What::Message(incoming) => {
            incoming.direction == Direction::Customer
                && !incoming.reply_to.as_ref().is_some_and(|target| is_known(&target.0))
        }
        What::Edited { target, .. }
        | What::Reacted { target, .. }
        | What::Hidden { target, .. } => !is_known(&target.0),
        What::Receipt { target, correlation, .. } => correlation.is_none() && !is_known(&target.0),
        What::Deleted { targets } => !targets.iter().any(|target| is_known(&target.0)),
        What::Line(_) => false,
        What::Watermark { .. }
        | What::Typing { .. }
        | What::Renamed { .. }
        | What::Account(_)
        | What::Connection(_)
        | What::Ignored { .. } => true,
    })
}

async fn grounds(
    tx: &Tx,
    gathering: &Gathering<'_>,
    loaded: Option<&Stored>,
    read: Option<&Read>,
) -> Result<Grounds, Rejection> {
    let Gathering { keys, workspace, id, speaker, received, .. } = *gathering;
    let account = received.account;
    let mut called = names(received);
    if loaded.is_none() {
        called.extend(received.thread.keys.iter().map(|thread| first_message(thread)));
    }
    let named: Vec<Hash> = called.iter().map(|name| external::hash(keys, account, name)).collect();
    let mut grounds = match read {
        Some(read) => read.grounds(),
        None => Grounds {
            names: external::find(tx, workspace, account, &named).await?,
            ..Grounds::default()
        },
    };
    let unknown: Vec<Hash> =
        named.into_iter().filter(|hash| !grounds.names.contains_key(hash)).collect();
    if read.is_none() {
        let found = parked::find(tx, keys, workspace, account, &speaker.key, &unknown).await?;
        grounds.waiting = found;
    }
    let Some(stored) = loaded else { return Ok(grounds) };

    let mut ids: Vec<MessageId> = grounds.names.values().map(|known| known.message).collect();
    ids.extend(received.events.iter().filter_map(correlation).filter_map(correlated).map(|c| c.0));
    let echoes = received.events.iter().any(is_strange_echo) && !unknown.is_empty();
    let mut doubted = Vec::new();
    if echoes {
        grounds.unheard = unheard::begun(tx, keys, workspace, stored).await?;
        doubted = pending::doubted(tx, workspace, id).await?;
        ids.extend(grounds.unheard.iter().map(|part| part.message));
        ids.extend(doubted.iter().map(|doubted| doubted.message));
    }
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(grounds);
    }
    let rows = message::many(tx, keys, workspace, &ids).await?;
    let here = rows.into_iter().filter(|message| message.conversation == id);
    grounds.messages = here.map(|message| (message.id, message)).collect();
    let ours: Vec<MessageId> =
        grounds.messages.values().filter(|m| leaves(m)).map(|m| m.id).collect();
    if !ours.is_empty() {
        let (parts, pending) = tokio::try_join!(
            external::parts(tx, workspace, &ours),
            pending::of_messages(tx, workspace, &ours),
        )?;
        grounds.add_parts(parts);
        grounds.add_pending(&pending);
    }
    let (kind, doubted) = (received.kind, &doubted);
    let given_up = unheard::given_up(tx, workspace, kind, stored, doubted, &grounds).await?;
    grounds.unheard.extend(given_up);
    Ok(grounds)
}

/// Whether it was sent from here through a platform.
fn leaves(message: &Message) -> bool {
    message.delivery.is_some() && message.parts.is_some()
}

fn correlation(event: &Event) -> Option<&str> {
    match &event.what {
        What::Message(incoming) => match &incoming.direction {
            Direction::Business { correlation, .. } => correlation.as_deref(),
            Direction::Customer => None,
        },
        What::Receipt { correlation, .. } => correlation.as_deref(),
        _ => None,
    }
}

/// Something the business wrote that does not say whether it was we.
fn is_strange_echo(event: &Event) -> bool {
    let What::Message(incoming) = &event.what else { return false };
    matches!(&incoming.direction, Direction::Business { correlation: None, .. })
}

/// All names of messages in what was told.
fn names(received: &Received) -> Vec<String> {
    let mut names = Vec::new();
    for event in &received.events {
        match &event.what {
            What::Message(incoming) => {
                names.push(incoming.id.0.clone());
                names.extend(incoming.reply_to.as_ref().map(|target| target.0.clone()));
            }
            What::Edited { target, .. }
            | What::Hidden { target, .. }
            | What::Reacted { target, .. }
            | What::Receipt { target, .. } => names.push(target.0.clone()),
            What::Deleted { targets } => names.extend(targets.iter().map(|t| t.0.clone())),
            What::Line(line) => names.push(line_name(received, event, line)),
            _ => {}
        }
    }
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_correlation_names_a_message_and_its_part() {
        let id: MessageId = clock::new_id();
        assert_eq!(correlated(&format!("{id}.2")), Some((id, 2)));
        for other in ["", "msg_1.2", &id.to_string(), &format!("{id}.x"), &format!("{id}.-1")] {
            assert_eq!(correlated(other), None, "{other}");
        }
    }
}
