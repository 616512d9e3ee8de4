//! A network of a round's own, whose packets can be lost.
//!
//! Each node lives in a namespace; so does the router between them and this machine, where Postgres,
//! Redis, the platforms and the clients are, each at an address of its own. What is to be lost is
//! lost in the router: it drops packets without a word, by `ip rule … blackhole`. Nobody is told, as
//! when a cable is pulled somewhere on the way: no reset, no acknowledgement, no carrier lost.

mod means;
mod namespace;

use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

pub use means::means;
use namespace::{Namespace, done, ip};

/// A link from this machine to a network is named by this, the process that made it and a letter:
/// fifteen letters at most, and processes' numbers have up to seven digits.
const PREFIX: &str = "sbchaos";
const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz";
/// A network for each third byte of 198.18.0.0/15, which is set apart for trials (RFC 2544).
const SUBNETS: u32 = 512;
/// The last byte of the router's address, and of the first node's.
const ROUTER: u8 = 254;
const FIRST_NODE: u8 = 16;
/// What comes one way is carried also while the way back is blocked: hence no `rp_filter`.
const FORWARD: &str = "cd /proc/sys/net/ipv4 && echo 1 > ip_forward && \
    for way in all default; do echo 0 > conf/$way/rp_filter; done";
/// Without netem, everything is lost for a part of this time, again and again.
const BURST: Duration = Duration::from_millis(200);

/// Whom nodes speak with, by the last byte of its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Peer {
    /// The first: what comes from this machine comes from here.
    Clients = 1,
    Postgres = 2,
    Redis = 3,
    Platforms = 4,
}

const PEERS: [Peer; 4] = [Peer::Clients, Peer::Postgres, Peer::Redis, Peer::Platforms];

/// Which packets of a node are lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Those that it sends.
    Sent,
    /// Those that are sent to it.
    Received,
    Both,
}

/// How bad a node's link is, each way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// Of a hundred packets so many are lost.
    pub percent: u64,
    /// The others come later by this many milliseconds, more or less by half.
    pub delay: u64,
}

/// It is gone, with all its links, when this is dropped.
pub struct Network {
    veth: Veth,
    subnet: u32,
    router: Namespace,
    nodes: Vec<Namespace>,
    /// Whether links lose and delay packets by netem.
    netem: bool,
}

impl Network {
    /// For so many nodes; if not, because this machine does not permit it.
    pub async fn of(nodes: usize) -> Result<Network, String> {
        Network::made(nodes, means().await?.netem).await
    }

    async fn made(nodes: usize, netem: bool) -> Result<Network, String> {
        let router = Namespace::make().await?;
        let mut forward = router.inside("sh");
        forward.args(["-c", FORWARD]);
        done(forward, "").await?;
        let veth = Veth::to(&router).await?;
        let subnet = veth.claim().await?;
        let mut network = Network { veth, subnet, router, nodes: vec![], netem };
        network.address_this_machine().await?;
        for _ in 0..nodes {
            network.add().await?;
        }
        Ok(network)
    }

    async fn address_this_machine(&self) -> Result<(), String> {
        let link = &self.veth.0;
        let addresses =
            PEERS.map(|peer| format!("addr add {}/32 dev {link}\n", self.of_peer(peer)));
        ip(None, &addresses.concat()).await?;
        let (router, peers) = (self.at(ROUTER), self.at(0));
        let lines = format!(
            "addr add {router}/32 dev uplink\nlink set uplink up\nroute add {peers}/28 dev uplink\n"
        );
        ip(Some(&self.router), &lines).await
    }

    /// One more node, with a link to the router.
    async fn add(&mut self) -> Result<(), String> {
        let n = self.nodes.len();
        let node = Namespace::make().await?;
        let (router, address, pid) = (self.at(ROUTER), self.of_node(n), node.pid());
        let there = format!(
            "link add node{n} type veth peer name uplink netns {pid}\n\
             addr add {router}/32 dev node{n}\nlink set node{n} up\n\
             route add {address}/32 dev node{n}\n"
        );
        ip(Some(&self.router), &there).await?;
        let here = format!(
            "link set lo up\naddr add {address}/32 dev uplink\nlink set uplink up\n\
             route add {router}/32 dev uplink\nroute add default via {router} dev uplink\n"
        );
        ip(Some(&node), &here).await?;
        self.nodes.push(node);
        Ok(())
    }

    fn at(&self, last: u8) -> Ipv4Addr {
        let [_, _, high, low] = self.subnet.to_be_bytes();
        Ipv4Addr::new(198, 18 + high, low, last)
    }

    fn of_peer(&self, peer: Peer) -> Ipv4Addr {
        self.at(peer as u8)
    }

    fn of_node(&self, node: usize) -> Ipv4Addr {
        self.at(FIRST_NODE + node as u8)
    }

