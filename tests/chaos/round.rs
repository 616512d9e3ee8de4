//! One round: a system is started, people talk, things go wrong, all is put right, and what
//! everybody heard and was told is judged.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::faults;
use super::history::{History, Hold, Seen};
use super::line::{Line, Ways, Who};
use super::people::{self, Part, Phase, Tale, Talk};
use super::plan::Plan;
use super::rules;
use super::system::System;
use super::team::Team;
use crate::channels::chaos::verdict::Case;
use crate::channels::chaos::weather;
use crate::support::dice::Dice;
use crate::support::people::Answer;
use crate::support::rows::{Rows, pages};
use crate::support::socket::{PATIENCE, say};
use crate::support::stage::Stage;
use crate::support::{Visitor, database};

const VISITORS: usize = 3;
const STEP: Duration = Duration::from_millis(50);
/// How often it is looked whether all is settled.
const LOOK: Duration = Duration::from_millis(200);

/// What became of a round.
#[derive(Debug, Default)]
pub struct Outcome {
    pub faults: usize,
    pub messages: usize,
    /// How often a reader came back and was given what it had missed, or a snapshot instead.
    pub resumed: usize,
    pub snapshots: usize,
    /// From the moment all was well until everybody had everything.
    pub caught_up: Duration,
    pub wrong: Vec<String>,
    /// Where the nodes' own words are, if anything is wrong.
    pub kept: Option<std::path::PathBuf>,
}

/// `within`: how soon everybody must have everything once all is well again.
pub async fn play(plan: &Plan, within: Duration) -> Outcome {
    let (system, sandbox) = match System::start(plan).await {
        Ok(started) => started,
        Err(why) => return Outcome { wrong: vec![why], ..Outcome::default() },
    };
    let stage = Arc::new(Stage::around(system.world(), sandbox).await);
    let round = Round { plan, within, system: &system, stage: Arc::clone(&stage) };
    let mut outcome = round.play().await;
    drop(round);
    outcome.kept = system.end(!outcome.wrong.is_empty()).await;
    if let Some(stage) = Arc::into_inner(stage) {
        stage.sandbox.stop().await;
    }
    outcome
}

struct Round<'a> {
    plan: &'a Plan,
    within: Duration,
    system: &'a System,
    stage: Arc<Stage>,
}

/// A moment at which everybody had everything.
struct Settled {
    /// The position of that moment. A late receipt may come after it.
    last: u64,
    fetched: Rows,
    talks: Vec<Talk>,
}

/// Those who take part.
struct Cast {
    people: JoinSet<Tale>,
    talks: JoinSet<Talk>,
    team: Team,
    /// By the name of a visitor's log.
    visitors: Vec<(String, Visitor)>,
    /// How far each reader is: the visitors, and then the agents.
    readers: Vec<(String, Arc<AtomicU64>)>,
    phase: watch::Sender<Phase>,
    done: mpsc::Receiver<()>,
    writers: usize,
    /// What of the talks on phones is still waited for.
    unsettled: String,
}

