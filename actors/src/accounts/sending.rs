//! One row's call: prepared, made, and what became of it told to its conversation.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard_channels::account::ProblemKind;
use switchboard_channels::outgoing::RetryScope;
use switchboard_channels::{Event, ExternalId, Outcome, Part, Peer, Sending, Thread, What};
use switchboard_domain::window::{Form, Permit, Voice, permit};
use switchboard_domain::{
    AccountStatus, AttachmentId, Author, Delivery, DeliveryState, Failure, FailureCode, MessageId,
    SendId,
};
use switchboard_store::conversation::{self as conversations, Stored};
use switchboard_store::seal::Key;
use switchboard_store::send::{self, Begun, Postponed};
use switchboard_store::{Error, Result, Tx, attachment, external, message as messages};
use switchboard_wire::Code;

use super::http::{CallError, Caller};
use super::queue::Item;
use super::schedule;
use super::speaking::{Speaking, problem};
use crate::clock;
use crate::conversation::{Act, Order, Progress};
use crate::links::Variant;

/// How long a report that could not be stored waits before it is made again.
const REPORT_AGAIN: Duration = Duration::from_millis(500);
const REPORT_AGAIN_MAX: Duration = Duration::from_secs(5);

/// A row with all that its call needs.
pub struct Ready {
    begun: Begun,
    stored: Stored,
    part: Part,
    targets: Vec<ExternalId>,
    target_is_theirs: bool,
    /// When the comment was written that is answered privately.
    commented_at: Option<Timestamp>,
    files: HashMap<AttachmentId, Key>,
}

impl Ready {
    pub fn id(&self) -> SendId {
        self.begun.id
    }
}

/// What follows from a call for the row's place in the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    Done,
    /// Done, and the platform has taken it.
    Sent,
    /// To be called again then; or, when uncertain, to be given up then.
    Again {
        at: Timestamp,
        uncertain: bool,
    },
    /// The account is another node's by now.
    Lost,
}

/// What follows from a call for the whole account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Fine,
    /// Every call fails for now; nothing is sent before this moment.
    Failing {
        until: Timestamp,
    },
    /// Nothing is sent until someone does something about it.
    Stopped,
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
        files: HashMap::new(),
        part,
    };
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
    let asked = std::time::Instant::now();
    let called = call(&it, &ready).await;
    metrics::histogram!("switchboard_sends_seconds").record(asked.elapsed().as_secs_f64());
    settle(&it, &ready, called).await
}

/// What became of a call, and of one whose reply was never heard.
enum Called {
    Answered(Outcome),
    Unanswered(String),
}

