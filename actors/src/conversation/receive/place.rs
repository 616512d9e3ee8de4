//! Who is at the other end of a conversation elsewhere, and by what names it is found.

use super::*;

/// What a platform said of a person before, with what it says now over it.
fn person(before: &Person, peer: &Peer) -> Person {
    let newer = |now: &Option<String>, before: &Option<String>| now.clone().or(before.clone());
    Person {
        name: newer(&peer.name, &before.name),
        username: newer(&peer.username, &before.username),
        phone: newer(&peer.phone, &before.phone),
        locale: newer(&peer.locale, &before.locale),
    }
}

/// Fills in what is not known of a contact, and renews what the platform had said itself. What
/// people wrote here stays.
fn describe(details: &mut Details, venue: Venue, before: &Person, now: &Person) {
    let called = |person: &Person| person.name.clone().or(person.username.clone());
    let renew = |field: &mut Option<String>, before: Option<String>, now: Option<String>| {
        if now.is_some() && (field.is_none() || *field == before) {
            *field = now;
        }
    };
    renew(&mut details.name, called(before), called(now));
    renew(&mut details.phone, before.phone.clone(), now.phone.clone());
    renew(&mut details.locale, before.locale.clone(), now.locale.clone());
    let channel = venue.channel();
    let username = now.username.as_ref().map(|name| format!("@{name}"));
    if let Some(handle) = username.or(now.phone.clone()) {
        details.handles.retain(|(of, _)| *of != channel);
        details.handles.push((channel, handle));
    }
}

/// The conversation as it is loaded, after its contact has been given the name that the platform
/// gives now.
pub async fn named(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    id: ConversationId,
    loaded: Option<Stored>,
    received: &Received,
) -> Result<Option<Stored>, Rejection> {
    let Some(stored) = loaded else { return Ok(None) };
    if stored.account != Some(received.account) {
        return Err(Rejection::new(Code::Conflict, "this conversation is another account's"));
    }
    let before = &stored.address.person;
    let now = person(before, &received.thread.peer);
    if now == *before {
        return Ok(Some(stored));
    }
    let venue = stored.state.venue;
    let cast = Cast { shared: shared.clone() };
    let change = |details: &mut Details| describe(details, venue, before, &now);
    match cast.change_contact(workspace, stored.state.contact, change).await? {
        // Its conversations changed with it.
        true => load(shared, workspace, id).await,
        false => Ok(Some(stored)),
    }
}

/// The contact of a conversation that is to be opened, if it is known.
pub async fn contact(
    tx: &Tx,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    received: &Received,
) -> Result<Option<Held>, Rejection> {
    let identities = &received.thread.peer.identities;
    let otherwise = new_id(keys, received);
    Ok(contacts::find_any(tx, keys, workspace, identities, otherwise).await?)
}

/// The conversation that a first message opens, and its contact where that is new as well.
pub fn opened(
    keys: &WorkspaceKeys,
    id: ConversationId,
    received: &Received,
    known: Option<Held>,
) -> (Stored, Option<NewContact>) {
    let mut stored = blank(id, received);
    let Some(known) = known else {
        let contact = new_id(keys, received);
        let peer = &received.thread.peer;
        let mut details = Details::default();
        let now = person(&Person::default(), peer);
        describe(&mut details, received.thread.venue, &Person::default(), &now);
        stored.state.contact = contact;
        stored.person = contact;
        stored.contact_name = details.display_name(contact);
        let (key, identities) = (stored.key.clone(), peer.identities.clone());
        return (stored, Some(NewContact { id: contact, key, details, identities }));
    };
    stored.state.contact = known.id;
    stored.person = known.merged_into.unwrap_or(known.id);
    stored.contact_name = known.details.display_name(known.id);
    stored.key = known.key;
    (stored, None)
}

/// The id of a contact that is new: two nodes that meet the same person make the same contact.
fn new_id(keys: &WorkspaceKeys, received: &Received) -> ContactId {
    ContactId(keys.id_of("contact", received.account, &first_name(received)))
}

/// By what a contact gets its id.
fn first_name(received: &Received) -> String {
    match received.thread.peer.identities.first() {
        Some(identity) => format!("{} {}", identity.kind(), identity.value()),
        None => format!("thread {}", received.thread.keys.first().map_or("", String::as_str)),
    }
}

