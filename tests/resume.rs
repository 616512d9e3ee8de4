//! A client can never silently miss anything: what it had plus what it is sent equals what it
//! would fetch anew.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;

use crate::support::rows::{Rows, upsert};
use crate::support::socket::{reply, say};
use crate::support::{Agent, Socket, Visitor, World};

#[derive(Debug, Clone)]
enum Step {
    VisitorSays(usize),
    AgentSays(usize),
    Note(usize),
    Edit(usize, usize),
    Delete(usize, usize),
    React(usize, usize, bool),
    Status(usize, u8),
    Assign(usize, bool),
    Label(usize, bool),
    Mark(usize, u8),
    Rename(usize),
    NewLabel,
    RemoveLabel,
    /// The observer loses its connection.
    Drop,
    /// And comes back.
    Resume,
}

fn step() -> impl Strategy<Value = Step> {
    let who = 0..3usize;
    prop_oneof![
        6 => who.clone().prop_map(Step::VisitorSays),
        4 => who.clone().prop_map(Step::AgentSays),
        2 => who.clone().prop_map(Step::Note),
        2 => (who.clone(), 0..9usize).prop_map(|(w, m)| Step::Edit(w, m)),
        1 => (who.clone(), 0..9usize).prop_map(|(w, m)| Step::Delete(w, m)),
        2 => (who.clone(), 0..9usize, any::<bool>()).prop_map(|(w, m, on)| Step::React(w, m, on)),
        2 => (who.clone(), 0..3u8).prop_map(|(w, s)| Step::Status(w, s)),
        1 => (who.clone(), any::<bool>()).prop_map(|(w, on)| Step::Assign(w, on)),
        1 => (who.clone(), any::<bool>()).prop_map(|(w, on)| Step::Label(w, on)),
        2 => (who.clone(), 0..9u8).prop_map(|(w, n)| Step::Mark(w, n)),
        1 => who.prop_map(Step::Rename),
        1 => Just(Step::NewLabel),
        1 => Just(Step::RemoveLabel),
        2 => Just(Step::Drop),
        3 => Just(Step::Resume),
    ]
}

/// One workspace, three visitors and an observer that comes and goes.
struct Stage {
    ana: Agent,
    visitors: Vec<(Visitor, Socket)>,
    actor: Socket,
    labels: Vec<String>,
    own: Vec<Vec<String>>,
    names: usize,
}

impl Stage {
    async fn new(world: &World) -> Stage {
        let ana = Agent::sign_up(world, "Ana").await;
        let key = ana.widget_key().await;
        let mut visitors = Vec::new();
        for _ in 0..3 {
            let visitor = Visitor::boot(world, &key).await;
            let mut socket = visitor.connect(world).await;
            socket.done(say("hello")).await;
            visitors.push((visitor, socket));
        }
        let actor = ana.connect(world).await;
        Stage { ana, visitors, actor, labels: vec![], own: vec![vec![]; 3], names: 0 }
    }

