//! What befalls a system and when: a function of a seed, so that it can be had again.

mod words;

use std::ops::Range;
use std::time::Duration;

use super::node::LEASE_SECONDS;
use crate::support::dice::Dice;
use crate::support::network::{Loss, Lost, Peer};
use crate::support::proxy::Condition;

/// From the first fault to the last, in milliseconds.
const STORM: u64 = 4_000;
/// Longer than anybody waits for an answer of Postgres, and than Postgres for a node's, in
/// milliseconds.
const LONGER_THAN_ANYBODY_WAITS: Range<u64> = 22_000..28_000;
/// Customers write from two of these.
const PHONES: [&str; 8] = [
    "whatsapp-ana",
    "whatsapp-ben",
    "messenger-ana",
    "messenger-ben",
    "instagram-ana",
    "instagram-ben",
    "telegram-ana",
    "telegram-ben",
];

/// A wire between two programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wire {
    /// From a node to Postgres.
    Postgres(usize),
    /// From a node to Redis.
    Redis(usize),
    /// From a node to the platforms.
    Platforms(usize),
    /// From clients to a node.
    Clients(usize),
    /// From the platforms to whichever node takes their webhooks.
    Hooks,
}

/// What happens to a wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Harm {
    /// Its connections are reset.
    Cut,
    /// Its connections stay, and carry nothing any more.
    HalfOpen,
    /// It is like this for so many milliseconds.
    For(Condition, u64),
}

/// One thing that goes wrong. Times are milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `kill -9`; started again after this long.
    Kill {
        node: usize,
        down: u64,
    },
    /// Asked to leave, and started again when it has.
    Drain {
        node: usize,
    },
    /// Stopped for less time than anybody would notice, or for longer than it holds its accounts.
    Freeze {
        node: usize,
        time: u64,
        outlives_lease: bool,
    },
    KillRedis {
        down: u64,
    },
    FreezeRedis {
        time: u64,
    },
    /// All of Postgres dies without a word, and comes back.
    CrashPostgres,
    /// Every connection to Postgres is ended by Postgres.
    DropConnections,
    FreezePostgres {
        time: u64,
    },
    Harm {
        wire: Wire,
        harm: Harm,
    },
    /// Packets between a node and this peer, or everybody, are lost, and nobody is told.
    Partition {
        node: usize,
        from: Option<Peer>,
        lost: Lost,
        time: u64,
    },
    /// Some of a node's packets are lost, and the others are late.
    Loss {
        node: usize,
        loss: Loss,
        time: u64,
    },
}

/// A fault, and how long after the one before it in its lane, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub pause: u64,
    pub fault: Fault,
}

/// How Redis fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bus {
    /// There is one node, and none is needed.
    None,
    /// It is there but when a fault says otherwise.
    There,
    /// It dies with the first fault and does not come back.
    Gone,
}

/// Everything that a round decides.
#[derive(Debug, Clone)]
pub struct Plan {
    pub seed: u64,
    pub nodes: usize,
    pub bus: Bus,
    /// Whether there is a network between nodes and all else, whose packets can be lost.
    pub network: bool,
    pub phones: [&'static str; 2],
    /// What happens at the same time as the other lanes: to nodes, to what they share, to wires, and
    /// to the network if there is one.
    pub lanes: Vec<Vec<Step>>,
    /// For those who write and read.
    pub dice: Dice,
}

impl Plan {
    /// `nodes`: how many, unless the seed is to say. With a network the same goes wrong as without,
    /// and more.
    pub fn of(seed: u64, nodes: Option<usize>, network: bool) -> Plan {
        let mut dice = Dice::new(seed);
        let nodes = nodes.unwrap_or(2 + dice.within(0..2) as usize);
        let bus = match dice.one_in(5) {
            _ if nodes == 1 => Bus::None,
            true => Bus::Gone,
            false => Bus::There,
        };
        let one = dice.within(0..PHONES.len() as u64) as usize;
        let other = (one + 1 + dice.within(0..PHONES.len() as u64 - 1) as usize) % PHONES.len();
        let mut plan = Plan {
            seed,
            nodes,
            bus,
            network,
            phones: [PHONES[one], PHONES[other]],
            lanes: vec![],
            dice: dice.split(),
        };
        let mut chance = dice.split();
        plan.lanes = vec![
            lane(&mut chance, 250..1_300, |dice| plan.of_a_node(dice)),
            lane(&mut chance, 300..1_800, |dice| plan.of_what_is_shared(dice)),
            lane(&mut chance, 50..700, |dice| plan.of_a_wire(dice)),
        ];
        if network {
            plan.lanes.push(plan.of_the_network(&mut chance));
        }
        plan
    }

    fn node(&self, dice: &mut Dice) -> usize {
        dice.within(0..self.nodes as u64) as usize
    }

    fn of_a_node(&self, dice: &mut Dice) -> Fault {
        let node = self.node(dice);
        match dice.within(0..8) {
            0..=2 => Fault::Kill { node, down: dice.within(0..600) },
            3 => Fault::Drain { node },
            4 | 5 => Fault::Freeze { node, time: dice.within(100..900), outlives_lease: false },
            _ => Fault::Freeze { node, time: 0, outlives_lease: true },
        }
    }

    fn of_what_is_shared(&self, dice: &mut Dice) -> Fault {
        let of_redis = self.bus == Bus::There && dice.one_in(2);
        match (of_redis, dice.within(0..4)) {
            (true, 0 | 1) => Fault::FreezeRedis { time: dice.within(100..1_500) },
            (true, _) => Fault::KillRedis { down: dice.within(0..1_000) },
            (false, 0) => Fault::CrashPostgres,
            (false, 1) => Fault::FreezePostgres { time: dice.within(100..1_200) },
            (false, _) => Fault::DropConnections,
        }
    }

