//! The project's own commands: `cargo xtask run | test | bench | gen`.
//!
//! Each sets up whatever it finds missing first, or says what is missing and how to get it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks on its standard streams")]

mod bench;
mod contract;
mod counts;
mod generate;
mod run;
mod sdks;
mod served;
mod step;
mod system;
mod test;
mod tree;
mod ui;
mod window;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask run   [--release] [--serve] [-- arguments for the app]
    Starts AMTIA Desktop. Without a display (or with --serve) it serves the same UI and engine
    on this machine's loopback address and prints where.
cargo xtask test  [--long] [part …] [-- arguments for the Rust tests]
    Passes every test. Parts: fmt clippy build rust ui browser sdks contract window deny.
    --long repeats the kill and power-cut tests a thousand times, and tries the API with 10,000 cases.
cargo xtask bench [--risks N] [--seeded FOLDER] [part …]
    Measures the release build with 100,000 risks (or N) and writes bench/latest.json and bench/latest.md.
    --seeded keeps the filled workspace in a folder for the next run. Parts: inside outside write import start.
cargo xtask gen
    Writes openapi.json from the engine, and from openapi.json the types of the UI and of the SDKs.

Each command installs what it needs (Debian packages as root or by sudo, npm packages, tauri-driver)
or names what is missing.";

/// Why a command ended early: one message for people.
type Outcome = Result<(), String>;

fn main() -> ExitCode {
    let mut arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.is_empty() {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    }
    let command = arguments.remove(0);
    let outcome = match command.as_str() {
        "run" => run::run(&arguments),
        "test" => test::test(&arguments),
        "bench" => bench::bench(&arguments),
        "gen" => generate::generate(),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        other => {
            eprintln!("There is no command `{other}`.\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("\n{message}");
            ExitCode::FAILURE
        }
    }
}
