//! A real `amtia serve` over a sample workspace of its own, for the tests that go in by the port.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::tree;

/// A label in the environment and a role for each API key; the limited one is for using up its requests.
const KEYS: &[(&str, &str)] = &[
    ("VIEWER", "viewer"),
    ("ANALYST", "analyst"),
    ("ADMIN", "admin"),
    ("LIMITED", "viewer"),
    ("LIMITED_JS", "viewer"),
    ("LIMITED_PHP", "viewer"),
];

/// Keys that a long run takes in turn, so that no key's limit is the run's.
const MANY: usize = 8;

/// A served workspace: ended and removed with this value.
pub struct Served {
    child: Child,
    folder: PathBuf,
    variables: Vec<(String, String)>,
    url: String,
}

impl Served {
    /// Makes the sample workspace and its keys, and serves it on a free port.
    pub fn start(name: &str) -> Result<Self, String> {
        let folder = tree::scratch()?.join(name);
        // What an interrupted run left behind; if it cannot go, making the workspace says why.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).map_err(|e| format!("{} cannot be made: {e}", folder.display()))?;
        let file = folder.join("Sample.amtia");
        output(program(&["init", "--sample"], &file))?;
        let mut variables = Vec::new();
        for (label, role) in KEYS {
            let key = output(program(&["key", "create", "--name", &format!("Tests, {label}"), "--role", role, "--json"], &file))?;
            for (field, ending) in [("api_key", "KEY"), ("secret", "SECRET")] {
                variables.push((format!("AMTIA_TEST_{label}_{ending}"), field_of(&key, field)?));
            }
        }
        let mut many = Vec::new();
        for number in 0..MANY {
            let key = output(program(&["key", "create", "--name", &format!("Tests {number}"), "--role", "admin", "--json"], &file))?;
            many.push(format!("{}:{}", field_of(&key, "api_key")?, field_of(&key, "secret")?));
        }
        variables.push(("AMTIA_TEST_MANY".to_owned(), many.join(" ")));
        let log = fs::File::create(folder.join("serve.log")).map_err(|e| format!("serve.log cannot be written: {e}"))?;
        let child = program(&["serve", "--port", "0"], &file)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .map_err(|e| format!("`amtia serve` does not start: {e}"))?;
        // From here on an early return ends the program.
        let mut served = Self { child, folder, variables, url: String::new() };
        let mut line = String::new();
        if let Some(stdout) = served.child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).map_err(|e| format!("`amtia serve` cannot be read: {e}"))?;
        }
        served.url = field_of(&line, "url")?;
        served.variables.push(("AMTIA_BASE_URL".to_owned(), served.url.clone()));
        Ok(served)
    }

    /// The API's address, without a slash at the end.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Tells a command where the API is and with which keys.
    pub fn tell(&self, command: &mut Command) {
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn program(arguments: &[&str], file: &Path) -> Command {
    let mut command = Command::new(tree::program("debug", "amtia"));
    // `key create` takes its file before its options or after them alike.
    command.args(arguments).arg(file).env("AMTIA_PASSPHRASE", "a workspace for the tests").env("NO_COLOR", "1");
    command
}

fn output(mut command: Command) -> Result<String, String> {
    let done = command.output().map_err(|e| format!("`amtia` does not start: {e}"))?;
    if done.status.success() {
        return Ok(String::from_utf8_lossy(&done.stdout).into_owned());
    }
    Err(format!("`amtia` failed: {}", String::from_utf8_lossy(&done.stderr).trim()))
}

/// A text field of a flat JSON object; what is read here (keys, secrets, addresses) never holds an escape.
fn field_of(json: &str, name: &str) -> Result<String, String> {
    let mark = format!("\"{name}\":");
    json.split_once(&mark)
        .and_then(|(_, rest)| rest.trim_start().strip_prefix('"'))
        .and_then(|rest| rest.split_once('"'))
        .map(|(value, _)| value.to_owned())
        .ok_or_else(|| format!("`amtia` printed no `{name}`"))
}
