//! Several nodes' hubs over one log, as Postgres keeps it, with all that may befall what they tell
//! one another: commits land late, hints come early, twice or never, fetches answer with what was
//! there a while ago, nodes die, and clients wander among them.

use proptest::prelude::*;
use switchboard_wire::agent::AgentEvent;
use uuid::Uuid;

use super::*;

const NODES: usize = 3;
const CLIENTS: usize = 4;
/// Events that a fetch brings at most.
const PAGE: u64 = 5;

#[derive(Debug, Clone)]
enum Step {
    /// A node commits so many events. It hears of its own commit later.
    Commit(usize, u64),
    /// The answer to one of a node's commits comes.
    Land(usize, usize),
    /// One of all commits that ever were is told to a node by a hint, as late as it may be.
    Hint(usize, usize),
    /// A node that knows of a gap, or of a position, asks the log.
    Fetch(usize),
    /// The answer to one of its questions comes.
    Answer(usize, usize),
    /// A client comes to a node with what it has had so far.
    Join(usize, usize),
    /// A client reads for a while.
    Read(usize),
    /// Its connection ends, with all that it had not read.
    Leave(usize),
    Die(usize),
}

fn step() -> impl Strategy<Value = Step> {
    let node = || 0..NODES;
    let client = || 0..CLIENTS;
    prop_oneof![
        5 => (node(), 1u64..4).prop_map(|(node, many)| Step::Commit(node, many)),
        5 => (node(), any::<usize>()).prop_map(|(node, which)| Step::Land(node, which)),
        4 => (node(), any::<usize>()).prop_map(|(node, which)| Step::Hint(node, which)),
        3 => node().prop_map(Step::Fetch),
        4 => (node(), any::<usize>()).prop_map(|(node, which)| Step::Answer(node, which)),
        4 => (client(), node()).prop_map(|(client, node)| Step::Join(client, node)),
        5 => client().prop_map(Step::Read),
        2 => client().prop_map(Step::Leave),
        1 => node().prop_map(Step::Die),
    ]
}

/// A run of events, from the first to the last.
type Run = (u64, u64);

fn told((first, last): Run) -> Vec<Told> {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let event = |seq| Told { seq: Seq(seq), at, agents: AgentEvent::Gone, visitor: None };
    (first..=last).map(event).collect()
}

struct Node {
    hub: Hub,
    /// Its commits whose answers are under way.
    commits: Vec<Run>,
    /// What it asked the log for, as the log answered.
    answers: Vec<Run>,
}

#[derive(Default)]
struct Client {
    at: Option<(usize, SessionId, Arc<FrameQueue>)>,
    /// It has had everything up to here.
    had: u64,
}

struct World {
    /// Events in the log.
    log: u64,
    commits: Vec<Run>,
    nodes: Vec<Node>,
    clients: Vec<Client>,
    sessions: u128,
}

impl World {
    fn new() -> World {
        World {
            log: 0,
            commits: vec![],
            nodes: (0..NODES).map(|_| World::node(0)).collect(),
            clients: (0..CLIENTS).map(|_| Client::default()).collect(),
            sessions: 0,
        }
    }

    fn node(log: u64) -> Node {
        Node { hub: Hub::new(Seq(log)), commits: vec![], answers: vec![] }
    }

    fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        match *step {
            Step::Commit(node, many) => {
                let run = (self.log + 1, self.log + many);
                self.log += many;
                self.commits.push(run);
                self.nodes[node].commits.push(run);
            }
            Step::Land(node, which) => {
                let node = &mut self.nodes[node];
                if !node.commits.is_empty() {
                    let run = node.commits.remove(which % node.commits.len());
                    node.hub.ingest(told(run));
                }
            }
            Step::Hint(node, which) => {
                if !self.commits.is_empty() {
                    let run = self.commits[which % self.commits.len()];
                    self.nodes[node].hub.ingest(told(run));
                }
            }
            Step::Fetch(node) => self.fetch(node),
            Step::Answer(node, which) => {
                let node = &mut self.nodes[node];
                if !node.answers.is_empty() {
                    let run = node.answers.remove(which % node.answers.len());
                    node.hub.ingest(told(run));
                }
            }
            Step::Join(client, node) => self.join(client, node),
            Step::Read(client) => self.read(client)?,
            Step::Leave(client) => self.leave(client),
            Step::Die(node) => {
                self.nodes[node] = World::node(self.log);
                for client in &mut self.clients {
                    client.at.take_if(|(at, ..)| *at == node);
                }
            }
        }
        Ok(())
    }

    fn fetch(&mut self, node: usize) {
        let node = &mut self.nodes[node];
        let first = node.hub.last().0 + 1;
        let last = self.log.min(first + PAGE - 1);
        if first <= last {
            node.answers.push((first, last));
        }
    }

    /// As a session comes in: resumed where its cursor is known here, else with a snapshot of the
    /// log as it is.
    fn join(&mut self, client: usize, at: usize) {
        self.leave(client);
        let (client, hub) = (&mut self.clients[client], &mut self.nodes[at].hub);
        self.sessions += 1;
        let id = SessionId(Uuid::from_u128(self.sessions));
        let queue = Arc::new(FrameQueue::new(|| {}));
        let audience = Audience::Agent(MemberId(Uuid::from_u128(self.sessions)));
        if Seq(client.had) > hub.last() {
            client.had = self.log;
        }
        hub.join(id, audience, queue.clone(), Seq(client.had));
        while let CatchUp::Fetch(after) = hub.catch_up(id) {
            let page = (after.0 + 1, self.log.min(after.0 + PAGE));
            hub.feed(id, &told(page));
        }
        client.at = Some((at, id, queue));
    }

    fn read(&mut self, client: usize) -> Result<(), TestCaseError> {
        let client = &mut self.clients[client];
        let Some((_, _, queue)) = &client.at else { return Ok(()) };
        loop {
            let drained = queue.drain();
            for frame in &drained.frames {
                let frame: serde_json::Value = serde_json::from_str(frame).unwrap();
                let seq = frame["seq"].as_u64().unwrap();
                prop_assert_eq!(seq, client.had + 1, "a hole or a double");
                client.had = seq;
            }
            if !drained.more {
                return Ok(());
            }
        }
    }

    fn leave(&mut self, client: usize) {
        if let Some((at, id, _)) = self.clients[client].at.take() {
            self.nodes[at].hub.leave(id);
        }
    }

    /// Every node looks at the log until nothing is left, as it does with each beat.
    fn beat(&mut self) {
        for at in 0..NODES {
            while self.nodes[at].hub.last().0 < self.log {
                self.fetch(at);
                let node = &mut self.nodes[at];
                for run in std::mem::take(&mut node.answers) {
                    node.hub.ingest(told(run));
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn whatever_befalls_nodes_and_hints_every_client_hears_everything_in_order_once(
        steps in prop::collection::vec(step(), 1..160),
    ) {
        let mut world = World::new();
        for step in &steps {
            world.take(step)?;
        }
        world.beat();
        for client in 0..CLIENTS {
            // Whoever is connected stays so; the others come back anywhere.
            if world.clients[client].at.is_none() {
                world.join(client, client % NODES);
            }
            world.read(client)?;
            prop_assert_eq!(world.clients[client].had, world.log, "it has not had everything");
        }
    }
}
