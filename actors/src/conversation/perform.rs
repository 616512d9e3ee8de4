//! Decide, append, apply: one command from beginning to end.

use std::sync::Arc;

use switchboard_domain::conversation::decide;
use switchboard_domain::{Author, ConversationId, Identity, Seq, WorkspaceId};
use switchboard_store::contact as contacts;
use switchboard_store::conversation::{self as conversations, Stored};
use switchboard_store::journal::Outcome;
use switchboard_store::message::{self, Posted};
use switchboard_store::seal::{Key, WorkspaceKeys};
use switchboard_wire::Code;
use switchboard_wire::agent::Done;

use super::prepare::{Prepared, Preparing, is_reference, needs_rows};
use super::progress::{self, News};
use super::receive::receive;
use super::record::{self, Recorded};
use super::{Act, Newcomer, Order};
use crate::rejection::Rejection;
use crate::workspace::Commit;
use crate::{Shared, clock, page, trace};

/// How often a command is decided again after another node moved the conversation.
const DECISIONS_MAX: u32 = 5;

/// Does what `act` asks. Gives the state back as it is afterwards, or `None` when it must be
/// loaded again.
pub async fn perform(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    id: ConversationId,
    mut loaded: Option<Stored>,
    act: Act,
) -> (Option<Stored>, Result<Done, Rejection>) {
    for tried in 0..DECISIONS_MAX {
        match attempt(shared, workspace, id, loaded.take(), &act, tried == 0).await {
            Ok(Attempt::Settled(stored, done)) => return (Some(*stored), Ok(done)),
            Ok(Attempt::Refused(stored, rejection)) => return (Some(*stored), Err(rejection)),
            Ok(Attempt::Unopened(done)) => return (None, Ok(done)),
            Ok(Attempt::Clashed) => metrics::counter!("switchboard_clashes_total").increment(1),
            Err(rejection) => return (None, Err(rejection)),
        }
    }
    (None, Err(Rejection::unavailable()))
}

pub enum Attempt {
    Settled(Box<Stored>, Done),
    Refused(Box<Stored>, Rejection),
    /// Done, and there is no conversation yet.
    Unopened(Done),
    Clashed,
}

pub async fn load(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    id: ConversationId,
) -> Result<Option<Stored>, Rejection> {
    let Some(keys) = shared.store.keys(workspace).await? else { return Ok(None) };
    let tx = shared.store.readers.begin_by_name(workspace).await?;
    Ok(conversations::get(&tx, &keys, workspace, id).await?)
}

async fn attempt(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    id: ConversationId,
    loaded: Option<Stored>,
    act: &Act,
    is_first: bool,
) -> Result<Attempt, Rejection> {
    let keys = page::keys(&shared.store, workspace).await?;
    match &act.order {
        Order::Receive(received) => {
            return receive(shared, &keys, workspace, id, loaded, received, is_first).await;
        }
        Order::Progress(progress) => {
            let news = News::Call(progress);
            return progress::note(shared, &keys, workspace, id, loaded, news).await;
        }
        Order::File(file) => {
            let news = News::File(file);
            return progress::note(shared, &keys, workspace, id, loaded, news).await;
        }
        _ => {}
    }
    let loaded = match loaded {
        Some(stored) => Some(stored),
        None => load(shared, workspace, id).await?,
    };
    let is_new = loaded.is_none();
    let stored = match loaded {
        Some(stored) => stored,
        None => {
            check_identity(shared, &keys, workspace, act).await?;
            opened(id, act)?
        }
    };
    if let (Author::Visitor(contact), false) = (act.author, is_new)
        && stored.state.contact != contact
    {
        return Err(Rejection::not_found("there is no such conversation"));
    }
    let recorded = match decided(shared, &keys, workspace, &stored, is_new, act).await {
        Ok(Some(recorded)) => recorded,
        Ok(None) => return Ok(Attempt::Settled(Box::new(stored), Done::default())),
        Err(rejection) => {
            return match repeated(shared, workspace, act).await? {
                Some(posted) => Ok(Attempt::Settled(Box::new(stored), done_before(posted))),
                // A conversation that never came to be is not remembered.
                None if is_new => Err(rejection),
                None => Ok(Attempt::Refused(Box::new(stored), rejection)),
            };
        }
    };
    commit(shared, workspace, stored, recorded).await
}

/// Decides, and describes what follows. `None` when it was already so.
async fn decided(
    shared: &Arc<Shared>,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    stored: &Stored,
    is_new: bool,
    act: &Act,
) -> Result<Option<Recorded>, Rejection> {
    let prepared = prepared(shared, keys, workspace, stored, act).await?;
    let Some(command) = &prepared.command else { return Ok(None) };
    let now = clock::now();
    let events = decide(now, &stored.state, act.author, command)?;
    if events.is_empty() {
        return Ok(None);
    }
    let names = shared.names.of(&shared.store, workspace).await?;
    let recording = record::Recording {
        keys,
        links: &shared.links,
        names: &names,
        workspace,
        author: act.author,
        now,
    };
    let newcomer = act.newcomer.as_ref().filter(|_| is_new);
    Ok(Some(recording.record(stored, is_new, newcomer, &prepared, &events)))
}

