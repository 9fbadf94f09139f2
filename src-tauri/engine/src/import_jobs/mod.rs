//! Imports under way: a file is read and compared first (the dry run), kept in memory, and stored only when told so.

mod answer;
mod framework;
mod judge;
mod kept;
mod register;
mod source;

use crate::error::Error;
use crate::import::{self, Go, Progress};
use crate::register::{CellProblem, Field};
use crate::store::{Who, matrices, registers};
use crate::workspace::Workspace;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use framework::FrameworkPlan;
use register::{Chosen, RegisterPlan};
use serde::{Deserialize, Serialize};
use source::Source;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use utoipa::ToSchema;

pub use answer::{Choices, ImportedRegister, RegisterColumn};
pub use framework::ImportedFramework;
pub(crate) use kept::Imports;

amtia_domain::words! {
    /// How far an import is.
    ImportState {
        /// The file is being read and compared.
        Reading = "reading",
        /// The dry run is there; nothing is saved.
        Checked = "checked",
        /// The file cannot be imported; nothing was saved.
        Refused = "refused",
        /// It is being stored.
        Applying = "applying",
        /// It is stored.
        Applied = "applied",
        /// It was stopped; nothing was saved.
        Cancelled = "cancelled",
        /// Storing failed; nothing was saved.
        Failed = "failed",
    }
}

amtia_domain::words! {
    /// What becomes of one row.
    RowFate {
        /// It is new.
        Create = "create",
        /// It is there already, the same.
        Unchanged = "unchanged",
        /// It is there already, different.
        Change = "change",
        /// It is there and no longer in the file.
        Remove = "remove",
        /// Something is wrong with it.
        Error = "error",
    }
}

amtia_domain::words! {
    /// What the file is to this workspace.
    Verdict {
        /// A framework that is not here; a register with risks that are new or differ.
        New = "new",
        /// What is here, the same: there is nothing to do.
        Unchanged = "unchanged",
        /// A framework that is here, different.
        Update = "update",
    }
}

/// One row of a dry run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ImportRow {
    /// Its place in the file, from 1.
    pub row: usize,
    /// The reference or id by which a person finds it.
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Its title.
    pub title: Option<String>,
    /// What becomes of it.
    pub fate: RowFate,
    /// What differs, or what is wrong.
    pub message: Option<String>,
    /// 1 for a root.
    pub depth: usize,
    /// The columns in which a risk would change.
    pub fields: Vec<Field>,
    /// What is wrong with the row's cells; the message says the first. Where very many rows are wrong, the later ones have
    /// the first alone.
    pub problems: Vec<CellProblem>,
}

amtia_domain::words! {
    /// What a file holds.
    FileFormat {
        /// OSCAL 1.x catalog, JSON: a framework.
        OscalCatalog = "oscal_catalog",
        /// CISO Assistant library, YAML: a framework.
        CisoAssistant = "ciso_assistant",
        /// A workbook: a register of risks.
        Xlsx = "xlsx",
        /// Text with a separator: a register of risks.
        Csv = "csv",
        /// A register of risks as JSON.
        Json = "json",
    }
}

/// An import: how far it is, and what it would do or did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Import)]
pub struct ImportAnswer {
    /// Its id.
    pub id: String,
    /// How far it is.
    pub state: ImportState,
    /// The file's name.
    pub file_name: String,
    /// What the file holds; null until it is read.
    pub format: Option<FileFormat>,
    /// Why it was refused or failed.
    pub message: Option<String>,
    /// The framework that it brings.
    pub framework: Option<ImportedFramework>,
    /// The register that it brings.
    pub register: Option<ImportedRegister>,
    /// What the file is to this workspace.
    pub verdict: Option<Verdict>,
    /// Rows by fate.
    pub counts: BTreeMap<String, usize>,
    /// Rows read or stored so far.
    pub done: usize,
    /// Rows in all; 0 until known.
    pub total: usize,
    /// RFC 3339, UTC.
    pub created_at: String,
}

enum Plan {
    Framework(FrameworkPlan),
    Register(RegisterPlan),
}

impl Plan {
    fn verdict(&self) -> Verdict {
        match self {
            Self::Framework(plan) => plan.verdict,
            Self::Register(plan) => plan.verdict(),
        }
    }

    fn total(&self) -> usize {
        match self {
            Self::Framework(plan) => plan.rows.len(),
            Self::Register(plan) => plan.total(),
        }
    }

    fn weight(&self) -> usize {
        match self {
            Self::Framework(plan) => plan.weight(),
            Self::Register(plan) => plan.weight(),
        }
    }

    fn count(&self, fate: RowFate) -> usize {
        match self {
            Self::Framework(plan) => plan.rows.iter().filter(|row| row.fate == fate).count(),
            Self::Register(plan) => plan.count(fate),
        }
    }

    fn format(&self) -> Option<FileFormat> {
        FileFormat::from_word(match self {
            Self::Framework(plan) => plan.format.word(),
            Self::Register(plan) => plan.format(),
        })
    }
}