    fn of_a_wire(&self, dice: &mut Dice) -> Fault {
        let node = self.node(dice);
        let wire = match dice.within(0..12) {
            0..=3 => Wire::Postgres(node),
            4..=5 if self.bus == Bus::There => Wire::Redis(node),
            4..=8 => Wire::Clients(node),
            9..=10 => Wire::Platforms(node),
            _ => Wire::Hooks,
        };
        let time = dice.within(100..1_000);
        let harm = match dice.within(0..12) {
            0..=2 => Harm::Cut,
            // Whoever waits for a database that says nothing waits longest.
            3 if matches!(wire, Wire::Postgres(_)) && dice.one_in(2) => Harm::HalfOpen,
            3 if !matches!(wire, Wire::Postgres(_)) => Harm::HalfOpen,
            4..=5 => Harm::For(Condition::Down, time),
            6..=7 => Harm::For(Condition::Stalled, time),
            8..=9 => Harm::For(Condition::Narrow(dice.within(20..200) as u32 * 1_024), time),
            _ => Harm::For(Condition::Slow(Duration::from_millis(dice.within(5..60))), time),
        };
        Fault::Harm { wire, harm }
    }

    fn of_the_network(&self, dice: &mut Dice) -> Vec<Step> {
        // Where no receipt is heard of, messages go to a phone one in five seconds: what is said in
        // such a time would take minutes.
        let long = dice.one_in(6) && self.bus != Bus::Gone;
        if !long {
            return lane(dice, 100..900, |dice| self.of_a_link(dice));
        }
        let from = if dice.one_in(2) { None } else { Some(Peer::Postgres) };
        let (node, time) = (self.node(dice), dice.within(LONGER_THAN_ANYBODY_WAITS));
        let fault = Fault::Partition { node, from, lost: Lost::Both, time };
        vec![Step { pause: dice.within(100..STORM), fault }]
    }

    fn of_a_link(&self, dice: &mut Dice) -> Fault {
        let node = self.node(dice);
        if dice.one_in(4) {
            let loss = Loss { percent: dice.within(2..30), delay: dice.within(2..40) };
            return Fault::Loss { node, loss, time: dice.within(300..1_500) };
        }
        let from = match dice.within(0..10) {
            0..=3 => None,
            4..=6 => Some(Peer::Postgres),
            7..=8 if self.bus == Bus::There => Some(Peer::Redis),
            7..=8 => Some(Peer::Platforms),
            _ => Some(Peer::Clients),
        };
        let lost = match dice.within(0..6) {
            0 => Lost::Sent,
            1 => Lost::Received,
            _ => Lost::Both,
        };
        let lease = LEASE_SECONDS * 1_000;
        let time = if dice.one_in(4) { lease..lease + 1_000 } else { 100..1_200 };
        Fault::Partition { node, from, lost, time: dice.within(time) }
    }

    pub fn faults(&self) -> usize {
        self.lanes.iter().map(Vec::len).sum()
    }
}

/// Faults one after another, until the storm is over.
fn lane(
    dice: &mut Dice,
    pause: Range<u64>,
    mut fault: impl FnMut(&mut Dice) -> Fault,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut at = 0;
    loop {
        let step = Step { pause: dice.within(pause.clone()), fault: fault(dice) };
        at += step.pause + step.fault.lasts();
        if at > STORM {
            return steps;
        }
        steps.push(step);
    }
}

impl Fault {
    /// About how long it takes, in milliseconds.
    fn lasts(&self) -> u64 {
        match *self {
            Fault::Kill { down, .. } | Fault::KillRedis { down } => down,
            Fault::Freeze { outlives_lease: true, .. } => 2_000,
            Fault::Freeze { time, .. }
            | Fault::FreezeRedis { time }
            | Fault::FreezePostgres { time }
            | Fault::Partition { time, .. }
            | Fault::Loss { time, .. }
            | Fault::Harm { harm: Harm::For(_, time), .. } => time,
            Fault::Drain { .. } | Fault::CrashPostgres => 500,
            Fault::DropConnections | Fault::Harm { .. } => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_says_everything_and_another_says_something_else() {
        for network in [false, true] {
            let text = |seed| format!("{:?}", Plan::of(seed, None, network));
            assert_eq!(text(7), text(7));
            assert_ne!(text(7), text(8));
        }
    }

    #[test]
    fn with_a_network_the_same_goes_wrong_and_more() {
        for seed in 0..30 {
            let (without, with) = (Plan::of(seed, None, false), Plan::of(seed, None, true));
            assert_eq!(without.lanes, with.lanes[..without.lanes.len()]);
            assert!(with.faults() > without.faults());
        }
    }

    #[test]
    fn among_many_seeds_is_every_fault_and_none_goes_nowhere() {
        let mut kinds = std::collections::BTreeSet::new();
        for seed in 0..300 {
            let plan = Plan::of(seed, None, true);
            assert!((2..=3).contains(&plan.nodes) && plan.faults() > 3);
            assert_ne!(plan.phones[0], plan.phones[1]);
            for step in plan.lanes.iter().flatten() {
                let name = step.fault.to_string();
                let node = name.rsplit_once('-').and_then(|(_, node)| node[..1].parse().ok());
                assert!(node.is_none_or(|node: usize| node < plan.nodes), "{name}");
                kinds.insert(name.split([':', '-']).next().unwrap().to_owned());
            }
        }
        let expected = [
            "crash",
            "cut",
            "down",
            "drain",
            "drop",
            "freeze",
            "half",
            "kill",
            "loss",
            "narrow",
            "outlive",
            "partition",
            "slow",
            "stall",
        ];
        assert!(kinds.iter().eq(expected), "{kinds:?}");
    }
}
