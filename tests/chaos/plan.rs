//! What befalls a system and when: a function of a seed, so that it can be had again.

use std::fmt;
use std::time::Duration;

use crate::support::dice::Dice;
use crate::support::proxy::Condition;

/// From the first fault to the last, in milliseconds.
const STORM: u64 = 4_000;
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
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::Kill { node, down } => write!(f, "kill:{node}:{down}"),
            Fault::Drain { node } => write!(f, "drain:{node}"),
            Fault::Freeze { node, outlives_lease: true, .. } => write!(f, "outlive:{node}"),
            Fault::Freeze { node, time, .. } => write!(f, "freeze:{node}:{time}"),
            Fault::KillRedis { down } => write!(f, "kill:redis:{down}"),
            Fault::FreezeRedis { time } => write!(f, "freeze:redis:{time}"),
            Fault::CrashPostgres => write!(f, "crash:postgres"),
            Fault::DropConnections => write!(f, "drop:postgres"),
            Fault::FreezePostgres { time } => write!(f, "freeze:postgres:{time}"),
            Fault::Harm { wire, harm } => {
                let (name, node) = match wire {
                    Wire::Postgres(node) => ("postgres", Some(node)),
                    Wire::Redis(node) => ("redis", Some(node)),
                    Wire::Platforms(node) => ("platforms", Some(node)),
                    Wire::Clients(node) => ("clients", Some(node)),
                    Wire::Hooks => ("hooks", None),
                };
                let node = node.map(|node| format!("-{node}")).unwrap_or_default();
                match harm {
                    Harm::Cut => write!(f, "cut:{name}{node}"),
                    Harm::HalfOpen => write!(f, "half-open:{name}{node}"),
                    Harm::For(Condition::Slow(by), time) => {
                        write!(f, "slow:{name}{node}:{}ms:{time}", by.as_millis())
                    }
                    Harm::For(Condition::Narrow(bytes), time) => {
                        write!(f, "narrow:{name}{node}:{bytes}B/s:{time}")
                    }
                    Harm::For(Condition::Stalled, time) => write!(f, "stall:{name}{node}:{time}"),
                    Harm::For(Condition::Down, time) => write!(f, "down:{name}{node}:{time}"),
                    Harm::For(Condition::Clear, time) => write!(f, "clear:{name}{node}:{time}"),
                }
            }
        }
    }
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
    pub phones: [&'static str; 2],
    /// What happens at the same time as the other lanes: to nodes, to what they share, to wires.
    pub lanes: [Vec<Step>; 3],
    /// For those who write and read.
    pub dice: Dice,
}

impl Plan {
    /// `nodes`: how many, unless the seed is to say.
    pub fn of(seed: u64, nodes: Option<usize>) -> Plan {
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
            phones: [PHONES[one], PHONES[other]],
            lanes: Default::default(),
            dice: dice.split(),
        };
        let mut chance = dice.split();
        plan.lanes = [
            lane(&mut chance, 250..1_300, |dice| plan.of_a_node(dice)),
            lane(&mut chance, 300..1_800, |dice| plan.of_what_is_shared(dice)),
            lane(&mut chance, 50..700, |dice| plan.of_a_wire(dice)),
        ];
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

    pub fn faults(&self) -> usize {
        self.lanes.iter().map(Vec::len).sum()
    }
}

/// Faults one after another, until the storm is over.
fn lane(
    dice: &mut Dice,
    pause: std::ops::Range<u64>,
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
        let text = |seed| format!("{:?}", Plan::of(seed, None));
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn among_many_seeds_is_every_fault_and_none_goes_nowhere() {
        let mut kinds = std::collections::BTreeSet::new();
        for seed in 0..300 {
            let plan = Plan::of(seed, None);
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
            "crash", "cut", "down", "drain", "drop", "freeze", "half", "kill", "narrow", "outlive",
            "slow", "stall",
        ];
        assert!(kinds.iter().eq(expected), "{kinds:?}");
    }
}