async fn call(it: &Speaking, ready: &Ready) -> Called {
    let dead = |failure| Called::Answered(Outcome::Dead(failure));
    let Some(permit) = permitted(ready) else {
        return dead(Failure::new(FailureCode::WindowClosed));
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
        Ok(reply) => Called::Answered(it.platform.outcome(&sending, &reply)),
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

/// Windows may have closed since it was posted.
fn permitted(ready: &Ready) -> Option<Permit> {
    let voice = if ready.begun.automatic { Voice::Machine } else { Voice::Person };
    let form = match (&ready.part, ready.commented_at) {
        (Part::Template { .. }, _) => Form::Template,
        (Part::PrivateReply { .. }, Some(commented_at)) => Form::PrivateReply { commented_at },
        (Part::PrivateReply { .. }, None) => return None,
        _ => Form::Free,
    };
    let state = &ready.stored.state;
    permit(clock::now(), state.venue, state.peer.wrote_at, voice, form).ok()
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
        Caller { workspace: it.workspace, credentials: &it.credentials, files: &self.files }
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

async fn settle(it: &Speaking, ready: &Ready, called: Called) -> (Next, Standing) {
    count(&called);
    let outcome = match called {
        Called::Answered(outcome) => outcome,
        Called::Unanswered(why) => {
            tracing::warn!(send.id = %ready.id(), why, "a message may or may not have been sent");
            return (doubt(it, ready).await, Standing::Fine);
        }
    };
    match outcome {
        Outcome::Sent { ids } => {
            let next = tell(it, ready, DeliveryState::Sent, None, ids).await;
            (if next == Next::Done { Next::Sent } else { next }, Standing::Fine)
        }
        // A platform that answers a part with a file's name has not sent it.
        Outcome::Uploaded { .. } => {
            let failure = Failure::because(FailureCode::Refused, "an unexpected answer");
            (tell(it, ready, DeliveryState::Failed, Some(failure), vec![]).await, Standing::Fine)
        }
        Outcome::Dead(failure) => {
            (tell(it, ready, DeliveryState::Failed, Some(failure), vec![]).await, Standing::Fine)
        }
        Outcome::Retry { after, why, scope } => retry(it, ready, after, why, scope).await,
        Outcome::Reconnect(failure) => {
            let problem = problem(ProblemKind::Token, &failure);
            stop(it, ready, AccountStatus::Reconnect, problem).await
        }
        Outcome::Restricted(failure) => {
            let problem = problem(ProblemKind::Restricted, &failure);
            stop(it, ready, AccountStatus::Paused, problem).await
        }
        Outcome::Moved { key } => moved(it, ready, key).await,
    }
}

fn count(called: &Called) {
    let outcome = match called {
        Called::Unanswered(_) => "unanswered",
        Called::Answered(Outcome::Sent { .. } | Outcome::Uploaded { .. }) => "sent",
        Called::Answered(Outcome::Dead(_)) => "failed",
        Called::Answered(Outcome::Retry { .. } | Outcome::Moved { .. }) => "again",
        Called::Answered(Outcome::Reconnect(_) | Outcome::Restricted(_)) => "stopped",
    };
    metrics::counter!("switchboard_sends_total", "outcome" => outcome).increment(1);
}

/// It may have been sent: its conversation waits for a sign of it, for a while.
async fn doubt(it: &Speaking, ready: &Ready) -> Next {
    let at = later(it.shared.accounts.platforms.uncertain_grace);
    let next = postpone(it, ready.id(), Postponed::Uncertain, at).await;
    if matches!(next, Next::Again { .. }) {
        // Nobody need wait for this to be told: the row says it as well.
        let progress = ready.progress(it, DeliveryState::Sending, None, vec![], true);
        let _ = report(it, ready.begun.conversation, progress).await;
    }
    next
}

async fn retry(
    it: &Speaking,
    ready: &Ready,
    after: Option<u32>,
    why: Failure,
    scope: RetryScope,
) -> (Next, Standing) {
    let counted = scope == RetryScope::Conversation;
    let age = clock::now().duration_since(ready.begun.created_at).unsigned_abs();
    let exhausted = counted && ready.begun.attempts >= schedule::ATTEMPTS_MAX;
    let asked = after.map(|seconds| Duration::from_secs(seconds.into()));
    let wait = schedule::next_attempt(ready.begun.attempts - 1, asked, clock::chance());
    let standing = match scope {
        RetryScope::Account => Standing::Failing { until: later(asked.unwrap_or_default()) },
        RetryScope::Conversation => Standing::Fine,
    };
    if exhausted || age + wait > schedule::AGE_MAX {
        let next = tell(it, ready, DeliveryState::Failed, Some(why), vec![]).await;
        return (next, standing);
    }
    tracing::debug!(send.id = %ready.id(), code = ?why.code, "a call is made again later");
    (postpone(it, ready.id(), Postponed::Again { counted }, later(wait)).await, standing)
}

/// The account cannot send: the row waits for someone to see to it.
async fn stop(
    it: &Speaking,
    ready: &Ready,
    status: AccountStatus,
    problem: switchboard_channels::account::Problem,
) -> (Next, Standing) {
    let again = Postponed::Again { counted: false };
    let next = postpone(it, ready.id(), again, clock::now()).await;
    if let Err(error) = it.turn(status, Some(problem)).await {
        tracing::warn!(account.id = %it.id, %error, "an account's state was not noted");
    }
    (next, Standing::Stopped)
}

/// The thread goes on under another name: noted as if the platform had told it.
async fn moved(it: &Speaking, ready: &Ready, key: String) -> (Next, Standing) {
    let address = &ready.stored.address;
    let thread = Thread {
        keys: [vec![key], address.keys.clone()].concat(),
        venue: ready.stored.state.venue,
        peer: Peer { address: address.data.clone(), ..Peer::default() },
    };
    let what = What::Renamed { was: address.keys.clone() };
    let event = Event { at: clock::now(), thread: Some(thread), what };
    if let Err(rejection) = it.cast().receive(it.workspace, it.id, vec![event]).await {
        tracing::warn!(send.id = %ready.id(), %rejection, "a thread's new name was not noted");
    }
    let wait = schedule::next_attempt(ready.begun.attempts, None, 0.5);
    let again = Postponed::Again { counted: true };
    (postpone(it, ready.id(), again, later(wait)).await, Standing::Fine)
}

async fn tell(
    it: &Speaking,
    ready: &Ready,
    state: DeliveryState,
    failure: Option<Failure>,
    ids: Vec<ExternalId>,
) -> Next {
    let progress = ready.progress(it, state, failure, ids, false);
    report(it, ready.begun.conversation, progress).await
}

impl Ready {
    fn progress(
        &self,
        it: &Speaking,
        state: DeliveryState,
        failure: Option<Failure>,
        ids: Vec<ExternalId>,
        keep: bool,
    ) -> Progress {
        Progress {
            send: self.begun.id,
            account: it.id,
            epoch: it.epoch,
            message: self.begun.message,
            part: self.begun.part,
            posts: self.begun.posts,
            last: self.begun.last,
            ids,
            delivery: Delivery { state, failure },
            keep,
        }
    }
}

/// Gives up on a row that may have been sent: nothing has shown that it was.
pub async fn give_up(it: Arc<Speaking>, item: Item) -> Next {
    let standing = async {
        let tx = it.shared.store.readers.begin(it.workspace).await?;
        send::standing(&tx, it.workspace, &[item.id]).await
    };
    let row = match standing.await {
        Ok(rows) => rows.into_iter().next(),
        Err(error) => {
            tracing::debug!(%error, "an uncertain call could not be looked at");
            return Next::Again { at: later(REPORT_AGAIN), uncertain: true };
        }
    };
    let Some(row) = row else { return Next::Done };
    let progress = Progress {
        send: row.id,
        account: it.id,
        epoch: it.epoch,
        message: row.message,
        part: row.part,
        posts: row.posts,
        last: row.last,
        ids: vec![],
        delivery: Delivery { state: DeliveryState::Uncertain, failure: None },
        keep: false,
    };
    report(&it, item.conversation, progress).await
}

/// Tells the conversation what became of a call, until that is stored: the call was made, and
/// cannot be taken back.
async fn report(
    it: &Speaking,
    conversation: switchboard_domain::ConversationId,
    progress: Progress,
) -> Next {
    let act =
        Act { author: Author::System, order: Order::Progress(Arc::new(progress)), newcomer: None };
    let mut wait = REPORT_AGAIN;
    loop {
        match it.cast().act(it.workspace, conversation, act.clone()).await {
            Ok(_) => return Next::Done,
            Err(rejection) if rejection.code == Code::Gone => return Next::Lost,
            Err(rejection) => {
                tracing::warn!(conversation.id = %conversation, %rejection, "a report waits");
            }
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(REPORT_AGAIN_MAX);
    }
}

/// Lets a row wait, until that is stored.
pub async fn postpone(it: &Speaking, id: SendId, what: Postponed, at: Timestamp) -> Next {
    let mut wait = REPORT_AGAIN;
    loop {
        let stored = async {
            let tx = it.shared.store.writers.begin(it.workspace).await?;
            let there = send::postpone(&tx, it.workspace, it.id, it.epoch, id, what, at).await?;
            tx.commit().await?;
            Ok::<_, Error>(there)
        };
        match stored.await {
            Ok(true) => return Next::Again { at, uncertain: what == Postponed::Uncertain },
            // Settled by a receipt meanwhile, or not ours any more: the next look tells which.
            Ok(false) => return Next::Done,
            Err(error) => tracing::warn!(send.id = %id, %error, "a call's delay waits"),
        }
        tokio::time::sleep(wait).await;
        wait = (wait * 2).min(REPORT_AGAIN_MAX);
    }
}

fn later(wait: Duration) -> Timestamp {
    let now = clock::now();
    now.checked_add(wait).unwrap_or(now)
}
