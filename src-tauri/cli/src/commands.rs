//! The commands that do one thing and end.

use crate::secret::Secret;
use amtia_engine::{
    Check, Choices, DateOrder, Door, Import, ImportAnswer, ImportState, KeyError, Language, RegisterColumn, RegisterField, RegisterFormat,
    Role, Who, Wishes, Workspace, WorkspaceError, account_name,
};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

type Done = Result<(), String>;

fn watchers() -> tokio::sync::broadcast::Sender<amtia_engine::Changes> {
    tokio::sync::broadcast::channel(1).0
}

fn open(file: &Path, secret: &Secret) -> Result<Workspace, String> {
    Workspace::open(file, &secret.unlock(), "the command line", amtia_engine::system_clock(), watchers())
        .map_err(|cause| explain(file, &cause))
}

/// Why a workspace did not open, with what to do where nobody can be asked.
pub(crate) fn explain(file: &Path, cause: &WorkspaceError) -> String {
    match cause {
        WorkspaceError::Key(KeyError::Locked) => {
            format!(
                "No keychain here opens {} and no passphrase was given. Set AMTIA_PASSPHRASE or pass --passphrase-file.",
                file.display()
            )
        }
        other => other.to_string(),
    }
}

fn who(workspace: &Workspace, door: Door) -> Who {
    Who { actor: workspace.profile().unwrap_or_else(account_name), door }
}

pub(crate) fn init(file: &Path, sample: bool, secret: &Secret) -> Done {
    let clock = amtia_engine::system_clock();
    let workspace = amtia_engine::make(file, None, sample, &account_name(), secret.protection(), "the command line", &clock, &watchers())
        .map_err(|cause| cause.to_string())?;
    workspace.close();
    eprintln!("Made {}. Its key slots are beside it; keep both together.", file.display());
    Ok(())
}

pub(crate) fn create_key(file: &Path, name: &str, role: Role, as_json: bool, secret: &Secret) -> Done {
    let workspace = open(file, secret)?;
    let made = workspace.create_key(name, role, who(&workspace, Door::CommandLine));
    workspace.close();
    let (api_key, secret) = made.map_err(|cause| cause.to_string())?;
    if as_json {
        println!("{}", json!({ "api_key": api_key, "secret": secret }));
    } else {
        println!("api_key  {api_key}\nsecret   {secret}");
        eprintln!("The secret is shown once. Keep it where secrets are kept.");
    }
    Ok(())
}

pub(crate) fn verify(file: &Path, as_json: bool, secret: &Secret) -> Done {
    let workspace = open(file, secret)?;
    let report = workspace.verify();
    workspace.close();
    let report = report.map_err(|cause| cause.to_string())?;
    if as_json {
        println!("{}", serde_json::to_string(&report).map_err(|cause| cause.to_string())?);
    } else if report.sound {
        println!("Sound: {} entries of the audit trail, {} records, every page.", report.trail_entries, report.records);
    }
    if report.sound { Ok(()) } else { Err(report.problems.join("\n")) }
}

/// Risks of one check that are told by name.
const NAMED: usize = 20;

pub(crate) fn check(file: &Path, as_json: bool, secret: &Secret) -> Done {
    let workspace = open(file, secret)?;
    let found = workspace.checks();
    workspace.close();
    let found = found.map_err(|cause| cause.to_string())?;
    if as_json {
        println!("{}", serde_json::to_string(&found).map_err(|cause| cause.to_string())?);
        return Ok(());
    }
    if found.total == 0 {
        println!("The checks find nothing in the register.");
    }
    for one in found.checks.iter().filter(|one| one.count > 0) {
        let risks = if one.count == 1 { "risk" } else { "risks" };
        println!("{} {risks}: {}", one.count, explained(one.check));
        for risk in one.risks.iter().take(NAMED) {
            println!("  {}  {}", risk.reference, risk.name);
        }
        if one.risks.len() > NAMED {
            println!("  and {} more; --json names all of them", one.risks.len() - NAMED);
        }
    }
    Ok(())
}

fn explained(check: Check) -> &'static str {
    match check {
        Check::AboveAppetite => "above the appetite, not accepted, and no action is planned.",
        Check::NotAccepted => "treated as accepted, and nobody's acceptance stands.",
        Check::AcceptanceVoid => "changed since they were accepted: the acceptance no longer holds.",
        Check::AcceptanceExpired => "accepted for a time that is over.",
        Check::ResidualAbove => "expected to stand higher after the plan than today.",
        Check::DoneUnchanged => "an action that was to lower them is done, and they still stand where the plan began.",
        Check::ReviewOverdue => "their review date has passed.",
        Check::NoOwner => "nobody answers for them.",
    }
}

