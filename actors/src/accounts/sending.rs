//! One row's call: prepared, made, and what became of it told to its conversation.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use switchboard_channels::outgoing::RetryScope;
use switchboard_channels::{ExternalId, Outcome, Part, Sending, connection_of};
use switchboard_domain::window::{Form, Permit, Voice, permit};
use switchboard_domain::{
    Access, AttachmentId, Author, Failure, FailureCode, MessageId, Refusal, SendId,
};
use switchboard_store::conversation::{self as conversations, Stored};
use switchboard_store::seal::Key;
use switchboard_store::send::{self, Begun};
use switchboard_store::{
    Error, Result, Tx, attachment, business_connection, external, message as messages,
};

use super::business;
use super::http::{CallError, Caller};
use super::queue::Item;
use super::settling::{Called, Next, Standing, settle};
use super::speaking::Speaking;
use crate::links::Variant;
use crate::{clock, trace};

/// A row with all that its call needs.
pub struct Ready {
    pub(super) begun: Begun,
    pub(super) stored: Stored,
    part: Part,
    targets: Vec<ExternalId>,
    target_is_theirs: bool,
    /// When the comment was written that is answered privately.
    commented_at: Option<Timestamp>,
    /// What those allow through whose account it goes; `None` where nothing is known of that.
    access: Option<Access>,
    files: HashMap<AttachmentId, Key>,
}

impl Ready {
    pub fn id(&self) -> SendId {
        self.begun.id
    }
}

/// Marks rows as being sent and loads what their calls need. Rows that are gone are not among
/// them. `None` when the account is another node's by now.
pub async fn begin(it: &Speaking, items: &[Item]) -> Result<Option<Vec<Ready>>> {
    let tx = it.shared.store.writers.begin(it.workspace).await?;
    let ids: Vec<SendId> = items.iter().map(|item| item.id).collect();
    let now = clock::now();
    let begun = send::begin(&tx, it.workspace, it.id, it.epoch, &ids, now).await?;
    let Some(begun) = begun else { return Ok(None) };
    let wanted: Vec<_> = begun.iter().map(|begun| begun.conversation).collect();
    let stored = conversations::many(&tx, &it.keys, it.workspace, &wanted).await?;
    let stored: HashMap<_, _> = stored.into_iter().map(|one| (one.state.id, one)).collect();
    let mut ready = Vec::with_capacity(begun.len());
    for begun in begun {
        let missing = || Error::Corrupt(format!("{} without its conversation", begun.id));
        let stored = stored.get(&begun.conversation).cloned().ok_or_else(missing)?;
        ready.push(load(it, &tx, begun, stored).await?);
    }
    tx.commit().await?;
    Ok(Some(ready))
}

async fn load(it: &Speaking, tx: &Tx, begun: Begun, stored: Stored) -> Result<Ready> {
    let payload = send::open_payload(&it.keys, &stored.key, begun.id, &begun.payload)?;
    let part: Part = serde_json::from_slice(&payload)
        .map_err(|error| Error::Corrupt(format!("{} cannot be read: {error}", begun.id)))?;
    let mut ready = Ready {
        begun,
        stored,
        targets: vec![],
        target_is_theirs: false,
        commented_at: None,
        access: None,
        files: HashMap::new(),
        part,
    };
    if let Some(id) = connection_of(&ready.stored.address.data) {
        ready.access = business_connection::access(tx, &it.keys, it.workspace, it.id, id).await?;
    }
    if let Some(target) = ready.part.target() {
        ready.targets = names(it, tx, target).await?;
        if let Some(target) = messages::get(tx, &it.keys, it.workspace, target).await? {
            ready.target_is_theirs = matches!(target.author, Author::Visitor(_));
            ready.commented_at = Some(target.sent_at.unwrap_or(target.created_at));
        }
    }
    for file in ready.part.files() {
        if let Some(found) = attachment::get(tx, &it.keys, it.workspace, file.id).await? {
            ready.files.insert(file.id, found.key);
        }
    }
    Ok(ready)
}

/// What the platform calls a message, its parts in order.
async fn names(it: &Speaking, tx: &Tx, message: MessageId) -> Result<Vec<ExternalId>> {
    let names = external::names(tx, &it.keys, &it.row.key, it.workspace, it.id, message).await?;
    Ok(names.into_iter().map(ExternalId).collect())
}

/// Makes the call and sees to it that what became of it is noted.
pub async fn send(it: Arc<Speaking>, ready: Ready) -> (Next, Standing) {
    let span = it.begin("account.send", ready.begun.trace);
    let sending = async {
        let asked = std::time::Instant::now();
        let called = call(&it, &ready).await;
        metrics::histogram!("switchboard_sends_seconds").record(asked.elapsed().as_secs_f64());
        settle(&it, &ready, called).await
    };
    trace::within(span.trace(), sending).await
}

