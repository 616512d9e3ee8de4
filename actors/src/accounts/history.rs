//! Messages from before an account was connected: brought page by page, in a job that is taken up
//! where it stopped. A platform that hands them over by webhooks is asked to, and then listened to.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use switchboard_channels::{Event, Handover, HistoryPage, Request};
use switchboard_domain::{AccountId, JobId, WorkspaceId};
use switchboard_store::event::Kind;
use switchboard_store::job::{self as jobs, CURSOR, Job};
use switchboard_store::{Error, Result};
use switchboard_wire::Code;

use super::speaking::{Speaking, bytes};
use crate::rejection::Rejection;
use crate::{Cast, clock};

/// Steps after which people are told how far it is.
const TOLD_EVERY: u32 = 10;
/// Failures in a row after which it is given up.
const FAILURES_MAX: u32 = 6;
const AGAIN: Duration = Duration::from_secs(60);
/// How long the first of what a platform hands over is waited for.
const HANDED_WITHIN: SignedDuration = SignedDuration::from_hours(24);
/// Conversations that are brought.
const THREADS_MAX: usize = 5_000;

/// Where a job has come to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Cursor {
    /// The next page of conversations; none is left when `listed`.
    page: Option<String>,
    listed: bool,
    /// Conversations whose messages are still to be brought, the next one last.
    threads: Vec<String>,
    /// The next page of that conversation.
    thread_page: Option<String>,
    seen: usize,
    failures: u32,
    /// How many of the requests were made by which the platform hands everything over.
    asked: usize,
}

impl Cursor {
    fn is_done(&self) -> bool {
        self.listed && self.threads.is_empty()
    }

    /// Goes on after a page.
    fn follow(&mut self, page: &HistoryPage) {
        self.failures = 0;
        match self.threads.is_empty() {
            true => {
                self.page = page.next.clone();
                let room = THREADS_MAX.saturating_sub(self.seen);
                self.seen += page.threads.len().min(room);
                self.listed = self.page.is_none() || room <= page.threads.len();
                self.threads = page.threads.iter().take(room).rev().cloned().collect();
            }
            false => {
                self.thread_page = page.next.clone();
                if self.thread_page.is_none() {
                    self.threads.pop();
                }
            }
        }
    }
}

/// Brings the account's history to its end, if it is being brought.
pub async fn go_on(it: &Speaking) -> Result<()> {
    let tx = it.shared.store.readers.begin(it.workspace).await?;
    let job = jobs::due(&tx, it.workspace, it.id, clock::now()).await?;
    drop(tx);
    let Some(mut job) = job else { return Ok(()) };
    let mut cursor = open(it, &job)?;
    let mut steps = 0u32;
    while job.state == "running" {
        match step(it, &mut cursor, &mut job).await {
            Ok(()) => {}
            Err(why) => {
                cursor.failures += 1;
                tracing::warn!(job.id = %job.id, why, "a page of history did not come");
                job.due_at = clock::now() + AGAIN;
                if cursor.failures >= FAILURES_MAX {
                    fail(&mut job, why);
                }
            }
        }
        if !save(it, &mut job, &cursor).await? {
            // The account was disconnected meanwhile.
            return Ok(());
        }
        steps += 1;
        if job.state != "running" || steps.is_multiple_of(TOLD_EVERY) {
            it.tell(Kind::AccountChanged).await?;
        }
        if job.due_at > clock::now() {
            break;
        }
        // History is in no hurry, and shares the account's allowance.
        tokio::time::sleep(it.shared.accounts.platforms.history_pause).await;
    }
    Ok(())
}

fn open(it: &Speaking, job: &Job) -> Result<Cursor> {
    let Some(sealed) = &job.cursor else { return Ok(Cursor::default()) };
    let json = it.row.key.open(&it.keys.place(CURSOR, job.id), sealed)?;
    serde_json::from_slice(&json).map_err(|error| Error::Corrupt(error.to_string()))
}

async fn save(it: &Speaking, job: &mut Job, cursor: &Cursor) -> Result<bool> {
    job.cursor = Some(it.row.key.seal(&it.keys.place(CURSOR, job.id), &bytes(cursor)?));
    let tx = it.write().await?;
    let saved = jobs::save(&tx, it.workspace, job, clock::now()).await?;
    tx.commit().await?;
    Ok(saved)
}

