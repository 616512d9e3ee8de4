//! What became of calls to platforms, and of files that were to come, as whoever speaks for the
//! account tells it.

use std::sync::Arc;

use switchboard_domain::{
    Author, ChannelLine, Command, ConversationId, Delivery, DeliveryState, MessageId, WorkspaceId,
};
use switchboard_store::account;
use switchboard_store::conversation::Stored;
use switchboard_store::journal::{CameFile as CameRow, FileAsItCame};
use switchboard_store::message::{FILE_KEY, FILE_NAME, FileState, Message};
use switchboard_store::seal::WorkspaceKeys;
use switchboard_store::{external, message, parked, pending, send};
use switchboard_wire::agent::Done;
use tokio::try_join;

use super::fold::{Fold, Grounds, Hash, forward};
use super::perform::{Attempt, commit, load};
use super::record::Recording;
use super::{FileProgress, Progress};
use crate::rejection::Rejection;
use crate::{Shared, clock};

/// What an owner of the account tells.
pub enum News<'a> {
    Call(&'a Progress),
    File(&'a FileProgress),
}

impl News<'_> {
    fn account(&self) -> switchboard_domain::AccountId {
        match self {
            News::Call(progress) => progress.account,
            News::File(file) => file.account,
        }
    }

    fn message(&self) -> MessageId {
        match self {
            News::Call(progress) => progress.message,
            News::File(file) => file.message,
        }
    }
}

/// Notes what became of something.
pub async fn note(
    shared: &Arc<Shared>,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    id: ConversationId,
    loaded: Option<Stored>,
    news: News<'_>,
) -> Result<Attempt, Rejection> {
    let gone = || Rejection::not_found("there is no such conversation");
    let stored = match loaded {
        Some(stored) => stored,
        None => load(shared, workspace, id).await?.ok_or_else(gone)?,
    };
    let speaker = account::speaker(&shared.store, workspace, news.account()).await?;
    let speaker = speaker.ok_or_else(|| Rejection::not_found("there is no such account"))?;
    let tx = shared.store.readers.begin_by_name(workspace).await?;
    let mut grounds = Grounds::default();
    let messages = [news.message()];
    let rows = message::many(&tx, keys, workspace, &messages);
    let rows = if let News::Call(progress) = &news {
        // Told again after a commit that was cut off and held all the same: nothing but the row
        // would show that the line stands there already.
        let is_told = !progress.posts && !progress.keep;
        if is_told && send::standing(&tx, workspace, &[progress.send]).await?.is_empty() {
            return Ok(Attempt::Settled(Box::new(stored), Done::default()));
        }
        let hash =
            |id: &switchboard_channels::ExternalId| external::hash(keys, progress.account, &id.0);
        let hashes: Vec<Hash> = progress.ids.iter().map(hash).collect();
        let asked: &[MessageId] = if progress.posts { &messages } else { &[] };
        // Sent together: what is slow about these is the way there and back.
        let (rows, names, waiting, parts, pending) = try_join!(
            rows,
            external::find(&tx, workspace, progress.account, &hashes),
            parked::find(&tx, keys, workspace, progress.account, &speaker.key, &hashes),
            external::parts(&tx, workspace, asked),
            pending::of_messages(&tx, workspace, asked),
        )?;
        (grounds.names, grounds.waiting) = (names, waiting);
        grounds.add_parts(parts);
        grounds.add_pending(&pending);
        rows
    } else {
        rows.await?
    };
    grounds.messages = rows.into_iter().map(|message| (message.id, message)).collect();
    drop(tx);
    let names = shared.names.of(&shared.store, workspace).await?;
    let (links, author, now) = (&shared.links, Author::System, clock::now());
    let recording = Recording { keys, links, names: &names, workspace, author, now };
    let scribe = recording.begin(&stored, false, None);
    let account_key = &speaker.key;
    let mut fold = Fold { account: news.account(), account_key, grounds, threads: &[], scribe };
    match news {
        News::Call(progress) => fold.called(progress)?,
        News::File(file) => fold.file(file)?,
    }
    let recorded = fold.scribe.finish();
    let nothing = recorded.append.outside.as_ref().is_none_or(|outside| outside.is_empty());
    if nothing && recorded.append.events.is_empty() {
        return Ok(Attempt::Settled(Box::new(stored), Done::default()));
    }
    commit(shared, workspace, stored, recorded).await
}

