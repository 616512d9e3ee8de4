//! How many uploads may be under way at once, for one workspace and in all.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use switchboard_domain::WorkspaceId;

/// Counts what is under way.
#[derive(Debug, Clone)]
pub struct Slots {
    taken: Arc<Mutex<Taken>>,
    at_once: usize,
    at_once_per_workspace: usize,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    by_workspace: HashMap<WorkspaceId, usize>,
}

impl Slots {
    pub fn new(at_once: usize, at_once_per_workspace: usize) -> Slots {
        Slots { taken: Arc::default(), at_once, at_once_per_workspace }
    }

    /// Takes a place until the answer is dropped; `None` when all are taken.
    pub fn take(&self, workspace: WorkspaceId) -> Option<Slot> {
        let mut taken = self.taken.lock();
        let mine = taken.by_workspace.get(&workspace).copied().unwrap_or_default();
        if taken.total >= self.at_once || mine >= self.at_once_per_workspace {
            return None;
        }
        taken.total += 1;
        taken.by_workspace.insert(workspace, mine + 1);
        Some(Slot { taken: self.taken.clone(), workspace })
    }
}

/// A place among the uploads under way.
#[derive(Debug)]
pub struct Slot {
    taken: Arc<Mutex<Taken>>,
    workspace: WorkspaceId,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut taken = self.taken.lock();
        taken.total -= 1;
        let left = taken.by_workspace.get(&self.workspace).map_or(0, |mine| mine - 1);
        if left == 0 {
            taken.by_workspace.remove(&self.workspace);
        } else {
            taken.by_workspace.insert(self.workspace, left);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn places_are_counted_for_each_workspace_and_given_back() {
        let slots = Slots::new(3, 2);
        let workspace = |n| WorkspaceId(Uuid::from_u128(n));
        let first = slots.take(workspace(1));
        let second = slots.take(workspace(1));
        assert!(first.is_some() && second.is_some());
        assert!(slots.take(workspace(1)).is_none());
        let other = slots.take(workspace(2));
        assert!(other.is_some());
        assert!(slots.take(workspace(3)).is_none());
        drop(first);
        assert!(slots.take(workspace(1)).is_some());
        drop((second, other));
        assert!(slots.taken.lock().by_workspace.is_empty());
    }
}
