//! Reads what a platform's events are decided on.

use super::*;

/// The message and part that a correlation names: `msg_<id>.<part>`.
pub fn correlated(text: &str) -> Option<(MessageId, u16)> {
    let (message, part) = text.split_once('.')?;
    Some((message.parse().ok()?, part.parse().ok()?))
}

/// Whether there is a message that is not here yet.
pub fn opens(keys: &WorkspaceKeys, received: &Received, grounds: &Grounds) -> bool {
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

pub async fn grounds(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ConversationId,
    loaded: Option<&Stored>,
    speaker: &Speaker,
    received: &Received,
) -> Result<Grounds, Rejection> {
    let account = received.account;
    let named: Vec<Hash> =
        names(received).iter().map(|name| external::hash(keys, account, name)).collect();
    let mut grounds = Grounds {
        names: external::find(tx, workspace, account, &named).await?,
        ..Grounds::default()
    };
    let unknown: Vec<Hash> =
        named.into_iter().filter(|hash| !grounds.names.contains_key(hash)).collect();
    grounds.waiting = parked::find(tx, keys, workspace, account, &speaker.key, &unknown).await?;
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
        grounds.add_parts(external::parts(tx, workspace, &ours).await?);
        grounds.add_pending(&pending::of_messages(tx, workspace, &ours).await?);
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
