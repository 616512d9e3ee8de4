//! Faults as a round's line tells them.

use std::fmt;

use super::{Fault, Harm, Wire};
use crate::support::network::{Loss, Lost, Peer};
use crate::support::proxy::Condition;

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
            Fault::Partition { node, from, lost, time } => {
                let from = match from {
                    None => "all",
                    Some(Peer::Clients) => "clients",
                    Some(Peer::Postgres) => "postgres",
                    Some(Peer::Redis) => "redis",
                    Some(Peer::Platforms) => "platforms",
                };
                let way = match lost {
                    Lost::Both => "",
                    Lost::Sent => ":sent",
                    Lost::Received => ":received",
                };
                write!(f, "partition:{node}:{from}{way}:{time}")
            }
            Fault::Loss { node, loss: Loss { percent, delay }, time } => {
                write!(f, "loss:{node}:{percent}%:{delay}ms:{time}")
            }
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
