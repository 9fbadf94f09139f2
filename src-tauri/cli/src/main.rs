//! `amtia`: the command line. No rule of its own; every command goes through the engine.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing is what a command line does")]

mod assets;
mod commands;
mod secret;
mod serve;

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;

/// AMTIA Desktop on the command line: make, serve, import, check, verify and back up a workspace.
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
    /// Import a framework (OSCAL catalog, CISO Assistant library) or a register of risks (XLSX, CSV, JSON).
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
        /// Take a register's column for a field, such as "Porteur=owner"; an empty field leaves the column out.
        #[arg(long = "map", value_name = "HEADING=FIELD")]
        columns: Vec<String>,
        /// The sheet of a workbook to read.
        #[arg(long)]
        sheet: Option<String>,
        /// The order of day and month in dates such as 03/04/2026.
        #[arg(long)]
        dates: Option<DatesName>,
        /// Leave out links to controls and assets that are not in the workspace, in place of refusing their rows.
        #[arg(long)]
        leave_out_links: bool,
        /// Leave out a register's rows that have errors, in place of importing nothing.
        #[arg(long)]
        leave_out_errors: bool,
    },
    /// Export the register of risks.
    Export {
        /// The workspace file.
        file: PathBuf,
        /// What to export.
        kind: KindName,
        /// The format.
        #[arg(long)]
        format: FormatName,
        /// Where the file goes.
        #[arg(long)]
        out: PathBuf,
        /// The language of headings and words.
        #[arg(long, default_value = "en")]
        language: LanguageName,
    },
    /// Check every page, every link of the audit trail and every record.
    Verify {
        /// The workspace file.
        file: PathBuf,
        /// Print one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Check the risk register: what contradicts itself, is overdue, or has nobody to answer for it.
    Check {
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

/// What can be exported.
#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    /// The register of risks.
    Risks,
}

#[derive(Clone, Copy, ValueEnum)]
enum FormatName {
    /// A workbook.
    Xlsx,
    /// Text with a separator.
    Csv,
    /// Records.
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
enum LanguageName {
    /// English.
    En,
    /// French.
    Fr,
}

#[derive(Clone, Copy, ValueEnum)]
enum DatesName {
    /// 3 April.
    DayFirst,
    /// March 4.
    MonthFirst,
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
        Command::Import { file, path, dry_run, json, slug, columns, sheet, dates, leave_out_links, leave_out_errors } => {
            let dates = dates.map(Into::into);
            let asked = commands::Asked { dry_run, as_json: json, slug, columns, sheet, dates, leave_out_links, leave_out_errors };
            commands::import(&file, &path, &asked, &secret)
        }
        Command::Export { file, kind: KindName::Risks, format, out, language } => {
            commands::export(&file, format.into(), language.into(), &out, &secret)
        }
        Command::Verify { file, json } => commands::verify(&file, json, &secret),
        Command::Check { file, json } => commands::check(&file, json, &secret),
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

impl From<FormatName> for amtia_engine::RegisterFormat {
    fn from(name: FormatName) -> Self {
        match name {
            FormatName::Xlsx => Self::Xlsx,
            FormatName::Csv => Self::Csv,
            FormatName::Json => Self::Json,
        }
    }
}

impl From<LanguageName> for amtia_engine::Language {
    fn from(name: LanguageName) -> Self {
        match name {
            LanguageName::En => Self::English,
            LanguageName::Fr => Self::French,
        }
    }
}

impl From<DatesName> for amtia_engine::DateOrder {
    fn from(name: DatesName) -> Self {
        match name {
            DatesName::DayFirst => Self::DayFirst,
            DatesName::MonthFirst => Self::MonthFirst,
        }
    }
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
