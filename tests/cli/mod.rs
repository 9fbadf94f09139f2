//! The command line as a stable contract: exit codes, what is on which stream, and what never is.

mod commands;
mod imports;
mod secrets;
mod serve;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PASSPHRASE: &str = "canary-passphrase-9f3c";

fn binary() -> PathBuf {
    let named = std::env::var_os("AMTIA_BIN").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in target/").join("debug/amtia"));
    assert!(binary.is_file(), "{} is not built: `cargo xtask test rust` does it", binary.display());
    binary
}

/// A folder with a workspace in it.
struct Place(tempfile::TempDir);

impl Place {
    fn empty() -> Self {
        Self(tempfile::tempdir().expect("a temporary folder"))
    }

    fn made() -> Self {
        let place = Self::empty();
        place.run(&["init", "W.amtia"]).expect_code(0);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// `amtia` in this folder with the passphrase and nothing of the caller's own.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).current_dir(self.0.path()).stdin(Stdio::null());
        command.env("AMTIA_PASSPHRASE", PASSPHRASE).env_remove("AMTIA_LOG").env_remove("DBUS_SESSION_BUS_ADDRESS");
        command
    }

    fn run(&self, words: &[&str]) -> Said {
        Said::of(&self.command(words).output().expect("amtia starts"))
    }

    fn verify(&self) -> Value {
        self.run(&["verify", "W.amtia", "--json"]).expect_code(0).json()
    }
}

/// What a command said, and how it ended.
#[derive(Debug)]
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Said {
    fn of(output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        Self { code: output.status.code(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "exit code: {self:?}");
        self
    }

    /// The one JSON object that is all of stdout.
    fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out).unwrap_or_else(|cause| panic!("one JSON object ({cause}): {self:?}"));
        assert!(value.is_object() && self.out.trim_end().lines().count() == 1, "one object on one line: {self:?}");
        value
    }

    /// Exit code 1, nothing on stdout, one plain sentence on stderr.
    fn expect_sentence(&self, part: &str) {
        assert_eq!((self.code, self.out.as_str()), (Some(1), ""), "it failed and printed no result: {self:?}");
        let sentence = self.err.trim_end();
        assert_eq!(sentence.lines().count(), 1, "one line: {self:?}");
        assert!(sentence.ends_with('.') && sentence.contains(part), "a sentence with {part:?}: {self:?}");
        for inside in ["Err(", "panicked", "RUST_BACKTRACE", "sqlite", "os error 2)\n"] {
            assert!(!sentence.contains(inside), "plain words: {self:?}");
        }
    }
}
