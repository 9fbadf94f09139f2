//! The power cut: a preload library, compiled here from `powercut.c`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// When and how the power goes.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// At which write or sync below the folder; 0 for never.
    pub after: u64,
    /// When the program ends by itself.
    pub at_exit: bool,
    /// How many of a hundred unsynced pages reach the disk all the same.
    pub keep: u64,
    /// Decides which.
    pub seed: u64,
}

impl Cut {
    /// Makes `command` suffer the cut for files below `folder`, and say in `report` what it did.
    pub fn apply(self, command: &mut Command, folder: &Path, report: &Path) {
        command
            .env("LD_PRELOAD", library())
            .env("AMTIA_CUT_DIR", folder)
            .env("AMTIA_CUT_AFTER", self.after.to_string())
            .env("AMTIA_CUT_AT_EXIT", u8::from(self.at_exit).to_string())
            .env("AMTIA_CUT_KEEP", self.keep.to_string())
            .env("AMTIA_CUT_SEED", self.seed.to_string())
            .env("AMTIA_CUT_REPORT", report);
    }
}

fn library() -> &'static PathBuf {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("faults/powercut.c");
        // A name of its own for each run, so that two runs never load a half-written library.
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("powercut-{}.so", std::process::id()));
        let output = Command::new("cc")
            .args(["-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", "-o"])
            .arg(&library)
            .arg(&source)
            .output()
            .expect("a C compiler is needed to build the database, so it is here");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "powercut.c does not compile:\n{said}");
        library
    })
}