impl Fold<'_> {
    fn called(&mut self, progress: &Progress) -> Result<(), Rejection> {
        let outside = self.scribe.outside(progress.account);
        outside.epoch = Some(progress.epoch);
        if !progress.keep {
            outside.sent.push(progress.send);
        }
        if !progress.posts {
            return self.told_on(progress);
        }
        let id = progress.message;
        if !progress.keep
            && let Some(pending) = self.grounds.pending.get_mut(&id)
        {
            pending.remove(&progress.part);
        }
        let Some(target) = self.grounds.messages.get(&id).cloned() else { return Ok(()) };
        let told = progress.delivery.clone();
        let failed = told.state == DeliveryState::Failed;
        if failed {
            self.scribe.outside(progress.account).kept_back.push(id);
            self.grounds.pending.remove(&id);
        }
        let count = target.parts.unwrap_or(1);
        let after = match count {
            0 | 1 => rightly(target.delivery.clone(), told),
            _ if failed => told,
            _ => {
                let parts = self.grounds.parts.entry(id).or_default();
                if told.state >= DeliveryState::Sent {
                    let known = parts.entry(progress.part).or_insert(told.state);
                    *known = (*known).max(told.state);
                }
                // What is not known any more of this part is the message's own state.
                let before = match told.state {
                    DeliveryState::Uncertain => Some(told),
                    _ => target.delivery.clone(),
                };
                let whole = self.of_parts(id, count, before, None);
                let sends = progress.keep && whole.state == DeliveryState::Queued;
                let state = if sends { progress.delivery.state } else { whole.state };
                Delivery { state, failure: whole.failure }
            }
        };
        self.set_delivery(target, after)?;
        let sent = (progress.delivery.state >= DeliveryState::Sent && !failed)
            .then_some(progress.delivery.state);
        for name in &progress.ids {
            self.name(&name.0, id, progress.part, sent)?;
        }
        Ok(())
    }

    /// Something said about a message. People are told when it did not get there.
    fn told_on(&mut self, progress: &Progress) -> Result<(), Rejection> {
        for name in &progress.ids {
            self.name(&name.0, progress.message, progress.part, None)?;
        }
        if progress.keep || progress.delivery.state != DeliveryState::Failed {
            return Ok(());
        }
        let activity: MessageId = clock::new_id();
        for event in self.decide(Author::System, &Command::Tell { activity })? {
            self.scribe.channel_told(&event, activity, ChannelLine::ChangeFailed);
        }
        Ok(())
    }

    fn file(&mut self, progress: &FileProgress) -> Result<(), Rejection> {
        self.scribe.outside(progress.account).fetched.push(progress.file);
        let Some(target) = self.grounds.messages.get(&progress.message).cloned() else {
            return Ok(());
        };
        let Some(place) = target.files.iter().position(|file| file.id == progress.file) else {
            return Ok(());
        };
        // Whoever was frozen while it fetched does not take away what another one has brought.
        if progress.came.is_none() && target.files[place].state == FileState::Ready {
            return Ok(());
        }
        let (keys, contact_key) = (self.scribe.recording.keys, self.scribe.after.key.clone());
        let mut message: Message = target;
        let file = &mut message.files[place];
        let came = progress.came.as_ref().map(|came| {
            file.name = came.name.clone();
            file.mime = came.mime.clone();
            file.kind = came.kind;
            file.size = came.size;
            file.width = came.width;
            file.height = came.height;
            file.has_thumbnail = came.has_thumbnail;
            FileAsItCame {
                key: contact_key.wrap(&keys.place(FILE_KEY, progress.file), &came.key),
                name: came.key.seal(&keys.place(FILE_NAME, progress.file), came.name.as_bytes()),
                mime: came.mime.clone(),
                kind: came.kind,
                size: came.size,
                width: came.width,
                height: came.height,
                has_thumbnail: came.has_thumbnail,
            }
        });
        file.state = if came.is_some() { FileState::Ready } else { FileState::Lost };
        let row = CameRow { id: progress.file, came };
        self.scribe.outside(progress.account).came.push(row);
        let command = Command::BringFile { message: message.id };
        for event in self.decide(Author::System, &command)? {
            self.scribe.file_brought(&event, &message);
        }
        Ok(())
    }
}

/// Before a platform has taken a message its state follows what is tried; after that it only
/// moves forward.
fn rightly(before: Option<Delivery>, told: Delivery) -> Delivery {
    match before {
        Some(before)
            if before.state <= DeliveryState::Uncertain
                && told.state <= DeliveryState::Uncertain =>
        {
            told
        }
        before => forward(before, told),
    }
}
