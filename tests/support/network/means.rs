//! Whether this machine permits networks of our own, found out once, by making one.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::OnceCell;

use super::namespace::{done, netem};
use super::{Loss, Lost, Network, PREFIX, Peer, Veth};

/// On a machine with nothing else to do an answer takes a fraction of a millisecond.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);
/// Whoever hears nothing for this long hears nothing.
const SILENCE: Duration = Duration::from_millis(300);
/// Nobody listens here in a namespace that was just made.
const NOBODY: u16 = 9;

/// What this machine permits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Means {
    /// Links that lose and delay packets. Not every kernel has them.
    pub netem: bool,
}

/// What this machine permits; if nothing, why.
pub async fn means() -> Result<Means, String> {
    static FOUND: OnceCell<Result<Means, String>> = OnceCell::const_new();
    FOUND.get_or_init(try_out).await.clone()
}

async fn try_out() -> Result<Means, String> {
    remove_leftovers()?;
    let network = Network::made(1, false).await?;
    // A firewall may be in the way of either side.
    let here = network.peer(Peer::Postgres);
    let listener = TcpListener::bind((here, 0)).await;
    let listener = listener.map_err(|error| format!("this machine at {here}: {error}"))?;
    let port = listener.local_addr().map_err(|error| error.to_string())?.port();
    let mut dial = network.inside(0, "timeout");
    let seconds = ANSWERED_WITHIN.as_secs().to_string();
    dial.args([&seconds, "bash", "-c", &format!("exec 3<>/dev/tcp/{here}/{port}")]);
    done(dial, "").await.map_err(|why| format!("a node does not reach this machine: {why}"))?;
    let node = SocketAddr::new(network.node(0), NOBODY);
    if !answers(node, ANSWERED_WITHIN).await {
        return Err("this machine does not reach a node".to_owned());
    }
    network.part(0, None, Lost::Sent).await;
    if answers(node, SILENCE).await {
        return Err("the router does not drop what it is told to".to_owned());
    }
    let little = Loss { percent: 1, delay: 1 };
    let netem = netem(&network.nodes[0], "uplink", Some(little)).await.is_ok();
    Ok(Means { netem })
}

/// Whether anybody answers within this time, though it be that nobody listens.
async fn answers(address: SocketAddr, within: Duration) -> bool {
    match tokio::time::timeout(within, TcpStream::connect(address)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.kind() == io::ErrorKind::ConnectionRefused,
        Err(_) => false,
    }
}

/// Links of processes that died before they could remove them.
fn remove_leftovers() -> Result<(), String> {
    let listed = Command::new("ip").args(["-brief", "link"]).output();
    let listed = listed.map_err(|error| format!("ip: {error}"))?;
    for line in String::from_utf8_lossy(&listed.stdout).lines() {
        let name = line.split(['@', ' ']).next().unwrap_or_default();
        let made_by =
            name.strip_prefix(PREFIX).map(|rest| rest.trim_end_matches(char::is_alphabetic));
        if made_by.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            drop(Veth(name.to_owned()));
        }
    }
    Ok(())
}
