//! What the app remembers between two starts, in one small JSON file: the workspace that was open,
//! and where the window stood.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::{Deserialize, Serialize};

/// The file's content.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Remembered {
    /// The workspace file that was open last.
    pub(crate) last_workspace: Option<PathBuf>,
    /// Where the window stood.
    pub(crate) window: Option<Placement>,
}

/// A window's place in logical pixels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Placement {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) maximized: bool,
}

/// The file and what it holds.
pub(crate) struct Memory {
    path: PathBuf,
    remembered: Mutex<Remembered>,
}

impl Memory {
    /// Reads the file. One that is missing or cannot be read means that nothing is remembered.
    pub(crate) fn load(path: PathBuf) -> Self {
        let remembered = match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::warn!(%error, "the window's memory cannot be read; the defaults are used");
                Remembered::default()
            }),
            Err(_) => Remembered::default(),
        };
        Self { path, remembered: Mutex::new(remembered) }
    }

    /// What is remembered now.
    pub(crate) fn get(&self) -> Remembered {
        self.lock().clone()
    }

    /// Changes what is remembered; [`Memory::save`] makes it last.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Remembered)) {
        change(&mut self.lock());
    }

    /// Remembers the open workspace, on disk at once: it must survive a crash.
    pub(crate) fn set_last_workspace(&self, file: &Path) {
        if self.lock().last_workspace.as_deref() != Some(file) {
            self.change(|remembered| remembered.last_workspace = Some(file.to_path_buf()));
            self.save();
        }
    }

    /// Writes the file whole or not at all. Failing costs only comfort, so it is logged, not shown.
    pub(crate) fn save(&self) {
        if let Err(error) = self.write() {
            tracing::warn!(%error, "the window's memory cannot be written");
        }
    }

    fn write(&self) -> io::Result<()> {
        let bytes = serde_json::to_vec_pretty(&self.get())?;
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder)?;
        }
        let draft = self.path.with_extension("json.new");
        fs::write(&draft, bytes)?;
        fs::rename(draft, &self.path)
    }

    fn lock(&self) -> MutexGuard<'_, Remembered> {
        // Plain values: a panic elsewhere cannot have left them half changed.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_is_there_at_the_next_start() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("config").join("desktop.json");
        let placement = Placement { x: 10.0, y: 20.0, width: 1200.0, height: 800.0, maximized: true };

        let memory = Memory::load(path.clone());
        memory.set_last_workspace(Path::new("/records/bank.amtia"));
        memory.change(|remembered| remembered.window = Some(placement));
        memory.save();

        let next = Memory::load(path).get();
        assert_eq!(next.last_workspace.as_deref(), Some(Path::new("/records/bank.amtia")));
        assert_eq!(next.window, Some(placement));
    }

    #[test]
    fn a_damaged_file_counts_as_nothing_remembered() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("desktop.json");
        for damaged in ["", "{", "[]", r#"{"window":{"x":1}}"#] {
            fs::write(&path, damaged).expect("the file is written");
            assert_eq!(Memory::load(path.clone()).get(), Remembered::default(), "{damaged:?}");
        }
    }
}
