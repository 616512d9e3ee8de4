//! What follows from a call: for its message, for its row, and for the account.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use switchboard_channels::account::ProblemKind;
use switchboard_channels::outgoing::RetryScope;
use switchboard_channels::{Event, ExternalId, Outcome, Peer, Thread, What};
use switchboard_domain::{
    AccountStatus, Author, Delivery, DeliveryState, Failure, FailureCode, SendId,
};
use switchboard_store::Error;
use switchboard_store::send::{self, Postponed};
use switchboard_wire::Code;

use super::queue::Item;
use super::schedule;
use super::sending::Ready;
use super::speaking::{Speaking, problem};
use crate::clock;
use crate::conversation::{Act, Order, Progress};

/// How long a report that could not be stored waits before it is made again.
const REPORT_AGAIN: Duration = Duration::from_millis(500);
const REPORT_AGAIN_MAX: Duration = Duration::from_secs(5);

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

/// What became of a call, and of one whose reply was never heard.
pub(super) enum Called {
    Answered(Outcome),
    Unanswered(String),
}

/// Notes what became of a call.
pub(super) async fn settle(it: &Speaking, ready: &Ready, called: Called) -> (Next, Standing) {
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
    let wait =
        schedule::next_attempt(ready.begun.attempts.saturating_sub(1), asked, clock::chance());
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
        let tx = it.shared.store.readers.begin_by_name(it.workspace).await?;
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