impl Round<'_> {
    async fn play(&self) -> Outcome {
        let mut dice = self.plan.dice.clone();
        let mut cast = self.cast(&mut dice).await;
        let over = AtomicBool::new(false);
        let storm = weather::storm(&self.stage, dice.split(), &over);
        let holds = Arc::new(Mutex::new(Vec::new()));
        let watching =
            tokio::spawn(watch_holds(self.system.postgres.url.clone(), Arc::clone(&holds)));
        let befall = async {
            let done = faults::befall(self.system, self.plan).await;
            over.store(true, Ordering::SeqCst);
            done
        };
        let (faults, ()) = tokio::join!(befall, storm);
        let well = Instant::now();
        let mut outcome = Outcome { faults, ..Outcome::default() };
        let settled = tokio::time::timeout(self.within, self.settle(&mut cast)).await;
        outcome.caught_up = well.elapsed();
        watching.abort();
        let settled = settled.unwrap_or_else(|_| Err(format!("not caught up: {}", cast.waits())));
        match settled {
            Ok(settled) => {
                let mut history = self.history(cast, &settled, &mut outcome).await;
                history.holds = std::mem::take(&mut holds.lock().unwrap());
                outcome.wrong.extend(rules::violations(&history));
                outcome.wrong.extend(self.judge_phones(settled.talks, &history.fetched).await);
            }
            Err(why) => outcome.wrong.push(why),
        }
        outcome
    }

    /// Everybody takes their place while all is well.
    async fn cast(&self, dice: &mut Dice) -> Cast {
        let (stage, world) = (&self.stage, &self.stage.world);
        let mut talks_with = Vec::new();
        for phone in self.plan.phones {
            let platform = phone.split('-').next().unwrap();
            if !talks_with.iter().any(|(known, _): &(&str, String)| known.starts_with(platform)) {
                stage.connect(platform).await;
            }
            talks_with.push((phone, stage.conversation(phone, &people::hello(phone)).await));
        }
        let ben = stage.ana.colleague(world, "Ben", "agent").await;
        let key = stage.ana.widget_key().await;
        let mut visitors = Vec::new();
        for n in 0..VISITORS {
            let visitor = Visitor::boot(world, &key).await;
            visitor.connect(world).await.done(say("hello")).await;
            visitors.push((format!("visitor {n}"), visitor));
        }
        let ways: Ways = self.system.ways.clone().into();
        let worlds = self.system.ways.iter().map(|way| world.seen_at(*way));
        let seats: Vec<_> = worlds.map(|world| stage.ana.at(&world)).collect();
        let (phase, phases) = watch::channel(Phase::Storm);
        let (tell, done) = mpsc::channel(16);
        let mut cast = Cast {
            people: JoinSet::new(),
            talks: JoinSet::new(),
            team: Team { seats, dice: dice.split() },
            readers: vec![],
            visitors,
            phase,
            done,
            writers: 0,
            unsettled: String::new(),
        };
        let part = |name: &str, cast: &mut Cast| {
            let position = Arc::new(AtomicU64::new(0));
            cast.readers.push((name.to_owned(), Arc::clone(&position)));
            Part { phase: phases.clone(), done: tell.clone(), position }
        };
        let conversations: Vec<String> =
            cast.visitors.iter().map(|(_, visitor)| visitor.conversation()).collect();
        for (name, visitor) in cast.visitors.clone() {
            let line = Line::new(&name, Who::Visitor(visitor.token.clone()), &ways, dice.split());
            let part = part(&name, &mut cast);
            let visit = people::visit(line, name, visitor.conversation(), dice.split(), part);
            cast.people.spawn(visit);
        }
        for agent in [&stage.ana, &ben] {
            let name = agent.me["member"]["name"].as_str().unwrap().to_owned();
            let line = Line::new(&name, Who::Agent(agent.cookie.clone()), &ways, dice.split());
            let part = part(&name, &mut cast);
            let (me, conversations) = (agent.id().to_owned(), conversations.clone());
            let attend = people::attend(line, name, me, conversations, dice.split(), part);
            cast.people.spawn(attend);
        }
        let silent = Part {
            phase: phases.clone(),
            done: tell.clone(),
            position: Arc::new(AtomicU64::new(0)),
        };
        let team = Team { seats: cast.team.seats.clone(), dice: dice.split() };
        cast.people.spawn(people::post_twice(
            team,
            "twice".to_owned(),
            conversations,
            dice.split(),
            silent.clone(),
        ));
        for talk in talks_with {
            let (stage, part) = (Arc::clone(stage), silent.clone());
            let team = Team { seats: cast.team.seats.clone(), dice: dice.split() };
            let both = (dice.split(), dice.split());
            cast.talks.spawn(async move { people::talk(&stage, talk, team, both, part).await });
        }
        cast.writers = cast.people.len() + cast.talks.len();
        cast
    }

    /// Waits until everybody has finished, nothing is on its way and everybody has read it all.
    async fn settle(&self, cast: &mut Cast) -> Result<Settled, String> {
        self.system.until_ready().await?;
        let _ = cast.phase.send(Phase::Calm);
        let mut talks = Vec::new();
        while cast.writers > 0 {
            tokio::select! {
                _ = cast.done.recv() => cast.writers -= 1,
                // Nobody leaves before all is over, but who cannot go on.
                Some(Err(died)) = cast.people.join_next() => return Err(words_of(died)),
                Some(talk) = cast.talks.join_next() => talks.push(talk.map_err(words_of)?),
            }
        }
        while let Some(talk) = cast.talks.join_next().await {
            talks.push(talk.map_err(words_of)?);
        }
        for talk in &talks {
            while let Some(left) = unsettled(talk, &mut cast.team).await {
                cast.unsettled = left;
                tokio::time::sleep(LOOK).await;
            }
            cast.unsettled.clear();
        }
        // What would come twice has time to.
        tokio::time::sleep(STEP * 6).await;
        loop {
            let last = self.last().await;
            let agents = cast.readers.iter().skip(VISITORS);
            if agents.map(|(_, at)| at.load(Ordering::SeqCst)).any(|at| at < last) {
                tokio::time::sleep(LOOK).await;
                continue;
            }
            let team = &mut cast.team;
            let none = BTreeMap::new();
            let fetched = Rows::fetch(async |path: &str| team.get(path).await, &none).await;
            if self.last().await == last && cast.visitors_have_all(&fetched) {
                return Ok(Settled { last, fetched, talks });
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn last(&self) -> u64 {
        let sql = "select max(last_seq) from workspaces";
        self.ask(sql).await[0].get::<_, i64>(0) as u64
    }

    /// Asks Postgres without any wire, as soon as it is there.
    async fn ask(&self, sql: &str) -> Vec<tokio_postgres::Row> {
        loop {
            if let Some(superuser) = database::try_superuser(&self.system.postgres.url).await
                && let Ok(rows) = superuser.query(sql, &[]).await
            {
                return rows;
            }
            tokio::time::sleep(STEP).await;
        }
    }

    /// Everybody tells what they heard.
    async fn history(&self, mut cast: Cast, settled: &Settled, outcome: &mut Outcome) -> History {
        let mut history = History { fetched: settled.fetched.clone(), ..History::default() };
        for (name, visitor) in &cast.visitors {
            let get = async |path: &str| patiently(|| visitor.get(path)).await;
            let items = pages(get, "/visitor/messages").await;
            history.fetched_by.insert(name.clone(), items);
        }
        let rows = self.ask("select seq from events order by seq").await;
        let positions = rows.iter().map(|row| row.get::<_, i64>(0) as u64);
        history.positions = positions.filter(|seq| *seq <= settled.last).collect();
        let _ = cast.phase.send(Phase::Over);
        while let Some(tale) = cast.people.join_next().await {
            match tale {
                Ok(tale) => {
                    history.acked.extend(tale.acked);
                    history.changed.extend(tale.changed);
                    history.logs.push(tale.log.until(settled.last));
                }
                Err(died) => outcome.wrong.push(words_of(died)),
            }
        }
        history.acked.extend(settled.talks.iter().flat_map(|talk| talk.acked.clone()));
        history.logs.retain(|log| !log.seen.is_empty());
        outcome.messages = history.fetched.messages.len();
        for seen in history.logs.iter().flat_map(|log| &log.seen) {
            match seen {
                Seen::Welcome { asked: Some(_), snapshot: true } => outcome.snapshots += 1,
                Seen::Welcome { asked: Some(_), snapshot: false } => outcome.resumed += 1,
                _ => {}
            }
        }
        history
    }

    /// What came to the phones, and what is known of it.
    async fn judge_phones(&self, talks: Vec<Talk>, fetched: &Rows) -> Vec<String> {
        let mut wrong = Vec::new();
        for talk in talks {
            let of_it = |one: &&Value| one["conversation"] == *talk.conversation;
            let mut told: Vec<Value> = fetched.messages.values().filter(of_it).cloned().collect();
            told.sort_by_key(|message| message["seq"].as_u64());
            let phone = self.stage.phone(talk.phone).await;
            let case = Case {
                phone: talk.phone.to_owned(),
                said: talk.said,
                posted: talk.posted,
                told,
                thread: phone["thread"].as_array().unwrap().clone(),
            };
            let judged = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| case.check()));
            if let Err(why) = judged {
                wrong.push(words(&*why));
            }
        }
        wrong
    }
}

