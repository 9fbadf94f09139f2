//! The imports that a workspace remembers.

use super::{Import, ImportState};
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Imports remembered at once; the oldest is forgotten first.
const KEPT: usize = 8;
/// Bytes of memory that they may take together; one alone may take more.
const HELD: usize = 512 << 20;

/// The imports of one open workspace.
#[derive(Default)]
pub(crate) struct Imports {
    kept: Mutex<VecDeque<Arc<Import>>>,
    reading: Mutex<()>,
}

impl Imports {
    fn kept(&self) -> MutexGuard<'_, VecDeque<Arc<Import>>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until no other file is read: each may need much memory for as long as it is taken apart.
    pub(super) fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.reading.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets what does not fit into memory beside the import that was just read, the oldest first; nothing that is being
    /// worked on.
    pub(super) fn make_room(&self, read: &str) {
        let mut kept = self.kept();
        let weight = |import: &Import| import.weight.load(Ordering::Relaxed);
        let mut held = kept.iter().find(|import| import.id == read).map_or(0, |import| weight(import));
        for place in (0..kept.len()).rev().collect::<Vec<_>>() {
            let import = &kept[place];
            let idle = !matches!(import.state(), ImportState::Reading | ImportState::Applying);
            if import.id == read {
                continue;
            }
            if idle && held + weight(import) > HELD {
                kept.remove(place);
            } else {
                held += weight(import);
            }
        }
    }

    /// Begins an import.
    pub(crate) fn begin(&self, id: String, file_name: &str, now: jiff::Timestamp) -> Arc<Import> {
        let import = Arc::new(Import::new(id, file_name, now));
        let mut kept = self.kept();
        while kept.len() >= KEPT {
            if let Some(oldest) = kept.pop_front() {
                oldest.cancel();
            }
        }
        kept.push_back(Arc::clone(&import));
        import
    }

    /// One import.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Import>> {
        self.kept().iter().find(|import| import.id == id).cloned()
    }

    /// Stops an import if it runs, and forgets it.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let mut kept = self.kept();
        let Some(place) = kept.iter().position(|import| import.id == id) else { return false };
        kept[place].cancel();
        kept.remove(place);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_together_is_forgotten_but_for_what_is_worked_on() {
        let imports = Imports::default();
        let begin = |id: &str, state: ImportState, weight: usize| {
            let import = imports.begin(id.to_owned(), "a.csv", jiff::Timestamp::UNIX_EPOCH);
            import.settle(state, None);
            import.weight.store(weight, Ordering::Relaxed);
        };
        begin("applying", ImportState::Applying, HELD / 4);
        begin("oldest", ImportState::Checked, HELD / 2);
        begin("read", ImportState::Checked, HELD / 4);
        begin("newest", ImportState::Applied, HELD / 2);
        let there = || ["applying", "oldest", "read", "newest"].map(|id| imports.find(id).is_some());
        imports.make_room("read");
        assert_eq!(there(), [true, false, true, true]);
        begin("huge", ImportState::Checked, 2 * HELD);
        imports.make_room("huge");
        assert!(imports.find("huge").is_some(), "one alone may take more");
        assert_eq!(there(), [true, false, false, false]);
    }
}