/// What is asked of storing an import.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wishes {
    /// The framework's id, in place of the one that the dry run named.
    pub slug: Option<String>,
    /// Rows of a register with errors are left out, and do not keep the others from being stored.
    pub leave_out_errors: bool,
}

struct Inner {
    state: ImportState,
    message: Option<String>,
    plan: Option<Arc<Plan>>,
    applied_id: Option<String>,
}

/// One import.
pub struct Import {
    /// Its id.
    pub id: String,
    file_name: String,
    created_at: String,
    stop: AtomicBool,
    done: AtomicUsize,
    total: AtomicUsize,
    /// About how many bytes of memory its plan takes.
    weight: AtomicUsize,
    inner: Mutex<Inner>,
}

impl Import {
    /// An import of a file of this name, nothing read yet.
    #[must_use]
    pub fn new(id: String, file_name: &str, now: jiff::Timestamp) -> Self {
        let inner = Inner { state: ImportState::Reading, message: None, plan: None, applied_id: None };
        let file_name: String = file_name.chars().filter(|c| !c.is_control()).take(200).collect();
        Self {
            id,
            file_name,
            created_at: rfc3339(now),
            stop: AtomicBool::new(false),
            done: AtomicUsize::new(0),
            total: AtomicUsize::new(0),
            weight: AtomicUsize::new(0),
            inner: Mutex::new(inner),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far it is.
    pub fn state(&self) -> ImportState {
        self.inner().state
    }

    /// Asks it to stop.
    pub fn cancel(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    fn going(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// How far it is: rows read or stored, and rows in all.
    #[must_use]
    pub fn progress(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    fn settle(&self, state: ImportState, message: Option<String>) {
        let mut inner = self.inner();
        inner.state = state;
        inner.message = message;
    }

    fn watch(&self, done: usize, total: usize) -> bool {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.going()
    }

    /// Reads the file and compares it with the workspace. Saves nothing.
    pub fn check(&self, workspace: &Workspace, bytes: &[u8], slug: Option<&str>) {
        let _alone = workspace.imports.one_at_a_time();
        let source = Source::read(bytes, &self.file_name, &mut |done| self.watch(done, 0)).or_else(|| Source::read_json(bytes));
        let planned = match source {
            Some(Ok(source)) => self.compare(workspace, Arc::new(source), Chosen::default()),
            Some(Err(sentence)) => Ok(Err(sentence)),
            None => self.check_framework(workspace, bytes, slug),
        };
        self.settle_plan(planned);
        workspace.imports.make_room(&self.id);
    }

    fn settle_plan(&self, planned: Result<Result<Plan, String>, Error>) {
        match planned {
            _ if !self.going() => self.settle(ImportState::Cancelled, None),
            Ok(Ok(plan)) => {
                self.watch(plan.total(), plan.total());
                self.weight.store(plan.weight(), Ordering::Relaxed);
                let mut inner = self.inner();
                inner.plan = Some(Arc::new(plan));
                inner.message = None;
                inner.state = ImportState::Checked;
            }
            Ok(Err(sentence)) => self.settle(ImportState::Refused, Some(sentence)),
            Err(cause) => {
                tracing::error!(%cause, "a checked file could not be compared");
                self.settle(ImportState::Failed, Some("The file could not be compared with the workspace. Nothing was imported.".into()));
            }
        }
    }

    fn check_framework(&self, workspace: &Workspace, bytes: &[u8], slug: Option<&str>) -> Result<Result<Plan, String>, Error> {
        let mut watch = |progress: Progress| if self.watch(progress.done, progress.total) { Go::Continue } else { Go::Stop };
        match import::read(bytes, &self.file_name, slug, &mut watch) {
            Ok((format, draft)) => FrameworkPlan::new(&workspace.store, bytes, format, draft).map(|plan| Ok(Plan::Framework(plan))),
            Err(refusal) => Ok(Err(refusal.to_string())),
        }
    }

    fn compare(&self, workspace: &Workspace, source: Arc<Source>, chosen: Chosen) -> Result<Result<Plan, String>, Error> {
        let planned = workspace.store.read(|connection| {
            let (matrix, now) = (matrices::in_force(connection)?, workspace.store.now());
            RegisterPlan::new(connection, source, chosen, &matrix, now, &mut |done, total| self.watch(done, total))
        })?;
        Ok(planned.map(Plan::Register))
    }

    /// Reads a register's columns as a person chooses, and compares it anew; also one that failed, as it is.
    ///
    /// # Errors
    /// Another file than a register, one that is being worked on or was stored; every choice that the file does not offer.
    pub fn choose(&self, workspace: &Workspace, choices: &Choices) -> Result<(), Error> {
        let (source, chosen) = {
            let mut inner = self.inner();
            match inner.state {
                ImportState::Checked | ImportState::Failed => {}
                ImportState::Reading | ImportState::Applying => return Err(Error::bad("The import is still being worked on.")),
                ImportState::Applied | ImportState::Refused | ImportState::Cancelled => {
                    return Err(Error::bad("Of this import nothing can be chosen any more."));
                }
            }
            let Some(Plan::Register(plan)) = inner.plan.as_deref() else {
                return Err(Error::bad("Columns can be chosen for a register of risks alone."));
            };
            let chosen = (Arc::clone(&plan.source), plan.choose(choices)?);
            inner.state = ImportState::Reading;
            chosen
        };
        match self.compare(workspace, source, chosen) {
            // The sheet that was chosen is no register: the one before stays.
            Ok(Err(sentence)) if self.going() => {
                self.settle(ImportState::Checked, None);
                Err(Error::field("sheet", format!("is no register: {sentence}")))
            }
            planned => {
                self.settle_plan(planned);
                Ok(())
            }
        }
    }

    /// Stores what was checked, as one step that undo takes back.
    ///
    /// # Errors
    /// Nothing checked, an update, rows with errors, a slug that is no slug, a cancelled import; the database's.
    pub async fn apply(self: &Arc<Self>, workspace: &Workspace, who: Who, wishes: Wishes) -> Result<(), Error> {
        let plan = {
            let mut inner = self.inner();
            match inner.state {
                ImportState::Checked => {}
                ImportState::Applied => return Ok(()),
                ImportState::Reading | ImportState::Applying => return Err(Error::bad("The import is still being worked on.")),
                ImportState::Refused | ImportState::Cancelled | ImportState::Failed => {
                    return Err(Error::bad("This import cannot be applied. Nothing was imported."));
                }
            }
            let plan = inner.plan.clone().ok_or_else(|| Error::internal("checked without a plan"))?;
            match &*plan {
                Plan::Framework(plan) => plan.applicable(wishes.slug.as_deref())?,
                Plan::Register(plan) => plan.applicable(wishes.leave_out_errors)?,
            }
            if plan.verdict() == Verdict::Unchanged {
                inner.state = ImportState::Applied;
                if let Plan::Framework(plan) = &*plan {
                    inner.applied_id = Some(plan.slug.clone());
                }
                return Ok(());
            }
            inner.state = ImportState::Applying;
            plan
        };
        self.done.store(0, Ordering::Relaxed);
        let this = Arc::clone(self);
        let stored = workspace
            .store
            .write(who, move |tx| {
                let going = |done: usize| {
                    this.done.store(done, Ordering::Relaxed);
                    this.going()
                };
                match &*plan {
                    Plan::Framework(plan) => plan.store(tx, wishes.slug, &going).map(Some),
                    // By the matrix in force when it is stored, which may be another than at the dry run.
                    Plan::Register(plan) => {
                        let matrix = matrices::in_force(tx.connection)?;
                        registers::many(tx, || plan.store(tx, &this.id, &this.file_name, &matrix, &going).map(|()| None))
                    }
                }
            })
            .await;
        match stored {
            Ok(id) => {
                self.done.store(self.total.load(Ordering::Relaxed), Ordering::Relaxed);
                let mut inner = self.inner();
                inner.state = ImportState::Applied;
                inner.applied_id = id;
                Ok(())
            }
            Err(_) if !self.going() => {
                self.settle(ImportState::Cancelled, None);
                Ok(())
            }
            Err(error) => {
                self.settle(ImportState::Failed, Some("Nothing was imported.".into()));
                Err(error)
            }
        }
    }

    /// The import as the API answers it.
    #[must_use]
    pub fn describe(&self) -> ImportAnswer {
        let inner = self.inner();
        let (done, total) = self.progress();
        let plan = inner.plan.as_deref();
        let (framework, register) = match plan {
            Some(Plan::Framework(plan)) => (Some(plan.describe(inner.applied_id.as_deref())), None),
            Some(Plan::Register(plan)) => (None, Some(plan.describe())),
            None => (None, None),
        };
        ImportAnswer {
            id: self.id.clone(),
            state: inner.state,
            file_name: self.file_name.clone(),
            format: plan.and_then(Plan::format),
            message: inner.message.clone(),
            framework,
            register,
            verdict: plan.map(Plan::verdict),
            counts: RowFate::ALL.iter().map(|fate| (fate.word().to_owned(), plan.map_or(0, |plan| plan.count(*fate)))).collect(),
            done,
            total,
            created_at: self.created_at.clone(),
        }
    }

    /// Rows of the dry run from a place on, of one fate or of any; and where the next page starts.
    #[must_use]
    pub fn rows(&self, fate: Option<RowFate>, from: usize, limit: usize) -> (Vec<ImportRow>, Option<usize>, usize) {
        let plan = self.inner().plan.clone();
        let (rows, total) = match plan.as_deref() {
            None => return (Vec::new(), None, 0),
            Some(Plan::Framework(plan)) => {
                let matching = || plan.rows.iter().filter(|row| fate.is_none_or(|fate| row.fate == fate));
                (matching().skip(from).take(limit).cloned().collect(), matching().count())
            }
            Some(Plan::Register(plan)) => plan.page(fate, from, limit),
        };
        let next = (from + rows.len() < total).then_some(from + rows.len());
        (rows, next, total)
    }
}