/// Asks as a client does that is told to come back: now and then a server has just caught up.
async fn patiently(ask: impl AsyncFn() -> Answer) -> Value {
    let begun = Instant::now();
    loop {
        let answer = ask().await;
        if answer.status != 503 || begun.elapsed() > PATIENCE {
            return answer.ok();
        }
        tokio::time::sleep(LOOK).await;
    }
}

impl Cast {
    /// Whether each visitor has heard of everything that was done to its messages.
    fn visitors_have_all(&self, fetched: &Rows) -> bool {
        self.visitors.iter().zip(&self.readers).all(|((_, visitor), (_, at))| {
            let conversation = visitor.conversation();
            let shown = fetched.messages.values().filter(|message| {
                message["conversation"] == *conversation && message["kind"] == "public"
            });
            let newest = shown.filter_map(|message| message["rev"].as_u64()).max();
            newest.is_none_or(|newest| at.load(Ordering::SeqCst) >= newest)
        })
    }

    /// What is still waited for.
    fn waits(&self) -> String {
        let at = |(name, at): &(String, Arc<AtomicU64>)| {
            format!("{name} is at {}", at.load(Ordering::SeqCst))
        };
        let readers: Vec<String> = self.readers.iter().map(at).collect();
        format!("{} still write, {}; {}", self.writers, readers.join(", "), self.unsettled)
    }
}

