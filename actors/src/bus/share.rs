//! Which of several servers carries which workspace: rendezvous hashing, so that a server that is
//! added or taken away moves its own share and no other.

use switchboard_domain::WorkspaceId;
use uuid::Uuid;

/// The place in `servers` of the one that carries a workspace. Every node finds the same, in
/// whatever order it names them. `servers` are hashes of their addresses; there is at least one.
pub fn of(workspace: WorkspaceId, servers: &[u64]) -> usize {
    let (high, low) = Uuid::from(workspace).as_u64_pair();
    let weight = |server: &u64| mix(mix(server ^ high) ^ low);
    let best = servers.iter().enumerate().max_by_key(|(_, server)| (weight(server), **server));
    best.map_or(0, |(place, _)| place)
}

/// FNV-1a over a server's address.
pub fn hash(address: &str) -> u64 {
    address.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finalizer of SplitMix64: every bit of the input touches every bit of the output.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn servers(names: &[&str]) -> Vec<u64> {
        names.iter().map(|name| hash(name)).collect()
    }

    fn workspaces() -> impl Iterator<Item = WorkspaceId> {
        (0..3_000u128).map(|n| WorkspaceId(Uuid::from_u128(0x0197_0000_0000_7000_8000 << 48 | n)))
    }

    #[test]
    fn every_server_carries_about_its_share() {
        let servers = servers(&["a:6379", "b:6379", "c:6379"]);
        let mut shares = [0; 3];
        for workspace in workspaces() {
            shares[of(workspace, &servers)] += 1;
        }
        assert!(shares.iter().all(|share| (850..1_150).contains(share)), "{shares:?}");
    }

    #[test]
    fn a_server_that_is_gone_moves_its_own_share_alone() {
        let (three, two) = (servers(&["a", "b", "c"]), servers(&["a", "c"]));
        for workspace in workspaces() {
            let (before, after) = (three[of(workspace, &three)], two[of(workspace, &two)]);
            assert!(before == after || before == hash("b"));
        }
    }

    #[test]
    fn the_order_of_the_servers_is_of_no_account() {
        let (one, other) = (servers(&["a", "b", "c"]), servers(&["c", "a", "b"]));
        for workspace in workspaces() {
            assert_eq!(one[of(workspace, &one)], other[of(workspace, &other)]);
        }
    }
}