async fn prepared(
    shared: &Arc<Shared>,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    stored: &Stored,
    act: &Act,
) -> Result<Prepared, Rejection> {
    // Most commands need nothing from the store; those are spared the round trip.
    let tx = match needs_rows(&act.order, stored, act.author) {
        true => Some(shared.store.readers.begin_by_name(workspace).await?),
        false => None,
    };
    let preparing = Preparing { tx: tx.as_ref(), keys, workspace, stored, author: act.author };
    preparing.prepare(&act.order).await
}

/// The conversation that a visitor's first message opens. Anything else needs one that exists.
fn opened(id: ConversationId, act: &Act) -> Result<Stored, Rejection> {
    let gone = || Rejection::not_found("there is no such conversation");
    let (Order::Post { .. }, Some(newcomer)) = (&act.order, &act.newcomer) else {
        return Err(gone());
    };
    let Newcomer { contact, details, .. } = newcomer;
    let now = clock::now();
    Ok(Stored {
        state: switchboard_domain::Conversation::new(id, *contact),
        rev: Seq::default(),
        contact_name: details.display_name(*contact),
        person: *contact,
        account: None,
        address: conversations::Address::default(),
        preview: None,
        created_at: now,
        last_activity_at: now,
        key: Key::random(),
    })
}

/// One whom the business vouches for may have written from another device since this visitor's
/// token was given. A person has one conversation, so the token is refused; the next boot gives
/// one for that conversation.
async fn check_identity(
    shared: &Arc<Shared>,
    keys: &WorkspaceKeys,
    workspace: WorkspaceId,
    act: &Act,
) -> Result<(), Rejection> {
    let Some(Newcomer { contact, user_id: Some(user_id), .. }) = &act.newcomer else {
        return Ok(());
    };
    let tx = shared.store.readers.begin_by_name(workspace).await?;
    let identity = Identity::User(user_id.clone());
    match contacts::find(&tx, keys, workspace, &identity).await? {
        Some(known) if known != *contact => {
            let words = "this person has written from another device; boot again";
            Err(Rejection::new(Code::Unauthenticated, words))
        }
        _ => Ok(()),
    }
}

/// What this post's `ref` has led to already: a repetition is answered as the first time, even
/// when its files are taken and its quotation gone by now.
async fn repeated(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    act: &Act,
) -> Result<Option<Posted>, Rejection> {
    let (Order::Post { reference, .. }, Some(author)) = (&act.order, author_id(act.author)) else {
        return Ok(None);
    };
    if !is_reference(reference) {
        return Ok(None);
    }
    let tx = shared.store.readers.begin_by_name(workspace).await?;
    Ok(message::by_reference(&tx, workspace, author, reference).await?)
}

fn author_id(author: Author) -> Option<uuid::Uuid> {
    match author {
        Author::Visitor(id) => Some(id.into()),
        Author::Agent(id) => Some(id.into()),
        Author::System | Author::Elsewhere => None,
    }
}

pub async fn commit(
    shared: &Arc<Shared>,
    workspace: WorkspaceId,
    mut stored: Stored,
    recorded: Recorded,
) -> Result<Attempt, Rejection> {
    let Recorded { append, drafts, after, done } = recorded;
    let events = append.events.len() as u64;
    let outside = append.outside.as_deref();
    let work = outside.filter(|o| !o.sends.is_empty() || !o.fetches.is_empty()).map(|o| o.account);
    let hub = shared.open_workspace(workspace).await?;
    let outcome = hub
        .send(Commit { append, drafts, trace: trace::current() })
        .await
        .map_err(|_| Rejection::unavailable())??;
    match outcome {
        Outcome::Done { first } => {
            let rev = stored.rev;
            stored = after;
            // Without an event the row is as it was.
            stored.rev = if events == 0 { rev } else { Seq(first.0 + events - 1) };
            if let Some(account) = work {
                shared.accounts.wake(workspace, account);
            }
            let done = Done { seq: Some(stored.rev), ..done };
            Ok(Attempt::Settled(Box::new(stored), done))
        }
        // The one case in which what was posted may be elsewhere than the state says.
        Outcome::Repeated(posted) if posted.conversation != stored.state.id => {
            Err(Rejection::new(Code::Conflict, "this ref was used in another conversation"))
        }
        // It exists after all: load it, and answer from there.
        Outcome::Repeated(_) if stored.rev == Seq::default() => Ok(Attempt::Clashed),
        Outcome::Repeated(posted) => Ok(Attempt::Settled(Box::new(stored), done_before(posted))),
        Outcome::Clash => Ok(Attempt::Clashed),
        Outcome::Fenced => {
            Err(Rejection::new(Code::Gone, "this account is spoken for elsewhere by now"))
        }
    }
}

fn done_before(posted: Posted) -> Done {
    Done {
        seq: Some(posted.seq),
        message: Some(posted.message),
        conversation: Some(posted.conversation),
        n: posted.n,
    }
}