/// What a customer said that is not there yet, and what was answered of which nothing is known.
async fn unsettled(talk: &Talk, team: &mut Team) -> Option<String> {
    let path = format!("/conversations/{}/messages", talk.conversation);
    let messages = pages(async |path: &str| team.get(path).await, &path).await;
    let is_here = |text: &&String| messages.iter().any(|one| one["text"] == **text);
    let mut left: Vec<String> = talk.said.iter().filter(|text| !is_here(text)).cloned().collect();
    left.extend(messages.iter().filter_map(|one| {
        let state = one["delivery"]["state"].as_str()?;
        matches!(state, "queued" | "sending").then(|| format!("{} is {state}", one["ref"]))
    }));
    (!left.is_empty()).then(|| left.join(", "))
}

/// Looks who holds which account, again and again.
async fn watch_holds(url: String, holds: Arc<Mutex<Vec<Hold>>>) {
    let sql = "select id::text, lease_epoch, lease_node::text from accounts
               where lease_node is not null and lease_until > now() order by id";
    loop {
        // It may be down, as far as this round's faults go.
        let Some(superuser) = database::try_superuser(&url).await else {
            tokio::time::sleep(STEP).await;
            continue;
        };
        while let Ok(rows) = superuser.query(sql, &[]).await {
            let hold = |row: &tokio_postgres::Row| Hold {
                account: row.get(0),
                epoch: row.get(1),
                node: row.get(2),
            };
            holds.lock().unwrap().extend(rows.iter().map(hold));
            tokio::time::sleep(STEP).await;
        }
    }
}

/// Why a task ended.
fn words_of(died: tokio::task::JoinError) -> String {
    match died.try_into_panic() {
        Ok(why) => words(&*why),
        Err(died) => died.to_string(),
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_else(|| "it died".to_owned())
}
