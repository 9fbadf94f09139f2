//! `amtia`: the command line. No rule of its own; every command goes through the engine.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line does")]

mod assets;
mod commands;
mod secret;
mod serve;

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// AMTIA Desktop on the command line: make, serve, import, verify and back up a workspace.
///
/// The passphrase comes from AMTIA_PASSPHRASE or --passphrase-file; with neither, from the keychain.
/// Exit codes: 0 done, 1 failed, 2 wrong usage.
#[derive(Parser)]
#[command(name = "amtia", version, max_term_width = 100)]
struct Arguments {
    /// A file whose first line is the passphrase; the keychain is then left alone.
    #[arg(long, global = true, value_name = "PATH")]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a workspace file.
    Init {
        /// The file to make.
        file: PathBuf,
        /// Fill it with a fictional bank.
        #[arg(long)]
        sample: bool,
    },
    /// Serve the API and the window's page on this device's loopback address.
    Serve {
        /// The workspace file; where there is none, the page offers to make it.
        file: PathBuf,
        /// The port; 0 takes any free one.
        #[arg(long, default_value_t = 7411)]
        port: u16,
    },
    /// API keys.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Import a framework: an OSCAL catalog or a CISO Assistant library.
    Import {
        /// The workspace file.
        file: PathBuf,
        /// The file to import.
        path: PathBuf,
        /// Only tell what would happen.
        #[arg(long)]
        dry_run: bool,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
        /// The framework's id, for an OSCAL catalog.
        #[arg(long)]
        slug: Option<String>,
    },
    /// Check every page, every link of the audit trail and every record.
    Verify {
        /// The workspace file.
        file: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Copy a workspace with its key slots, and open the copy to prove it.
    Backup {
        /// The workspace file.
        file: PathBuf,
        /// Where the copy goes.
        path: PathBuf,
    },
    /// Print the OpenAPI document.
    #[command(hide = true)]
    Openapi,
}

#[derive(Subcommand)]
enum KeyCommand {
    /// Make an API key. Its secret is shown once.
    Create {
        /// The workspace file.
        file: PathBuf,
        /// What people will call it; history names it.
        #[arg(long)]
        name: String,
        /// What it may do.
        #[arg(long)]
        role: RoleName,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, ValueEnum)]
enum RoleName {
    /// Read.
    Viewer,
    /// Read and write records.
    Analyst,
    /// Everything.
    Admin,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let log = tracing_subscriber::EnvFilter::try_from_env("AMTIA_LOG").unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    let secret = match secret::find(arguments.passphrase_file.as_deref()) {
        Ok(secret) => secret,
        Err(sentence) => return failed(&sentence),
    };
    let done = match arguments.command {
        Command::Init { file, sample } => commands::init(&file, sample, &secret),
        Command::Serve { file, port } => serve::serve(&file, port, &secret),
        Command::Key { command: KeyCommand::Create { file, name, role, json } } => {
            commands::create_key(&file, &name, role.into(), json, &secret)
        }
        Command::Import { file, path, dry_run, json, slug } => commands::import(&file, &path, dry_run, json, slug, &secret),
        Command::Verify { file, json } => commands::verify(&file, json, &secret),
        Command::Backup { file, path } => commands::backup(&file, &path, &secret),
        Command::Openapi => {
            print!("{}", amtia_engine::openapi_json());
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => failed(&sentence),
    }
}

fn failed(sentence: &str) -> ExitCode {
    eprintln!("{sentence}");
    ExitCode::from(1)
}

impl From<RoleName> for amtia_engine::Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Viewer => Self::Viewer,
            RoleName::Analyst => Self::Analyst,
            RoleName::Admin => Self::Admin,
        }
    }
}
