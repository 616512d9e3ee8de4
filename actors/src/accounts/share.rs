//! How many accounts a node keeps beside others. Pure.

use switchboard_store::node::Shares;

/// A node keeps one more than its share, so that an account does not wander to and fro where the
/// shares cannot be equal.
const SLACK: usize = 1;

/// The most accounts that a node keeps.
pub fn most(shares: Shares) -> usize {
    shares.accounts.div_ceil(shares.nodes.max(1)) + SLACK
}

/// How many more a node that keeps `kept` may take.
pub fn room(shares: Shares, kept: usize) -> usize {
    most(shares).saturating_sub(kept)
}

/// How many a node that keeps `kept` gives up.
pub fn excess(shares: Shares, kept: usize) -> usize {
    kept.saturating_sub(most(shares))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_node_that_is_alone_keeps_everything() {
        let alone = Shares { nodes: 1, accounts: 9 };
        assert!(most(alone) >= 9);
        assert_eq!(excess(alone, 9), 0);
    }

    #[test]
    fn a_node_gives_up_half_when_another_joins() {
        let two = Shares { nodes: 2, accounts: 10 };
        assert_eq!((excess(two, 10), room(two, 0)), (4, 6));
    }

    proptest! {
        /// Whatever the nodes hold, giving up and taking ends with all accounts held and nobody
        /// above its share.
        #[test]
        fn giving_up_and_taking_ends_with_every_account_kept(
            mut kept in prop::collection::vec(0usize..50, 1..12),
            free in 0usize..50,
        ) {
            let accounts = kept.iter().sum::<usize>() + free;
            let shares = Shares { nodes: kept.len(), accounts };
            let mut free = free;
            for held in &mut kept {
                let given = excess(shares, *held);
                *held -= given;
                free += given;
            }
            for held in &mut kept {
                let taken = room(shares, *held).min(free);
                *held += taken;
                free -= taken;
            }
            prop_assert_eq!(free, 0);
            prop_assert!(kept.iter().all(|held| *held <= most(shares)));
        }
    }
}
