//! The program under test, from outside: the command line and the loopback port.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::shim::Cut;

const PATIENCE: Duration = Duration::from_secs(30);

/// A workspace in a folder of its own, with keys to write through.
pub struct Workspace {
    folder: tempfile::TempDir,
    /// API key and secret of each writer: one each, because each key may only ask so often.
    pub keys: Vec<(String, String)>,
}

impl Workspace {
    /// An empty workspace and `writers` keys.
    pub fn new(writers: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut workspace = Self { folder, keys: Vec::new() };
        let made = workspace.amtia(&["init"], &[]);
        assert!(made.status.success(), "init: {}", said(&made));
        for number in 0..writers {
            let made = workspace.amtia(&["key", "create"], &["--name", &format!("writer {number}"), "--role", "analyst", "--json"]);
            assert!(made.status.success(), "key create: {}", said(&made));
            workspace.keys.push(key(&made));
        }
        workspace
    }

    /// An empty folder with no workspace in it yet.
    pub fn nowhere() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        Self { folder, keys: Vec::new() }
    }

    /// The folder that holds the workspace and nothing else.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The workspace file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("Faults.amtia")
    }

    /// `amtia`, with this workspace's passphrase, before the file is named.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(binary());
        command.args(words).arg(self.file()).env("AMTIA_PASSPHRASE", "correct horse battery staple").stdin(Stdio::null());
        command
    }

    /// Runs `amtia WORDS FILE MORE`.
    pub fn amtia(&self, words: &[&str], more: &[&str]) -> Output {
        self.command(words).args(more).output().expect("amtia starts")
    }

    /// Runs `amtia WORDS FILE MORE` and cuts the power as it ends.
    pub fn amtia_then_cut(&self, words: &[&str], more: &[&str]) -> Output {
        let report = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let mut command = self.command(words);
        command.args(more);
        let cut = Cut { after: 0, at_exit: true, keep: 0, seed: 1 };
        cut.apply(&mut command, self.folder(), report.path());
        let output = command.output().expect("amtia starts");
        let report = std::fs::read_to_string(report.path()).unwrap_or_default();
        assert!(report.starts_with("calls "), "the power was cut at the end: {}", said(&output));
        output
    }

    /// `amtia verify` finds nothing wrong.
    pub fn assert_sound(&self, when: &str) {
        let verified = self.amtia(&["verify"], &[]);
        assert!(verified.status.success(), "verify {when}: {}", said(&verified));
    }
}

/// The key that `key create --json` printed.
pub fn key(output: &Output) -> (String, String) {
    let printed: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("key create prints one JSON object ({e}): {}", said(output)));
    let word = |name: &str| printed[name].as_str().expect("the key has both parts").to_owned();
    (word("api_key"), word("secret"))
}

/// Everything a program printed.
pub fn said(output: &Output) -> String {
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn binary() -> PathBuf {
    let named = std::env::var_os("AMTIA_BIN").map(PathBuf::from);
    let binary = named.unwrap_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("it is in target/").join("debug/amtia"));
    assert!(binary.is_file(), "{} is not built: `cargo xtask test rust` does it", binary.display());
    binary
}

/// A running `amtia serve`.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:PORT/v1`, once it is ready.
    pub url: Option<String>,
    /// From the start to the line that says it is ready.
    pub ready_after: Duration,
    report: tempfile::NamedTempFile,
}

impl Server {
    /// Starts the server, with a power cut to come or without, and waits until it is ready or gone.
    pub fn start(workspace: &Workspace, cut: Option<Cut>, environment: &[(&str, &str)]) -> Self {
        let report = tempfile::NamedTempFile::new().expect("a temporary file can be made");
        let mut command = workspace.command(&["serve"]);
        command.args(["--port", "0"]).envs(environment.iter().copied());
        if let Some(cut) = cut {
            cut.apply(&mut command, workspace.folder(), report.path());
        }
        let begun = Instant::now();
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("amtia serve starts");
        let stdout = child.stdout.take().expect("its output is a pipe");
        let stderr = child.stderr.take().expect("its messages are a pipe");
        // Read to the end, so that the server never waits for a full pipe.
        let messages = thread::spawn(move || {
            let mut text = String::new();
            // What cannot be read is only missing from a failure's explanation.
            let _ = BufReader::new(stderr).read_to_string(&mut text);
            text
        });
        let (sender, receiver) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                // Nobody waits any more: then nothing is lost.
                let _ = sender.send(line);
            }
        });
        let line = receiver.recv_timeout(PATIENCE).ok();
        let ready_after = begun.elapsed();
        let url = line.map(|line| {
            let ready: Value = serde_json::from_str(&line).unwrap_or_else(|e| panic!("serve prints one JSON line ({e}): {line}"));
            ready["url"].as_str().expect("the line has the address").to_owned()
        });
        let mut server = Self { child, url, ready_after, report };
        if server.url.is_none() && cut.is_none() {
            let _ = server.child.kill();
            let _ = server.child.wait();
            let said = messages.join().unwrap_or_default();
            panic!("serve was not ready after {ready_after:?}: {said}");
        }
        server
    }

    /// The address.
    pub fn url(&self) -> &str {
        self.url.as_deref().expect("a server without a cut is ready")
    }

    /// Kills it as the system would: at once.
    pub fn kill(&mut self) {
        self.child.kill().expect("the server can be killed");
        self.child.wait().expect("the server has ended");
    }

    /// Asks it to stop and waits until it did.
    pub fn stop(mut self) -> ExitStatus {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success(), "the server still runs when it is asked to stop");
        self.wait("stop when asked")
    }

    /// Waits for the power cut; answers what it says it did.
    pub fn wait_for_cut(mut self) -> String {
        use std::os::unix::process::ExitStatusExt as _;
        let status = self.wait("reach the power cut");
        let report = std::fs::read_to_string(self.report.path()).unwrap_or_default();
        assert!(
            status.signal() == Some(9) && report.starts_with("calls "),
            "it ended by the power cut and by nothing else: {status}, {report}"
        );
        report.trim().to_owned()
    }

    fn wait(&mut self, what: &str) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("the server can be waited for") {
                return status;
            }
            if begun.elapsed() > PATIENCE {
                let _ = self.child.kill();
                let _ = self.child.wait();
                panic!("the server did not {what} within {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A failed test leaves no server behind; one that has ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