    /// Does a step. Refusals are fine: what is refused changes nothing.
    async fn act(&mut self, step: &Step) {
        let conversation = |stage: &Stage, who: usize| stage.visitors[who].0.conversation();
        match step {
            Step::VisitorSays(who) => {
                self.visitors[*who].1.done(say("from the visitor")).await;
            }
            Step::AgentSays(who) | Step::Note(who) => {
                let kind = if matches!(step, Step::Note(_)) { "note" } else { "public" };
                let command = reply(&conversation(self, *who), kind, "from the team");
                let done = self.actor.done(command).await;
                self.own[*who].push(done["message"].as_str().unwrap().to_owned());
            }
            Step::Edit(who, at) | Step::Delete(who, at) | Step::React(who, at, _) => {
                let Some(message) = self.own[*who].get(*at).cloned() else { return };
                let conversation = conversation(self, *who);
                let mut command = json!({"conversation": conversation, "message": message});
                match step {
                    Step::Edit(..) => {
                        self.names += 1;
                        command["type"] = json!("edit");
                        command["text"] = json!(format!("edited {}", self.names));
                    }
                    Step::Delete(..) => command["type"] = json!("delete"),
                    Step::React(_, _, on) => {
                        command["type"] = json!("react");
                        command["emoji"] = json!("🎉");
                        command["on"] = json!(on);
                    }
                    _ => unreachable!(),
                }
                self.actor.ask(command).await;
            }
            Step::Status(who, status) => {
                let state = ["open", "pending", "resolved"][usize::from(*status)];
                let command = json!({"type": "set_status", "conversation": conversation(self, *who),
                    "status": {"state": state}});
                self.actor.done(command).await;
            }
            Step::Assign(who, on) => {
                let member = on.then(|| self.ana.id().to_owned());
                let command = json!({"type": "assign", "conversation": conversation(self, *who),
                    "member": member});
                self.actor.done(command).await;
            }
            Step::Label(who, on) => {
                let side = if *on { "add" } else { "remove" };
                let mut command =
                    json!({"type": "label", "conversation": conversation(self, *who)});
                command[side] = json!(self.labels.iter().take(2).collect::<Vec<_>>());
                self.actor.done(command).await;
            }
            Step::Mark(who, n) => {
                let command = json!({"type": "mark", "conversation": conversation(self, *who),
                    "delivered": n, "read": n / 2});
                self.actor.done(command).await;
            }
            Step::Rename(who) => {
                self.names += 1;
                let id = &self.visitors[*who].0.id;
                let body = json!({"name": format!("Renamed {}", self.names)});
                self.ana.patch(&format!("/contacts/{id}"), body).await.ok();
            }
            Step::NewLabel => {
                self.names += 1;
                let body = json!({"name": format!("label {}", self.names), "color": "#3366cc"});
                let label = self.ana.post("/labels", body).await.ok();
                self.labels.push(label["id"].as_str().unwrap().to_owned());
            }
            Step::RemoveLabel => {
                if let Some(label) = self.labels.pop() {
                    self.ana.delete(&format!("/labels/{label}")).await.ok();
                }
            }
            Step::Drop | Step::Resume => {}
        }
    }
}

/// Plays a history with an observer that comes and goes; then compares what it holds with what
/// REST gives.
async fn play(world: &World, steps: &[Step]) -> (Rows, Rows) {
    let mut stage = Stage::new(world).await;
    let mut rows = Rows::default();
    let mut observer = Some(stage.ana.connect(world).await);
    let first = observer.as_ref().unwrap();
    rows.snapshot(&first.snapshot);
    for row in rows.conversations.keys() {
        let page = stage.ana.get(&format!("/conversations/{row}/messages")).await.ok();
        for message in page["items"].as_array().unwrap() {
            upsert(&mut rows.messages, message);
        }
    }
    let (epoch, mut after) = (first.epoch.clone(), first.seq);
    for step in steps {
        match step {
            // What had arrived unread is lost with the connection.
            Step::Drop => observer = None,
            Step::Resume if observer.is_none() => {
                observer = Some(resume(world, &stage.ana, &epoch, after).await);
            }
            step => stage.act(step).await,
        }
        if let Some(socket) = &mut observer
            && matches!(step, Step::Resume)
        {
            after = catch_up(socket, &stage.ana, after, &mut rows).await;
        }
    }
    let mut socket = match observer {
        Some(socket) => socket,
        None => resume(world, &stage.ana, &epoch, after).await,
    };
    catch_up(&mut socket, &stage.ana, after, &mut rows).await;
    let fetched = {
        let get = async |path: &str| stage.ana.get(path).await.ok();
        Rows::fetch(get, &rows.contacts).await
    };
    (rows, fetched)
}

async fn resume(world: &World, ana: &Agent, epoch: &str, after: u64) -> Socket {
    let mut socket = ana.dial(world).await;
    socket.greet(json!({"type": "hello", "epoch": epoch, "after": after})).await;
    assert_eq!(socket.welcome["snapshot"], false);
    socket
}

/// Applies events until the position the server is at now; each must be the next.
async fn catch_up(socket: &mut Socket, ana: &Agent, mut after: u64, rows: &mut Rows) -> u64 {
    let mut target = after;
    loop {
        let page = ana.get(&format!("/events?after={target}&limit=500")).await.ok();
        match page["events"].as_array().unwrap().last() {
            Some(event) => target = event["seq"].as_u64().unwrap(),
            None => break,
        }
    }
    while after < target {
        let event = socket.event(|_| true).await;
        let seq = event["seq"].as_u64().unwrap();
        if seq <= after {
            continue;
        }
        assert_eq!(seq, after + 1, "a gap");
        after = seq;
        rows.apply(&event);
    }
    after
}