    /// Where nodes reach a peer.
    pub fn peer(&self, peer: Peer) -> IpAddr {
        self.of_peer(peer).into()
    }

    /// Where a node is reached.
    pub fn node(&self, node: usize) -> IpAddr {
        self.of_node(node).into()
    }

    /// A program that is to run where this node lives.
    pub fn inside(&self, node: usize, program: impl AsRef<OsStr>) -> Command {
        self.nodes[node].inside(program)
    }

    /// From now on packets between a node and this peer, or everybody, are lost.
    pub async fn part(&self, node: usize, from: Option<Peer>, lost: Lost) {
        let (node_is, [sent, received]) = (self.of_node(node), rules_of(node));
        let peer = from.map(|peer| self.of_peer(peer));
        let lines = [
            (lost != Lost::Received).then(|| {
                let to = peer.map(|peer| format!("to {peer}")).unwrap_or_default();
                format!("rule add pref {sent} from {node_is} {to} blackhole\n")
            }),
            (lost != Lost::Sent).then(|| {
                let from = peer.map(|peer| format!("from {peer}")).unwrap_or_default();
                format!("rule add pref {received} {from} to {node_is} blackhole\n")
            }),
        ];
        let lines: String = lines.into_iter().flatten().collect();
        ip(Some(&self.router), &lines).await.expect("packets are lost");
    }

    /// No packet of this node is lost any more.
    pub async fn join(&self, node: usize, lost: Lost) {
        let [sent, received] = rules_of(node);
        let prefs = match lost {
            Lost::Sent => vec![sent],
            Lost::Received => vec![received],
            Lost::Both => vec![sent, received],
        };
        let lines: String = prefs.iter().map(|pref| format!("rule del pref {pref}\n")).collect();
        ip(Some(&self.router), &lines).await.expect("packets come again");
    }

    /// A node's link is bad for this long. Where the kernel cannot do that, everything is lost for
    /// as large a share of the time, in short bursts, and nothing is late.
    pub async fn lose(&self, node: usize, loss: Loss, time: Duration) {
        if self.netem {
            self.netem(node, Some(loss)).await;
            tokio::time::sleep(time).await;
            self.netem(node, None).await;
            return;
        }
        let until = Instant::now() + time;
        let lost = BURST.mul_f64(loss.percent as f64 / 100.0);
        while Instant::now() < until {
            self.part(node, None, Lost::Both).await;
            tokio::time::sleep(lost).await;
            self.join(node, Lost::Both).await;
            tokio::time::sleep(BURST - lost).await;
        }
    }

    async fn netem(&self, node: usize, loss: Option<Loss>) {
        let here =
            [(&self.nodes[node], "uplink".to_owned()), (&self.router, format!("node{node}"))];
        for (namespace, link) in here {
            let made = namespace::netem(namespace, &link, loss).await;
            made.expect("netem does as it is told");
        }
    }
}

/// The places of a node's rules among the router's: for what it sends, and for what it is sent.
fn rules_of(node: usize) -> [usize; 2] {
    [100 + 2 * node, 101 + 2 * node]
}

/// The end of a router's link on this machine. Both go when this is dropped.
struct Veth(String);

impl Veth {
    async fn to(router: &Namespace) -> Result<Veth, String> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        let mut why = String::new();
        // A letter that is taken belongs to a round that is still played.
        for _ in LETTERS {
            let made = MADE.fetch_add(1, Ordering::Relaxed);
            let letter = char::from(LETTERS[made % LETTERS.len()]);
            let (name, pid) = (format!("{PREFIX}{}{letter}", std::process::id()), router.pid());
            let line = format!("link add {name} type veth peer name uplink netns {pid}\n");
            match ip(None, &line).await {
                Ok(()) => {
                    let veth = Veth(name);
                    ip(None, &format!("link set {} up\n", veth.0)).await?;
                    return Ok(veth);
                }
                Err(error) => why = error,
            }
        }
        Err(why)
    }

    /// Takes a subnet that nobody on this machine has: of several who want one route, one gets it.
    async fn claim(&self) -> Result<u32, String> {
        let first = std::process::id();
        let mut why = String::new();
        for step in 0..SUBNETS {
            let subnet = first.wrapping_add(step) % SUBNETS;
            let [_, _, high, low] = subnet.to_be_bytes();
            let (high, name) = (18 + high, &self.0);
            let net = format!("198.{high}.{low}");
            let line = format!("route add {net}.0/24 via {net}.{ROUTER} dev {name} onlink\n");
            match ip(None, &line).await {
                Ok(()) => return Ok(subnet),
                Err(error) => why = error,
            }
        }
        Err(why)
    }
}

impl Drop for Veth {
    fn drop(&mut self) {
        // The other end goes with it. One that is gone already is no matter.
        let mut command = Command::new("ip");
        command.args(["link", "del", &self.0]).stdout(Stdio::null()).stderr(Stdio::null());
        let _ = command.status();
    }
}
