//! One step of a command: a heading, a log, a time limit, and the whole output when it fails.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::tree;

/// How often a long step says that it is alive.
const HEARTBEAT: Duration = Duration::from_secs(30);

/// What came of a step.
pub struct Done {
    /// Whether its command succeeded.
    pub ok: bool,
    /// Everything that it printed.
    pub output: String,
    /// How long it took.
    pub took: Duration,
}

/// Prints a step's heading.
pub fn heading(title: &str) {
    println!("\n== {title}");
    flush();
}

/// Prints one line below a heading.
pub fn note(line: &str) {
    println!("   {line}");
    flush();
}

fn flush() {
    // A closed standard output is no reason to stop.
    let _ = std::io::stdout().flush();
}

/// Runs `command` under a heading, its output in a log; a failed step's output is shown whole.
pub fn run(title: &str, command: Command, limit: Duration) -> Result<Done, String> {
    heading(title);
    let done = quiet(title, command, limit)?;
    if done.ok {
        note(&format!("done in {}", seconds(done.took)));
    } else {
        println!("{}", done.output.trim_end());
        note(&format!("FAILED after {}", seconds(done.took)));
    }
    Ok(done)
}

/// Like [`run`], and a failure ends the whole command.
pub fn must(title: &str, command: Command, limit: Duration) -> Result<Done, String> {
    let done = run(title, command, limit)?;
    if done.ok { Ok(done) } else { Err(format!("“{title}” failed; its output is above.")) }
}

/// Runs `command` with its output in a log and signs of life on the screen.
pub fn quiet(title: &str, mut command: Command, limit: Duration) -> Result<Done, String> {
    let log = log_path(title)?;
    let file = File::create(&log).map_err(|e| format!("{} cannot be written: {e}", log.display()))?;
    let again = file.try_clone().map_err(|e| format!("{} cannot be written: {e}", log.display()))?;
    let begun = Instant::now();
    let name = command.get_program().to_string_lossy().into_owned();
    let mut child = command
        .current_dir(command.get_current_dir().map_or_else(tree::root, Path::to_path_buf))
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(again)
        .spawn()
        .map_err(|e| format!("`{name}` does not start: {e}"))?;
    let status = wait(&mut child, &log, begun, limit)?;
    let mut output = String::from_utf8_lossy(&fs::read(&log).unwrap_or_default()).into_owned();
    if status.is_none() {
        output.push_str(&format!("\nStopped: it took longer than {}.\n", seconds(limit)));
    }
    Ok(Done { ok: status.is_some_and(|s| s.success()), output, took: begun.elapsed() })
}

fn log_path(title: &str) -> Result<PathBuf, String> {
    let name: String = title.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    Ok(tree::scratch()?.join(format!("{name}.log")))
}

/// Waits; `None` when the limit passed and the step was ended.
fn wait(child: &mut Child, log: &Path, begun: Instant, limit: Duration) -> Result<Option<ExitStatus>, String> {
    let mut beat = HEARTBEAT;
    loop {
        if let Some(status) = child.try_wait().map_err(|e| format!("a step was lost: {e}"))? {
            return Ok(Some(status));
        }
        let took = begun.elapsed();
        if took > limit {
            end(child.id());
            // Reaped so that no dead process stays behind; its status says nothing more.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        if took > beat {
            beat = took + HEARTBEAT;
            note(&format!("{} … {}", seconds(took), last_line(log)));
        }
        thread::sleep(Duration::from_millis(if took.as_secs() < 5 { 20 } else { 200 }));
    }
}

fn last_line(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let line = text.lines().rev().find(|l| !l.trim().is_empty()).unwrap_or("");
    line.trim().chars().take(100).collect()
}

/// Ends a process and everything that it started, each by its id.
pub fn end(pid: u32) {
    let mut all = vec![pid];
    let mut at = 0;
    while at < all.len() {
        all.extend(children(all[at]));
        at += 1;
    }
    for pid in all.iter().rev() {
        // A process that has ended by itself is what is wanted.
        let _ = Command::new("kill").arg(pid.to_string()).stderr(Stdio::null()).status();
    }
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(Result::ok)
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| {
            // The name, in brackets, may hold spaces; the parent is the second field after it.
            fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| {
                stat.rsplit(')').next().and_then(|rest| rest.split_whitespace().nth(1)) == Some(parent.to_string().as_str())
            })
        })
        .collect()
}

/// A duration for people.
pub fn seconds(duration: Duration) -> String {
    let tenths = duration.as_millis() / 100;
    if tenths < 600 { format!("{}.{} s", tenths / 10, tenths % 10) } else { format!("{} min {:02} s", tenths / 600, tenths % 600 / 10) }
}

/// `cargo`, the one that runs this command.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(tree::root());
    // Set by the cargo that runs this program; a nested build must not see them as its own.
    for name in ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_PKG_NAME", "CARGO_PKG_VERSION"] {
        command.env_remove(name);
    }
    command
}
