use std::collections::BTreeMap;

use proptest::prelude::*;
use switchboard_domain::WorkspaceId;
use uuid::Uuid;

use super::*;

const LEASE: Duration = Duration::from_secs(16);
/// A second in milliseconds, as steps count them.
const SECOND: u64 = 1_000;

fn account(n: u128) -> AccountId {
    AccountId(Uuid::from_u128(n))
}

fn held(n: u128, epoch: u64) -> Held {
    Held { workspace: WorkspaceId(Uuid::nil()), account: account(n), epoch }
}

#[test]
fn a_hold_ends_before_the_lease_does() {
    let start = Instant::now();
    let hold = Hold::new(LEASE);
    assert!(!hold.right(account(1), 1).lasts(start));
    let asked = start + Duration::from_secs(100);
    hold.renewed(asked, &[held(1, 1)]);
    let end = asked + LEASE - LEASE / MARGIN;
    let just_before = end - Duration::from_millis(1);
    assert!(hold.right(account(1), 1).lasts(just_before));
    assert!(!hold.right(account(1), 1).lasts(end));
    // An answer that comes late does not shorten what a later one has lengthened.
    hold.renewed(start, &[held(1, 1)]);
    assert!(hold.right(account(1), 1).lasts(just_before));
}

#[test]
fn whoever_lost_one_account_and_renewed_the_others_has_lost_the_one() {
    let start = Instant::now();
    let hold = Hold::new(LEASE);
    hold.renewed(start, &[held(1, 1), held(2, 1)]);
    let later = start + 2 * LEASE;
    hold.renewed(later, &[held(2, 1)]);
    assert!(!hold.right(account(1), 1).lasts(later));
    assert!(hold.right(account(2), 1).lasts(later));
    // Taken again, it is held under another number.
    hold.renewed(later, &[held(1, 3)]);
    assert!(!hold.right(account(1), 1).lasts(later));
    assert!(hold.right(account(1), 3).lasts(later));
}

/// What the database knows of one account: its rules are those of `claim_accounts` and its like.
#[derive(Debug, Default)]
struct Row {
    node: Option<usize>,
    epoch: u64,
    until: u64,
}

/// What a node asked, with its own time then, until it hears the answer.
#[derive(Debug)]
struct Asked {
    at: u64,
    held: Vec<Held>,
}

#[derive(Debug, Clone)]
enum Step {
    /// A node asks: the database renews and gives, and the answer is under way.
    Ask(usize),
    /// The database answers a question of a while ago.
    Hear(usize),
    /// A node lets go of everything.
    Leave(usize),
    /// A node is killed and starts anew under another name; its row still names the dead one.
    Die(usize),
    /// Whoever is frozen through this sees its clock jump as everybody's does.
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0usize..3).prop_map(Step::Ask),
        4 => (0usize..3).prop_map(Step::Hear),
        1 => (0usize..3).prop_map(Step::Leave),
        1 => (0usize..3).prop_map(Step::Die),
        4 => (0u64..25 * SECOND).prop_map(Step::Pass),
        4 => (0u64..4 * SECOND).prop_map(Step::Pass),
    ]
}

/// Three nodes, one database, three accounts, and time.
struct Model {
    start: Instant,
    now: u64,
    rows: BTreeMap<u128, Row>,
    /// Which node of all that ever were is at each place.
    names: [usize; 3],
    holds: [Hold; 3],
    asked: [Vec<Asked>; 3],
    /// Numbers that each node was told it holds, and has not been told otherwise of.
    known: [Vec<Held>; 3],
    named: usize,
}

impl Model {
    fn new() -> Model {
        Model {
            start: Instant::now(),
            now: 0,
            rows: (0..3).map(|n| (n, Row::default())).collect(),
            names: [0, 1, 2],
            holds: [(); 3].map(|()| Hold::new(LEASE)),
            asked: Default::default(),
            known: Default::default(),
            named: 3,
        }
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn take(&mut self, step: &Step) {
        let lease = u64::try_from(LEASE.as_millis()).unwrap();
        match *step {
            Step::Ask(place) => {
                let (name, now) = (self.names[place], self.now);
                let mut given = Vec::new();
                for (n, row) in &mut self.rows {
                    // Renewed where it is this node's still; taken where it is nobody's.
                    if row.node != Some(name) {
                        if row.node.is_some() && row.until >= now {
                            continue;
                        }
                        row.epoch += 1;
                    }
                    (row.node, row.until) = (Some(name), now + lease);
                    given.push(held(*n, row.epoch));
                }
                self.asked[place].push(Asked { at: now, held: given });
            }
            Step::Hear(place) => {
                let Some(asked) = self.asked[place].pop() else { return };
                self.holds[place].renewed(self.at(asked.at), &asked.held);
                self.known[place].extend(asked.held);
            }
            Step::Leave(place) => {
                let name = self.names[place];
                // A call that is being prepared may be there still. No question is: it asks no more.
                self.holds[place].all_ended();
                self.asked[place].clear();
                for row in self.rows.values_mut().filter(|row| row.node == Some(name)) {
                    row.node = None;
                }
            }
            Step::Die(place) => {
                self.names[place] = self.named;
                self.named += 1;
                self.holds[place] = Hold::new(LEASE);
                self.asked[place].clear();
                self.known[place].clear();
            }
            Step::Pass(ms) => self.now += ms,
        }
    }

    /// Those that may speak for an account now.
    fn speakers(&self, n: u128) -> usize {
        let now = self.at(self.now);
        (0..3)
            .filter(|place| {
                let numbers = self.known[*place].iter().filter(|one| one.account == account(n));
                let mut rights =
                    numbers.map(|one| self.holds[*place].right(one.account, one.epoch));
                rights.any(|right| right.lasts(now))
            })
            .count()
    }
}

proptest! {
    /// Nodes ask, hear late or in another order, leave, die and freeze: at no time may two of them
    /// speak for one account.
    #[test]
    fn never_may_two_nodes_speak_for_an_account(
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut model = Model::new();
        for step in &steps {
            model.take(step);
            for n in 0..3 {
                prop_assert!(model.speakers(n) <= 1, "two speak for {} at {}", n, model.now);
            }
        }
    }
}
