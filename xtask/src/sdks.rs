//! The SDKs' own tests, against a real `amtia serve`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use crate::served::Served;
use crate::{Outcome, step, system, tree, ui};

const MINUTES: Duration = Duration::from_secs(5 * 60);

/// One suite: what it is called, and how it is run or why it cannot be.
pub struct Suite {
    /// In the line of the result.
    pub part: &'static str,
    /// Above its output.
    pub title: &'static str,
    /// Whether it counts its own tests, or is one yes or no.
    pub counts: bool,
    /// Ready to run, or the reason for skipping it.
    pub command: Result<Command, String>,
}

/// Every suite, in order, told where the API is.
pub fn suites(served: &Served) -> Result<Vec<Suite>, String> {
    let mut suites = python()?;
    suites.extend(javascript()?);
    suites.push(php());
    for suite in &mut suites {
        if let Ok(command) = &mut suite.command {
            served.tell(command);
        }
    }
    Ok(suites)
}

fn folder(language: &str) -> PathBuf {
    tree::root().join("sdks").join(language)
}

fn python() -> Result<Vec<Suite>, String> {
    let environment = match virtual_environment("sdk-python", &folder("python").join("constraints.txt"), &["-e", "sdks/python[test]"])? {
        Ok(bin) => bin,
        Err(reason) => return Ok(vec![Suite { part: "sdk python", title: "Python SDK", counts: true, command: Err(reason) }]),
    };
    let tool = |name: &str| {
        let mut command = Command::new(environment.join(name));
        command.current_dir(folder("python"));
        command
    };
    Ok(vec![
        Suite { part: "py types", title: "Python SDK: types (mypy)", counts: false, command: Ok(tool("mypy")) },
        Suite { part: "sdk python", title: "Python SDK against `amtia serve`", counts: true, command: Ok(tool("pytest")) },
    ])
}

/// Compiled by the user interface's TypeScript, run by Node's own test runner.
fn javascript() -> Result<Vec<Suite>, String> {
    ui::packages()?;
    let folder = folder("js");
    let compiler = tree::root().join("ui/node_modules/typescript/bin/tsc");
    let compile = |project: PathBuf| {
        let mut command = Command::new("node");
        command.arg(&compiler).arg("--project").arg(project);
        command
    };
    step::must("JavaScript SDK: build (tsc)", compile(folder.clone()), MINUTES)?;
    let mut tests = Command::new("node");
    tests.args(["--test", "--test-reporter=tap", "tests/"]).current_dir(&folder);
    Ok(vec![
        Suite {
            part: "js types",
            title: "JavaScript SDK: types as their users see them",
            counts: false,
            command: Ok(compile(folder.join("tests"))),
        },
        Suite { part: "sdk js", title: "JavaScript SDK against `amtia serve`", counts: true, command: Ok(tests) },
    ])
}

/// Debian's own packages, so that nothing is fetched: PHP, PHPUnit, the PSR interfaces and a PSR-18 client to test with.
fn php() -> Suite {
    let found = system::packages(&[system::PHP])
        .and_then(|()| system::find("phpunit").ok_or_else(|| "phpunit is not installed (Debian: phpunit)".to_owned()));
    let command = found.map(|phpunit| {
        let mut command = Command::new(phpunit);
        command.current_dir(folder("php"));
        command
    });
    Suite { part: "sdk php", title: "PHP SDK against `amtia serve`", counts: true, command }
}

/// A Python environment in `target/tools` with these packages; where Python lacks what it takes, the reason.
pub fn virtual_environment(name: &str, constraints: &Path, packages: &[&str]) -> Result<Result<PathBuf, String>, String> {
    let Some(python) = system::python() else {
        return Ok(Err("Python 3.11 or newer with venv and pip is not installed (Debian: python3-venv)".to_owned()));
    };
    let place = tree::target().join("tools").join(name);
    let bin = place.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let wanted = [
        fs::read_to_string(constraints).map_err(|e| format!("{} cannot be read: {e}", constraints.display()))?,
        fs::read_to_string(folder("python").join("pyproject.toml")).unwrap_or_default(),
        packages.join(" "),
    ]
    .join("\n");
    let stamp = place.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(Ok(bin));
    }
    let mut make = Command::new(python);
    make.args(["-m", "venv", "--clear"]).arg(&place);
    step::must("Python environment", make, MINUTES)?;
    let mut install = Command::new(bin.join("python"));
    install.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--constraint"]).arg(constraints).args(packages);
    step::must("Python packages (pip install)", install, MINUTES)?;
    write(&stamp, &wanted)?;
    Ok(Ok(bin))
}

fn write(path: &Path, text: &str) -> Outcome {
    fs::write(path, text).map_err(|e| format!("{} cannot be written: {e}", path.display()))
}