#[test]
fn a_snapshot_and_its_events_equal_a_refetch() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::start());
    let config = Config { cases: 24, max_shrink_iters: 40, ..Config::default() };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&prop::collection::vec(step(), 5..60), |steps| {
        let (held, fetched) = runtime.block_on(play(&world, &steps));
        let differences = held.differences(&fetched);
        prop_assert!(differences.is_empty(), "{}", differences.join("\n"));
        Ok(())
    });
    runtime.block_on(world.stop());
    result.unwrap();
}

#[tokio::test]
async fn a_position_that_is_too_old_or_of_another_history_gets_a_snapshot() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let epoch = ana.connect(&world).await.epoch.clone();
    for hello in [
        json!({"type": "hello", "epoch": "another", "after": 0}),
        json!({"type": "hello", "epoch": epoch, "after": 999_999}),
        json!({"type": "hello", "epoch": epoch}),
    ] {
        let mut socket = ana.dial(&world).await;
        socket.greet(hello).await;
        assert_eq!(socket.welcome["snapshot"], true);
    }
    world.stop().await;
}

#[tokio::test]
async fn a_visitor_resumes_with_what_it_missed_and_nothing_else() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let key = ana.widget_key().await;
    let (visitor, other) = (Visitor::boot(&world, &key).await, Visitor::boot(&world, &key).await);
    let mut socket = visitor.connect(&world).await;
    let first = socket.done(say("hello")).await;
    socket.posted("hello").await;
    let (epoch, after) = (socket.epoch.clone(), socket.seq);
    drop(socket);

    other.connect(&world).await.done(say("not yours")).await;
    let mut agent = ana.connect(&world).await;
    let conversation = visitor.conversation();
    agent.done(reply(&conversation, "note", "hidden")).await;
    agent.done(reply(&conversation, "public", "missed")).await;
    let react = json!({"type": "react", "conversation": conversation,
        "message": first["message"], "emoji": "👍", "on": true});
    agent.done(react).await;

    let mut socket = Socket::dial(&world, "/ws/visitor", &[]).await;
    let hello = json!({"type": "hello", "token": visitor.token, "epoch": epoch, "after": after});
    socket.greet(hello).await;
    assert_eq!(socket.welcome["snapshot"], false);
    let frames = socket.until_beat().await;
    let changes: Vec<_> =
        frames.iter().filter(|f| f["event"] == "message").map(|f| f["change"].clone()).collect();
    assert_eq!(changes, ["posted", "reacted"]);
    let all = format!("{frames:?}");
    assert!(!all.contains("hidden") && !all.contains("not yours"), "{all}");
    world.stop().await;
}

#[tokio::test]
async fn events_that_are_too_old_are_dropped_and_who_needed_them_gets_a_snapshot() {
    let world = World::start().await;
    let ana = Agent::sign_up(&world, "Ana").await;
    let visitor = Visitor::boot(&world, &ana.widget_key().await).await;
    let mut socket = visitor.connect(&world).await;
    let epoch = socket.epoch.clone();
    for n in 0..3 {
        socket.done(say(&format!("old {n}"))).await;
    }
    let config = world.database.parse().unwrap();
    let later = jiff::Timestamp::from_second(
        i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap() + 200 * 86_400,
    )
    .unwrap();
    let dropped = switchboard_store::partition::maintain(&config, later).await.unwrap();
    assert_eq!(dropped, 3, "the months that are over");
    socket.done(say("new")).await;

    let gone = ana.get("/events?after=0").await;
    assert_eq!((gone.status, gone.code()), (410, "gone"));
    // The hub learns of it with its next look at the position.
    let snapshot = loop {
        socket.until_beat().await;
        let mut late = ana.dial(&world).await;
        late.greet(json!({"type": "hello", "epoch": epoch, "after": 1})).await;
        if late.welcome["snapshot"] == true {
            break late.snapshot.clone();
        }
    };
    assert_eq!(snapshot["conversations"][0]["last_n"], 4, "messages stay");
    world.stop().await;
}
