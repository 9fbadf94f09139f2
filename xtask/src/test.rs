//! `cargo xtask test`: every test, one build, one line for each part.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::counts::Counts;
use crate::served::Served;
use crate::step::{self, Done};
use crate::{Outcome, contract, sdks, system, tree, ui};

const MINUTE: Duration = Duration::from_secs(60);

/// Parts in the order in which they run.
const PARTS: &[&str] = &["fmt", "clippy", "build", "rust", "ui", "browser", "sdks", "contract", "window", "deny"];

struct Run {
    long: bool,
    parts: Vec<String>,
    rest: Vec<String>,
    lines: Vec<String>,
    sum: Counts,
    /// Whether the programs under test are there.
    built: bool,
}

/// Runs the parts named, or all.
pub fn test(arguments: &[String]) -> Outcome {
    let begun = Instant::now();
    let mut run = parse(arguments)?;
    set_up(&run)?;

    if run.wants("fmt") {
        run.check("fmt", "Rust formatting", cargo(&["fmt", "--all", "--check"]), 5)?;
    }
    if run.wants_programs() {
        // Both programs embed the built user interface.
        if let Err(message) = ui::build() {
            step::note(&message);
            run.add("ui build", Counts::one(false), Duration::ZERO);
        } else {
            run.compile()?;
        }
    }
    if run.wants("rust") {
        run.rust()?;
    }
    if run.wants("ui") {
        run.check("ui lint", "User interface: lint", ui::npm(&["run", "lint"]), 5)?;
        run.check("ui check", "User interface: types", ui::npm(&["run", "check"]), 5)?;
        let unit = ui::npm(&["run", "test"]);
        let done = step::run("User interface: component tests", unit, 10 * MINUTE)?;
        run.suite("ui unit", &done);
    }
    if run.wants("browser") {
        run.browser()?;
    }
    if run.wants("sdks") {
        run.sdks()?;
    }
    if run.wants("contract") {
        run.contract()?;
    }
    if run.wants("window") {
        run.window()?;
    }
    if run.wants("deny") {
        run.deny()?;
    }
    run.report(begun.elapsed())
}

fn parse(arguments: &[String]) -> Result<Run, String> {
    let split = arguments.iter().position(|a| a == "--").unwrap_or(arguments.len());
    let (own, rest) = arguments.split_at(split);
    let mut run = Run {
        long: false,
        parts: Vec::new(),
        rest: rest.get(1..).unwrap_or_default().to_vec(),
        lines: Vec::new(),
        sum: Counts::default(),
        built: false,
    };
    for argument in own {
        match argument.as_str() {
            "--long" => run.long = true,
            part if PARTS.contains(&part) => run.parts.push(part.to_owned()),
            other => {
                let parts = PARTS.join(", ");
                return Err(format!("There is no part `{other}`. Parts: {parts}; option: --long."));
            }
        }
    }
    Ok(run)
}

fn set_up(run: &Run) -> Outcome {
    let mut wanted = Vec::new();
    if run.wants_programs() {
        // The workspace holds the window's package, so its libraries are needed by every build.
        wanted.extend([system::ENGINE, system::WINDOW]);
    }
    if run.wants("browser") {
        wanted.push(system::BROWSER);
    }
    if run.wants("window") {
        wanted.push(system::WINDOW_TESTS);
    }
    system::packages(&wanted)?;
    if run.wants("ui") {
        ui::packages()?;
    }
    if run.wants("window") && cfg!(target_os = "linux") {
        system::tauri_driver()?;
    }
    Ok(())
}

fn cargo(arguments: &[&str]) -> Command {
    let mut command = step::cargo();
    command.args(arguments).env("CARGO_TERM_COLOR", "never");
    command
}