pub(crate) fn backup(file: &Path, to: &Path, secret: &Secret) -> Done {
    let workspace = open(file, secret)?;
    let made = workspace.backup(to);
    workspace.close();
    let bytes = made.map_err(|cause| cause.to_string())?;
    eprintln!("Copied to {} ({bytes} bytes) with its key slots; the copy was opened and is sound.", to.display());
    Ok(())
}

/// What the command line asks of an import.
pub(crate) struct Asked {
    pub(crate) dry_run: bool,
    pub(crate) as_json: bool,
    pub(crate) slug: Option<String>,
    /// `HEADING=FIELD`, an empty field leaving the column out.
    pub(crate) columns: Vec<String>,
    pub(crate) sheet: Option<String>,
    pub(crate) dates: Option<DateOrder>,
    pub(crate) leave_out_links: bool,
    pub(crate) leave_out_errors: bool,
}

pub(crate) fn import(file: &Path, path: &Path, asked: &Asked, secret: &Secret) -> Done {
    let bytes = std::fs::read(path).map_err(|cause| format!("{} cannot be read: {cause}. Nothing was imported.", path.display()))?;
    let workspace = open(file, secret)?;
    let result = run_import(&workspace, path, &bytes, asked);
    workspace.close();
    let (outcome, failure) = result?;
    if asked.as_json {
        println!("{outcome}");
    } else if failure.is_none() {
        tell(&outcome, asked.dry_run);
    }
    failure.map_or(Ok(()), Err)
}

/// Checks and, unless it is a dry run, applies. Answers the import and why it failed, if it did.
fn run_import(workspace: &Workspace, path: &Path, bytes: &[u8], asked: &Asked) -> Result<(Value, Option<String>), String> {
    let dry_run = asked.dry_run;
    let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let import = Arc::new(Import::new("import".into(), &name, workspace.store.now()));
    let bar = progress(&import);
    import.check(workspace, bytes, asked.slug.as_deref());
    let mut failure = None;
    if import.state() == ImportState::Checked
        && let Some(choices) = choices(&import.describe(), asked)?
    {
        import.choose(workspace, &choices).map_err(|cause| cause.to_string())?;
    }
    if import.state() == ImportState::Checked && !dry_run {
        let runtime = tokio::runtime::Builder::new_current_thread().build().map_err(|cause| cause.to_string())?;
        let wishes = Wishes { slug: None, leave_out_errors: asked.leave_out_errors };
        let applied = runtime.block_on(import.apply(workspace, who(workspace, Door::Import), wishes));
        failure = applied.err().map(|cause| cause.to_string());
    }
    bar.finish_and_clear();
    let mut outcome = json!(import.describe());
    outcome["dry_run"] = json!(dry_run);
    let counted = outcome["counts"].clone();
    // What happened, or in a dry run what would: nothing comes of a file that was not applied.
    let counts = dry_run || import.state() == ImportState::Applied;
    for (name, fate) in
        [("created", "create"), ("unchanged", "unchanged"), ("changed", "change"), ("removed", "remove"), ("errors", "error")]
    {
        outcome[name] = if counts || name == "errors" { counted[fate].clone() } else { json!(0) };
    }
    let errors = counted["error"].as_u64().unwrap_or(0);
    if failure.is_none() && import.state() == ImportState::Refused {
        failure = outcome["message"].as_str().map(str::to_owned);
    }
    if failure.is_none() && dry_run && (errors > 0 && !asked.leave_out_errors || outcome["verdict"] == "update") {
        failure = Some(if errors > 0 {
            format!("{errors} rows have errors. Nothing would be imported.")
        } else {
            "The workspace holds other content of this framework. Updating a framework is not possible.".into()
        });
    }
    if failure.is_some() && errors > 0 {
        let (rows, _, _) = import.rows(Some(amtia_engine::RowFate::Error), 0, 20);
        let lines: Vec<String> = rows
            .iter()
            .map(|row| {
                let called = row.reference.as_deref().or(row.title.as_deref()).unwrap_or("no id");
                let message = row.message.as_deref().unwrap_or("");
                // What stands in another sheet has no row of the register, and says where it stands.
                if row.row == 0 { format!("{called}: {message}") } else { format!("Row {} ({called}): {message}", row.row) }
            })
            .collect();
        failure = failure.map(|sentence| format!("{sentence}\n{}", lines.join("\n")));
    }
    Ok((outcome, failure))
}

