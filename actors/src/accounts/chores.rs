//! What an account needs now and then: a look at its health, a longer life for its token, its
//! templates, its history; and what the platform tells of it.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use switchboard_channels::AccountEvent;
use switchboard_channels::account::{Problem, ProblemKind};
use switchboard_domain::AccountStatus;
use switchboard_store::event::Kind;
use switchboard_store::{Result, job as jobs};

use super::speaking::Speaking;
use super::{health, history, templates, token};
use crate::clock;

/// How often an account is looked at.
const CHECKED_EVERY: SignedDuration = SignedDuration::from_hours(1);
/// A chore that failed is begun again after this long.
const AGAIN: SignedDuration = SignedDuration::from_mins(15);
/// What is asked beyond this is forgotten; the next look at the account finds it out.
const ASKED_MAX: usize = 64;

#[derive(Debug, Clone, PartialEq)]
pub enum Chore {
    Check,
    Renew,
    History,
    /// To act on what the platform told.
    Heed(AccountEvent),
}

/// Which chores are under way, and which are due.
#[derive(Debug, Default)]
pub struct Diary {
    under_way: Vec<Chore>,
    asked: Vec<Chore>,
    checked_at: Option<Timestamp>,
    renewed_at: Option<Timestamp>,
}

impl Diary {
    pub fn ask(&mut self, chore: Chore) {
        if self.asked.len() < ASKED_MAX && !self.asked.contains(&chore) {
            self.asked.push(chore);
        }
    }

    /// The chores to begin now. What is told of an account is heeded one after another.
    pub fn begin(&mut self, it: &Speaking, now: Timestamp) -> Vec<Chore> {
        let mut begun = Vec::new();
        let heeding = self.under_way.iter().any(|chore| matches!(chore, Chore::Heed(_)));
        if !heeding && !self.asked.is_empty() {
            begun.push(self.asked.remove(0));
        }
        let since = |at: Option<Timestamp>| at.map(|at| now.duration_since(at));
        let checked = it.row.checked_at.max(self.checked_at);
        if since(checked).is_none_or(|age| age >= CHECKED_EVERY) && !self.does(&Chore::Check) {
            self.checked_at = Some(now);
            begun.push(Chore::Check);
        }
        let tried = since(self.renewed_at).is_some_and(|age| age < AGAIN);
        if !tried && !self.does(&Chore::Renew) && it.platform.renew(&it.credentials, now).is_some()
        {
            self.renewed_at = Some(now);
            begun.push(Chore::Renew);
        }
        if it.row.status == AccountStatus::Active && !self.does(&Chore::History) {
            begun.push(Chore::History);
        }
        self.under_way.extend(begun.iter().cloned());
        begun
    }

    fn does(&self, chore: &Chore) -> bool {
        self.under_way.contains(chore)
    }

    pub fn ended(&mut self, chore: &Chore) {
        if let Some(position) = self.under_way.iter().position(|known| known == chore) {
            self.under_way.swap_remove(position);
        }
    }

    pub fn wants_more(&self) -> bool {
        !self.asked.is_empty()
    }
}

/// Does a chore. Whether the account is to be loaded again.
pub async fn perform(it: Arc<Speaking>, chore: Chore) -> bool {
    let done = match &chore {
        Chore::Check => health::check(&it, None).await,
        Chore::Renew => token::renew(&it).await,
        Chore::History => history::go_on(&it).await.map(|()| false),
        Chore::Heed(event) => heed(&it, event).await,
    };
    done.unwrap_or_else(|error| {
        tracing::warn!(account.id = %it.id, ?chore, %error, "a chore was not done; later again");
        false
    })
}

async fn heed(it: &Speaking, event: &AccountEvent) -> Result<bool> {
    let problem = |kind, words: &str| Some(Problem { kind, words: words.to_owned() });
    match event {
        AccountEvent::Changed { notice } => health::check(it, notice.clone()).await,
        AccountEvent::Restricted { notice } => {
            let problem = problem(ProblemKind::Restricted, notice);
            it.turn(AccountStatus::Paused, problem).await.map(|()| true)
        }
        AccountEvent::Revoked => {
            let words = "Its owner took our access away. Connect it again.";
            let problem = problem(ProblemKind::Token, words);
            it.turn(AccountStatus::Reconnect, problem).await.map(|()| true)
        }
        AccountEvent::TemplateChanged { .. } => templates::sync(it).await.map(|_| false),
        AccountEvent::HistoryProgress { percent } => {
            note_progress(it, *percent).await.map(|()| false)
        }
    }
}

/// The platform brings the history by itself, and says how far it is.
async fn note_progress(it: &Speaking, percent: u32) -> Result<()> {
    let now = clock::now();
    let tx = it.write().await?;
    jobs::start(&tx, it.workspace, clock::new_id(), it.id, now).await?;
    let running = jobs::due(&tx, it.workspace, it.id, Timestamp::MAX).await?;
    let Some(mut job) = running else { return Ok(()) };
    job.done = percent.min(100).max(job.done);
    job.total = Some(100);
    job.state = if job.done == 100 { "done" } else { "running" }.to_owned();
    // There is nothing for us to do but to listen.
    job.due_at = now + SignedDuration::from_hours(24 * 365);
    jobs::save(&tx, it.workspace, &job, now).await?;
    tx.commit().await?;
    it.tell(Kind::AccountChanged).await
}