impl Run {
    fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|named| named == part)
    }

    fn wants_programs(&self) -> bool {
        ["clippy", "build", "rust", "browser", "sdks", "contract", "window"].iter().any(|part| self.wants(part))
    }

    fn compile(&mut self) -> Outcome {
        if self.wants("clippy") {
            let mut clippy = cargo(&["clippy", "--workspace", "--all-targets", "--quiet"]);
            clippy.args(["--", "--deny", "warnings"]);
            self.check("clippy", "Rust lints (clippy)", clippy, 30)?;
        }
        if ["build", "rust", "browser", "sdks", "contract", "window"].iter().any(|part| self.wants(part)) {
            // Everything in one go, so that no crate is built twice with other features.
            let build = cargo(&["build", "--workspace", "--bins", "--lib", "--tests"]);
            self.built = self.check("build", "Rust build: programs and tests", build, 40)?;
        }
        Ok(())
    }

    /// A part that is one yes or no.
    fn check(&mut self, part: &str, title: &str, command: Command, minutes: u32) -> Result<bool, String> {
        let done = step::run(title, command, minutes * MINUTE)?;
        self.add(part, Counts::one(done.ok), done.took);
        Ok(done.ok)
    }

    /// A part that counts its own tests.
    fn suite(&mut self, part: &str, done: &Done) {
        let mut counts = Counts::read(&done.output);
        if !done.ok && counts.failed == 0 {
            counts.failed = 1;
        }
        if done.ok && counts.passed == 0 {
            println!("{}", done.output.trim_end());
            step::note("FAILED: no test ran");
            counts.failed += 1;
        }
        self.add(part, counts, done.took);
    }

    fn add(&mut self, part: &str, counts: Counts, took: Duration) {
        let skipped = match counts.skipped {
            0 => String::new(),
            n => format!(", {n} skipped"),
        };
        let line = format!("{part:<10} {} passed, {} failed{skipped} ({})", counts.passed, counts.failed, step::seconds(took));
        self.lines.push(line);
        self.sum.add(counts);
    }

    /// Without the programs a suite cannot run, and that is a failure, not a pass.
    fn lacks_build(&mut self, part: &str) -> bool {
        if !self.built {
            self.add(part, Counts::one(false), Duration::ZERO);
            step::note(&format!("{part}: not run, because the build failed"));
        }
        !self.built
    }

    fn rust(&mut self) -> Outcome {
        if self.lacks_build("rust") {
            return Ok(());
        }
        let mut tests = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet"]);
        tests.args(["--lib", "--bins", "--test", "suite", "--"]).args(&self.rest);
        self.with_programs(&mut tests);
        let limit = if self.long { 6 * 60 * MINUTE } else { 15 * MINUTE };
        let done = step::run("Rust tests", tests, limit)?;
        self.suite("rust", &done);
        if !self.rest.is_empty() {
            return Ok(());
        }
        let documents = cargo(&["test", "--workspace", "--no-fail-fast", "--quiet", "--doc"]);
        let done = step::run("Rust examples in the documentation", documents, 10 * MINUTE)?;
        let mut counts = Counts::read(&done.output);
        counts.failed = counts.failed.max(u64::from(!done.ok));
        self.add("examples", counts, done.took);
        Ok(())
    }

    fn with_programs(&self, command: &mut Command) {
        command
            .env("AMTIA_BIN", tree::program("debug", "amtia"))
            .env("AMTIA_DESKTOP_BIN", tree::program("debug", "amtia-desktop"))
            // The tests use key files and passphrases of their own, never a person's keychain.
            .env("NO_COLOR", "1");
        if self.long {
            command.env("AMTIA_LONG", "1");
        }
    }

    fn browser(&mut self) -> Outcome {
        if self.lacks_build("browser") {
            return Ok(());
        }
        let mut suite = ui::npm(&["run", "e2e"]);
        self.with_programs(&mut suite);
        if let Some(chromium) = system::find("chromium") {
            suite.env("AMTIA_CHROMIUM", chromium);
        }
        let done = step::run("Browser suite", suite, 15 * MINUTE)?;
        self.suite("browser", &done);
        Ok(())
    }

    /// The three SDKs, each with its own runner, over one served workspace.
    fn sdks(&mut self) -> Outcome {
        if self.lacks_build("sdks") {
            return Ok(());
        }
        let served = Served::start("sdks")?;
        for suite in sdks::suites(&served)? {
            match suite.command {
                Ok(command) if suite.counts => {
                    let done = step::run(suite.title, command, 5 * MINUTE)?;
                    self.suite(suite.part, &done);
                }
                Ok(command) => {
                    self.check(suite.part, suite.title, command, 5)?;
                }
                Err(reason) => self.skip(suite.part, suite.title, &reason),
            }
        }
        Ok(())
    }

    /// The API document against the API, over a served workspace of its own.
    fn contract(&mut self) -> Outcome {
        if self.lacks_build("contract") {
            return Ok(());
        }
        let served = Served::start("contract")?;
        for suite in contract::suites(&served, self.long)? {
            match suite.command {
                Ok(command) => {
                    let done = step::run(suite.title, command, if self.long { 60 } else { 10 } * MINUTE)?;
                    let enough = !self.long || suite.part != "contract" || contract::tried_enough(&done.output);
                    if !enough {
                        step::note("FAILED: the long form tried fewer cases than it promises");
                    }
                    self.add(suite.part, Counts::one(done.ok && enough), done.took);
                }
                Err(reason) => self.skip(suite.part, suite.title, &reason),
            }
        }
        Ok(())
    }

    /// A part that cannot run here, with the reason.
    fn skip(&mut self, part: &str, title: &str, reason: &str) {
        step::heading(title);
        step::note(&format!("skipped: {reason}"));
        self.add(part, Counts { skipped: 1, ..Counts::default() }, Duration::ZERO);
    }

    fn window(&mut self) -> Outcome {
        if self.lacks_build("window") {
            return Ok(());
        }
        if !cfg!(target_os = "linux") {
            self.skip("window", "Real window", "this system has no driver for its web view");
            return Ok(());
        }
        // The suite sets its own stage: display, session bus, keychain, driver, folders.
        let driver = system::tauri_driver()?;
        let mut suite = cargo(&["test", "--workspace", "--quiet", "--test", "window"]);
        suite.args(["--", "--test-threads=1"]).args(&self.rest).env("AMTIA_WINDOW_TESTS", "1").env("AMTIA_TAURI_DRIVER", &driver);
        self.with_programs(&mut suite);
        let done = step::run("Real window (Xvfb, WebKitWebDriver)", suite, 15 * MINUTE)?;
        self.suite("window", &done);
        Ok(())
    }

    fn deny(&mut self) -> Outcome {
        if !system::on_path("cargo-deny") {
            step::heading("Licences and sources (cargo-deny)");
            step::note("skipped: cargo-deny is not installed");
            return Ok(());
        }
        let deny = cargo(&["deny", "--offline", "check", "licenses", "bans", "sources"]);
        self.check("deny", "Licences and sources (cargo-deny)", deny, 5)?;
        Ok(())
    }

    fn report(&self, took: Duration) -> Outcome {
        step::heading(&format!("Result after {}", step::seconds(took)));
        for line in &self.lines {
            println!("{line}");
        }
        let Counts { passed, failed, skipped } = self.sum;
        let skipped = if skipped == 0 { String::new() } else { format!(", {skipped} skipped") };
        println!("{passed} passed, {failed} failed{skipped}");
        if failed == 0 { Ok(()) } else { Err("Not everything passes.".to_owned()) }
    }
}