/// A conversation before its first message. One that begins with history waits for nobody.
pub fn blank(id: ConversationId, received: &Received) -> Stored {
    let contact = ContactId(id.into());
    let mut state = Conversation::new(id, contact);
    state.venue = received.thread.venue;
    let mut messages = received.events.iter().filter_map(|event| match &event.what {
        What::Message(message) => Some((event.at, message)),
        _ => None,
    });
    if messages.clone().all(|(_, message)| message.extra.history) {
        state.status = Status::Resolved;
    }
    let now = clock::now();
    Stored {
        state,
        rev: Seq::default(),
        contact_name: String::new(),
        person: contact,
        account: Some(received.account),
        address: Address::default(),
        preview: None,
        created_at: now,
        last_activity_at: messages.next().map_or(now, |(at, _)| at.min(now)),
        key: Key::random(),
    }
}

impl Fold<'_> {
    /// Notes where the conversation is and by what it is found, as far as that is news.
    pub(super) fn place(
        &mut self,
        before: &Stored,
        is_new: bool,
        received: &Received,
    ) -> Result<(), Rejection> {
        let keys = self.scribe.recording.keys;
        let was = &before.address;
        let mut address = was.clone();
        let strange: Vec<String> =
            received.thread.keys.iter().filter(|key| !was.keys.contains(key)).cloned().collect();
        if !strange.is_empty() {
            address.keys = again(&received.thread.keys, &was.keys);
        }
        for event in &received.events {
            if let What::Renamed { was } = &event.what {
                address.keys.retain(|key| !was.contains(key) || received.thread.keys.contains(key));
            }
        }
        let peer = &received.thread.peer;
        let unlinked: Vec<Identity> =
            peer.identities.iter().filter(|i| !was.identities.contains(i)).cloned().collect();
        address.identities.extend(unlinked.iter().cloned());
        address.person = person(&was.person, peer);
        address.data.extend(peer.address.clone());
        let moved = self.scribe.after.state.peer != before.state.peer;
        if !is_new && !moved && address == *was {
            return Ok(());
        }
        let contact = self.scribe.after.state.contact;
        let sealed = (is_new || address != *was)
            .then(|| seal_address(keys, contact, &self.scribe.after.key, &address))
            .transpose()?;
        if !is_new && self.scribe.append.events.is_empty() {
            // The row is written with an event alone.
            let peer = self.scribe.after.state.peer;
            self.scribe.moved(&switchboard_domain::Event::PeerMoved { peer });
        }
        let account = self.account;
        self.scribe.after.address = address;
        let named = self.scribe.append.new_contact.is_some();
        let outside = self.scribe.outside(account);
        outside.placed = true;
        outside.address = sealed;
        outside.threads = strange.iter().map(|key| thread::hash(keys, account, key)).collect();
        // A new contact is stored with its identities.
        outside.identities = if named { vec![] } else { unlinked };
        Ok(())
    }
}

/// The names of a thread: those that came now go first, in their order.
fn again(now: &[String], before: &[String]) -> Vec<String> {
    let mut keys = now.to_vec();
    keys.extend(before.iter().filter(|key| !now.contains(key)).cloned());
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(name: &str) -> Person {
        Person { name: Some(name.to_owned()), ..Person::default() }
    }

    #[test]
    fn a_name_that_someone_typed_is_not_overwritten_and_the_platforms_own_is_renewed() {
        let mut details = Details::default();
        describe(&mut details, Venue::Whatsapp, &Person::default(), &called("Ana"));
        assert_eq!(details.name.as_deref(), Some("Ana"));
        describe(&mut details, Venue::Whatsapp, &called("Ana"), &called("Ana Li"));
        assert_eq!(details.name.as_deref(), Some("Ana Li"));
        details.name = Some("Ana from the fair".to_owned());
        describe(&mut details, Venue::Whatsapp, &called("Ana Li"), &called("Ana L."));
        assert_eq!(details.name.as_deref(), Some("Ana from the fair"));
    }

    #[test]
    fn names_of_a_thread_come_together_the_newest_first() {
        let keys = |list: &[&str]| list.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
        assert_eq!(again(&keys(&["u:X", "w:1"]), &keys(&["w:1"])), ["u:X", "w:1"]);
        assert_eq!(again(&keys(&["w:2"]), &keys(&["u:X", "w:1"])), ["w:2", "u:X", "w:1"]);
    }
}