/// What was asked of a register's columns; nothing where nothing was.
fn choices(import: &ImportAnswer, asked: &Asked) -> Result<Option<Choices>, String> {
    if asked.columns.is_empty() && asked.sheet.is_none() && asked.dates.is_none() && !asked.leave_out_links {
        return Ok(None);
    }
    let register = import.register.as_ref().ok_or("Columns can be chosen for a register of risks alone. Nothing was imported.")?;
    let column = |named: &String| -> Result<(usize, Option<RegisterField>), String> {
        let (heading, field) = named.split_once('=').ok_or_else(|| format!("--map takes HEADING=FIELD, not {named}."))?;
        let is = |column: &&RegisterColumn| column.heading == heading.trim() || column.letter.as_deref() == Some(heading.trim());
        let place =
            register.columns.iter().find(is).ok_or_else(|| format!("The file has no column {heading}. Nothing was imported."))?.column;
        let field = match field.trim() {
            "" => None,
            word => {
                Some(serde_json::from_value(json!(word)).map_err(|_| format!("A register has no field {word}. Nothing was imported."))?)
            }
        };
        Ok((place, field))
    };
    Ok(Some(Choices {
        sheet: asked.sheet.clone(),
        columns: asked.columns.iter().map(column).collect::<Result<_, _>>()?,
        dates: asked.dates.map(Some),
        leave_out_links: asked.leave_out_links.then_some(true),
    }))
}

/// Writes the register of risks.
pub(crate) fn export(file: &Path, format: RegisterFormat, language: Language, out: &Path, secret: &Secret) -> Done {
    let workspace = open(file, secret)?;
    let written = workspace.export_risks(format, language, out);
    workspace.close();
    let risks = written.map_err(|cause| cause.to_string())?;
    eprintln!("Wrote {risks} risks to {}.", out.display());
    Ok(())
}

fn progress(import: &Arc<Import>) -> indicatif::ProgressBar {
    let bar = indicatif::ProgressBar::new(0).with_style(indicatif::ProgressStyle::default_bar());
    let (shown, watched) = (bar.clone(), Arc::downgrade(import));
    std::thread::spawn(move || {
        while let Some(import) = watched.upgrade().filter(|_| !shown.is_finished()) {
            let (done, total) = import.progress();
            shown.set_length(total as u64);
            shown.set_position(done as u64);
            drop(import);
            std::thread::sleep(Duration::from_millis(100));
        }
    });
    bar
}

fn tell(outcome: &Value, dry_run: bool) {
    if outcome["register"].is_object() {
        let count = |name: &str| outcome[name].as_u64().unwrap_or(0);
        let (created, changed, unchanged, errors) = (count("created"), count("changed"), count("unchanged"), count("errors"));
        let left_out = if errors > 0 { format!(", {errors} left out for their errors") } else { String::new() };
        let verb = if dry_run { "would be" } else { "were" };
        let end = if dry_run { " Nothing was changed." } else { "" };
        println!("{created} risks {verb} made, {changed} changed; {unchanged} are the same{left_out}.{end}");
        let left = |what: &str| outcome["register"][what].as_u64().unwrap_or(0);
        if left("acceptances_left") > 0 {
            println!("{} rows tell of an acceptance. None is imported: who bears a risk is decided here.", left("acceptances_left"));
        }
        if left("documents_left") > 0 {
            println!("{} rows name documents that their risks do not have here. They are not imported.", left("documents_left"));
        }
        return;
    }
    let framework = &outcome["framework"];
    let (name, id) = (framework["name"].as_str().unwrap_or(""), framework["id"].as_str().unwrap_or(""));
    let count = framework["control_count"].as_u64().unwrap_or(0);
    match (outcome["verdict"].as_str(), dry_run) {
        (Some("unchanged"), _) => println!("{name} is here already as {id}, the same in every row. Nothing was changed."),
        (_, true) => println!("{name}: {count} controls would be imported as {id}. Nothing was changed."),
        _ => println!("{name}: {count} controls imported as {id}."),
    }
}