async fn call(it: &Speaking, ready: &Ready) -> Called {
    let dead = |failure| Called::Answered(Outcome::Dead(failure));
    let connection = connection_of(&ready.stored.address.data);
    let access = match (connection, ready.access) {
        (Some(id), None) => business::look(it, id).await,
        (_, access) => access.unwrap_or_default(),
    };
    let permit = match permitted(ready, access) {
        Ok(permit) => permit,
        Err(failure) => return dead(failure),
    };
    if ready.part.needs_target() && ready.targets.is_empty() {
        return dead(Failure::new(FailureCode::TargetGone));
    }
    let correlation = format!("{}.{}", ready.begun.message, ready.begun.part);
    let urls = urls(it, ready);
    let mut uploads: Vec<Option<String>> = vec![None; ready.part.files().len()];
    for position in 0..uploads.len() {
        let sending = ready.sending(it, permit, &correlation, &uploads, &urls);
        let Some(request) = it.platform.upload(&sending, position) else { continue };
        match it.shared.accounts.http().call(ready.caller(it), &request).await {
            Ok(reply) => match it.platform.upload_outcome(&reply) {
                Outcome::Uploaded { handle } => uploads[position] = Some(handle),
                other => return Called::Answered(other),
            },
            // An upload that is made twice is seen by nobody.
            Err(CallError::Impossible(why)) => {
                return dead(Failure::because(FailureCode::FileRejected, why));
            }
            Err(error) => return Called::Answered(unreached(&error)),
        }
    }
    let sending = ready.sending(it, permit, &correlation, &uploads, &urls);
    let request = match it.platform.write(&sending) {
        Ok(request) => request,
        Err(failure) => return dead(failure),
    };
    match it.shared.accounts.http().call(ready.caller(it), &request).await {
        Ok(reply) if ready.begun.posts && it.platform.leaves_open(&reply) => {
            Called::Unanswered(format!("status {}", reply.status))
        }
        Ok(reply) => {
            let outcome = it.platform.outcome(&sending, &reply);
            // What we know of it is not so any more.
            if let (Some(id), Outcome::Dead(failure)) = (connection, &outcome)
                && failure.code == FailureCode::Permission
            {
                business::look(it, id).await;
            }
            Called::Answered(outcome)
        }
        Err(CallError::Impossible(why)) => dead(Failure::because(FailureCode::Refused, why)),
        Err(CallError::Unanswered(why)) if ready.begun.posts => Called::Unanswered(why),
        // What only says something about a message comes to the same when it is said twice.
        Err(error) => Called::Answered(unreached(&error)),
    }
}

fn unreached(error: &CallError) -> Outcome {
    Outcome::Retry {
        after: None,
        why: Failure::because(FailureCode::PlatformDown, error.to_string()),
        scope: RetryScope::Account,
    }
}

/// Windows may have closed since it was posted, and connections been switched off.
fn permitted(ready: &Ready, access: Access) -> std::result::Result<Permit, Failure> {
    let voice = if ready.begun.automatic { Voice::Machine } else { Voice::Person };
    let form = match (&ready.part, ready.commented_at) {
        (Part::Template { .. }, _) => Form::Template,
        (Part::PrivateReply { .. }, Some(commented_at)) => Form::PrivateReply { commented_at },
        (Part::PrivateReply { .. }, None) => return Err(Failure::new(FailureCode::WindowClosed)),
        _ => Form::Free,
    };
    let state = &ready.stored.state;
    let wrote_at = state.peer.wrote_at;
    permit(clock::now(), state.venue, access, wrote_at, voice, form).map_err(
        |refusal| match refusal {
            Refusal::SwitchedOff | Refusal::MayNotReply => {
                Failure::because(FailureCode::Permission, refusal.to_string())
            }
            _ => Failure::new(FailureCode::WindowClosed),
        },
    )
}

/// Addresses from which the platform may fetch files, where it can reach us.
fn urls(it: &Speaking, ready: &Ready) -> Vec<Option<String>> {
    let reachable = it.shared.accounts.platforms.can_reach_us();
    let (now, links) = (clock::now(), &it.shared.links);
    let url = |id| links.attachment_url(now, it.workspace, id, Variant::Full);
    ready.part.files().iter().map(|file| reachable.then(|| url(file.id))).collect()
}

impl Ready {
    fn caller<'a>(&'a self, it: &'a Speaking) -> Caller<'a> {
        it.caller(&self.files)
    }

    fn sending<'a>(
        &'a self,
        it: &'a Speaking,
        permit: Permit,
        correlation: &'a str,
        uploads: &'a [Option<String>],
        urls: &'a [Option<String>],
    ) -> Sending<'a> {
        Sending {
            credentials: &it.credentials,
            venue: self.stored.state.venue,
            thread: &self.stored.address.keys,
            address: &self.stored.address.data,
            permit,
            part: &self.part,
            targets: &self.targets,
            target_is_theirs: self.target_is_theirs,
            correlation,
            uploads,
            urls,
        }
    }
}