async fn step(it: &Speaking, cursor: &mut Cursor, job: &mut Job) -> Result<(), String> {
    let handover = it.platform.handover(&it.credentials);
    if !handover.is_empty() {
        return ask(it, &handover, cursor, job).await;
    }
    if cursor.is_done() {
        job.state = "done".to_owned();
        return Ok(());
    }
    let thread = cursor.threads.last().cloned();
    let page = if thread.is_some() { &cursor.thread_page } else { &cursor.page };
    let request = it.platform.history(&it.credentials, thread.as_deref(), page.as_deref());
    let Some(request) = request else {
        job.state = "done".to_owned();
        return Ok(());
    };
    let reply = it.call(&request).await.map_err(|error| error.to_string())?;
    let page = it
        .platform
        .read_history(&it.credentials, thread.as_deref(), &reply)
        .map_err(|failure| failure.detail.unwrap_or_else(|| failure.code.words().to_owned()))?;
    let events: Vec<Event> = page.events.iter().map(|routed| routed.event.clone()).collect();
    if !events.is_empty() {
        let received = it.cast().receive(it.workspace, it.id, events).await;
        received.map_err(|rejection| rejection.message)?;
    }
    cursor.follow(&page);
    if thread.is_some() && cursor.thread_page.is_none() {
        job.done += 1;
    }
    job.total = cursor.listed.then(|| u32::try_from(cursor.seen).unwrap_or(u32::MAX));
    Ok(())
}

/// Asks for the next of what the platform hands over. How far that is, it tells by webhooks, which
/// put off the end of waiting.
async fn ask(
    it: &Speaking,
    handover: &[Request],
    cursor: &mut Cursor,
    job: &mut Job,
) -> Result<(), String> {
    let Some(request) = handover.get(cursor.asked) else {
        let words = "The platform has handed nothing over. Whoever owns the account may not have \
                     shared its chats.";
        fail(job, words.to_owned());
        return Ok(());
    };
    let reply = it.call(request).await.map_err(|error| error.to_string())?;
    match it.platform.read_handover(&reply) {
        Ok(()) => {}
        Err(Handover::Later(why)) => return Err(why),
        Err(Handover::Never(why)) => {
            tracing::warn!(account.id = %it.id, why, "an account's past is not handed over");
            fail(job, why);
            return Ok(());
        }
    }
    cursor.failures = 0;
    cursor.asked += 1;
    if cursor.asked == handover.len() {
        job.due_at = clock::now() + HANDED_WITHIN;
    }
    Ok(())
}

fn fail(job: &mut Job, why: String) {
    job.state = "failed".to_owned();
    job.note = Some(why);
}

impl Cast {
    /// Begins to have the platform hand over what was said before the account was connected; anew
    /// where that was begun for a former connection.
    pub async fn start_handover(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        let now = clock::now();
        let tx = it.write().await?;
        if !jobs::start(&tx, workspace, clock::new_id(), account, now).await?
            && let Some(mut job) = jobs::due(&tx, workspace, account, Timestamp::MAX).await?
        {
            (job.cursor, job.done, job.total, job.due_at) = (None, 0, None, now);
            jobs::save(&tx, workspace, &job, now).await?;
        }
        tx.commit().await?;
        it.tell(Kind::AccountChanged).await?;
        self.shared.accounts.reload(workspace, account);
        Ok(())
    }

    /// Begins to bring an account's history, unless that is under way.
    pub async fn start_history(
        &self,
        workspace: WorkspaceId,
        account: AccountId,
    ) -> Result<(), Rejection> {
        let it = self.speaking(workspace, account).await?;
        if it.platform.history(&it.credentials, None, None).is_none() {
            let words = "this channel hands out no history";
            return Err(Rejection::new(Code::Refused, words));
        }
        let tx = it.write().await?;
        let id: JobId = clock::new_id();
        let started = jobs::start(&tx, workspace, id, account, clock::now()).await?;
        tx.commit().await?;
        if started {
            it.tell(Kind::AccountChanged).await?;
            self.shared.accounts.reload(workspace, account);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(threads: &[&str], next: Option<&str>) -> HistoryPage {
        HistoryPage {
            events: vec![],
            threads: threads.iter().map(|&thread| thread.to_owned()).collect(),
            next: next.map(str::to_owned),
        }
    }

    #[test]
    fn every_page_of_every_conversation_is_brought_once() {
        let mut cursor = Cursor::default();
        let mut asked = vec![];
        while !cursor.is_done() {
            let thread = cursor.threads.last().cloned();
            let at =
                if thread.is_some() { cursor.thread_page.clone() } else { cursor.page.clone() };
            asked.push((thread.clone(), at.clone()));
            let found = match (thread.as_deref(), at.as_deref()) {
                (None, None) => page(&["a", "b"], Some("2")),
                (None, _) => page(&["c"], None),
                (Some("b"), None) => page(&[], Some("b2")),
                (Some(_), _) => page(&[], None),
            };
            cursor.follow(&found);
        }
        let expected = [
            (None, None),
            (Some("a"), None),
            (Some("b"), None),
            (Some("b"), Some("b2")),
            (None, Some("2")),
            (Some("c"), None),
        ];
        let expected: Vec<_> =
            expected.iter().map(|(t, p)| (t.map(str::to_owned), p.map(str::to_owned))).collect();
        assert_eq!(asked, expected);
    }
}
