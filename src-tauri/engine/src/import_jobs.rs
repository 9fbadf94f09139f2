//! Imports under way: a file is read and compared first (the dry run), kept in memory, and stored only when told so.

use crate::crypto;
use crate::error::Error;
use crate::import::{self, Fate, Format, Go, Progress};
use crate::store::{Store, Who, frameworks};
use amtia_domain::framework::{ControlDraft, FrameworkDraft};
use amtia_domain::time::rfc3339;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use utoipa::ToSchema;

/// Imports remembered at once; the oldest is forgotten first.
const KEPT: usize = 8;

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
        /// A framework that is not here.
        New = "new",
        /// One that is here, the same: there is nothing to do.
        Unchanged = "unchanged",
        /// One that is here, different.
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
}

struct Plan {
    format: Format,
    draft: FrameworkDraft,
    fingerprint: [u8; 32],
    file: Vec<u8>,
    verdict: Verdict,
    slug: String,
    rows: Vec<ImportRow>,
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
    inner: Mutex<Inner>,
}

/// The imports of one open workspace.
#[derive(Default)]
pub(crate) struct Imports(Mutex<VecDeque<Arc<Import>>>);

impl Imports {
    /// Begins an import.
    pub(crate) fn begin(&self, id: String, file_name: &str, now: jiff::Timestamp) -> Arc<Import> {
        let import = Arc::new(Import::new(id, file_name, now));
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while kept.len() >= KEPT {
            if let Some(oldest) = kept.pop_front() {
                oldest.cancel();
            }
        }
        kept.push_back(Arc::clone(&import));
        import
    }

    /// One import.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Import>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().find(|import| import.id == id).cloned()
    }

    /// Stops an import if it runs, and forgets it.
    pub(crate) fn forget(&self, id: &str) -> bool {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(place) = kept.iter().position(|import| import.id == id) else { return false };
        kept[place].cancel();
        kept.remove(place);
        true
    }
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

    /// Reads the file and compares it with the workspace. Saves nothing.
    pub fn check(&self, store: &Store, bytes: &[u8], slug: Option<&str>) {
        let mut watch = |progress: Progress| {
            self.done.store(progress.done, Ordering::Relaxed);
            self.total.store(progress.total, Ordering::Relaxed);
            if self.going() { Go::Continue } else { Go::Stop }
        };
        let (format, draft) = match import::read(bytes, &self.file_name, slug, &mut watch) {
            Ok(read) => read,
            Err(import::Refusal::Cancelled) => return self.settle(ImportState::Cancelled, None),
            Err(refusal) => return self.settle(ImportState::Refused, Some(refusal.to_string())),
        };
        match plan(store, bytes, format, draft) {
            Ok(plan) => {
                self.done.store(plan.rows.len(), Ordering::Relaxed);
                self.total.store(plan.rows.len(), Ordering::Relaxed);
                let mut inner = self.inner();
                inner.plan = Some(Arc::new(plan));
                inner.state = if self.going() { ImportState::Checked } else { ImportState::Cancelled };
            }
            Err(cause) => {
                tracing::error!(%cause, "a checked file could not be compared");
                self.settle(ImportState::Failed, Some("The file could not be compared with the workspace. Nothing was imported.".into()));
            }
        }
    }

    /// Stores what was checked, as one step that undo takes back.
    ///
    /// # Errors
    /// Nothing checked, an update, rows with errors, a slug that is no slug, a cancelled import; the database's.
    pub async fn apply(self: &Arc<Self>, store: &Store, who: Who, slug: Option<String>) -> Result<(), Error> {
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
            applicable(&plan, slug.as_deref())?;
            if plan.verdict == Verdict::Unchanged {
                inner.state = ImportState::Applied;
                inner.applied_id = Some(plan.slug.clone());
                return Ok(());
            }
            inner.state = ImportState::Applying;
            plan
        };
        self.done.store(0, Ordering::Relaxed);
        let this = Arc::clone(self);
        let work = Arc::clone(&plan);
        let stored = store
            .write(who, move |tx| {
                if frameworks::find_identity(tx.connection, &work.draft.identity)?.is_some() {
                    return Err(Error::bad("This framework was imported meanwhile. Nothing was imported a second time."));
                }
                let mut draft = work.draft.clone();
                if let Some(slug) = slug {
                    draft.slug = slug;
                }
                let going = |done: usize| {
                    this.done.store(done, Ordering::Relaxed);
                    this.going()
                };
                frameworks::create(tx, &draft, &work.fingerprint, Some(&work.file), &going)
            })
            .await;
        match stored {
            Ok(stored) => {
                self.done.store(self.total.load(Ordering::Relaxed), Ordering::Relaxed);
                let mut inner = self.inner();
                inner.state = ImportState::Applied;
                inner.applied_id = Some(stored.record.id);
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
    pub fn describe(&self) -> Value {
        use amtia_domain::words::Word;
        let inner = self.inner();
        let (done, total) = self.progress();
        let plan = inner.plan.as_deref();
        let framework = plan.map(|plan| {
            let id = inner.applied_id.as_ref().unwrap_or(&plan.slug);
            json!({
                "id": id, "name": plan.draft.name, "version": plan.draft.version, "publisher": plan.draft.publisher, "locale": plan.draft.locale,
                "control_count": plan.draft.nodes.iter().filter(|node| node.is_control).count(),
            })
        });
        let counts: serde_json::Map<String, Value> = RowFate::ALL
            .iter()
            .map(|fate| (fate.word().to_owned(), json!(plan.map_or(0, |plan| plan.rows.iter().filter(|row| row.fate == *fate).count()))))
            .collect();
        json!({
            "id": self.id, "state": inner.state, "file_name": self.file_name, "format": plan.map(|plan| plan.format.word()), "message": inner.message,
            "framework": framework, "verdict": plan.map(|plan| plan.verdict), "counts": counts, "done": done, "total": total, "created_at": self.created_at,
        })
    }

    /// Rows of the dry run from a place on, of one fate or of any; and where the next page starts.
    #[must_use]
    pub fn rows(&self, fate: Option<RowFate>, from: usize, limit: usize) -> (Vec<ImportRow>, Option<usize>, usize) {
        let plan = self.inner().plan.clone();
        let Some(plan) = plan else { return (Vec::new(), None, 0) };
        let mut matching = plan.rows.iter().filter(|row| fate.is_none_or(|fate| row.fate == fate));
        let total = matching.clone().count();
        let rows: Vec<ImportRow> = matching.by_ref().skip(from).take(limit).cloned().collect();
        let next = (from + rows.len() < total).then_some(from + rows.len());
        (rows, next, total)
    }
}

fn applicable(plan: &Plan, slug: Option<&str>) -> Result<(), Error> {
    if !plan.draft.problems.is_empty() {
        return Err(Error::bad(format!(
            "{} rows have errors. Nothing was imported; correct the file and choose it again.",
            plan.draft.problems.len()
        )));
    }
    if plan.verdict == Verdict::Update {
        return Err(Error::bad(format!(
            "The workspace holds other content of this framework as {}. Updating a framework is not possible; nothing was changed.",
            plan.slug
        )));
    }
    let well_formed = |slug: &str| {
        (1..=80).contains(&slug.len()) && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'.' || b == b'-')
    };
    if slug.is_some_and(|slug| !well_formed(slug)) {
        return Err(Error::field("slug", "must be 1 to 80 of a-z, 0-9, dot and hyphen"));
    }
    Ok(())
}

fn plan(store: &Store, bytes: &[u8], format: Format, draft: FrameworkDraft) -> Result<Plan, Error> {
    let fingerprint = crypto::sha256(&[&import::fingerprint(&draft)]);
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).map_err(Error::internal)?;
    let file = encoder.finish().map_err(Error::internal)?;
    let (verdict, slug, old) = store.read(|connection| match frameworks::find_identity(connection, &draft.identity)? {
        None => Ok((Verdict::New, frameworks::free_slug(connection, &draft.slug)?, Vec::new())),
        Some((slug, have, _)) if have == fingerprint => Ok((Verdict::Unchanged, slug, Vec::new())),
        Some((slug, _, seq)) => Ok((Verdict::Update, slug, frameworks::drafts(connection, seq)?)),
    })?;
    let rows = rows(&draft, verdict, &old);
    Ok(Plan { format, draft, fingerprint, file, verdict, slug, rows })
}

fn depth(nodes: &[ControlDraft], mut place: usize) -> usize {
    let mut depth = 1;
    while let Some(parent) = nodes[place].parent {
        place = parent;
        depth += 1;
    }
    depth
}

fn rows(draft: &FrameworkDraft, verdict: Verdict, old: &[ControlDraft]) -> Vec<ImportRow> {
    let row = |nodes: &[ControlDraft], place: usize, fate: RowFate, message: Option<String>| ImportRow {
        row: place + 1,
        reference: nodes[place].reference.clone().or_else(|| nodes[place].title.is_none().then(|| nodes[place].source_id.clone())),
        title: nodes[place].title.clone(),
        fate,
        message,
        depth: depth(nodes, place),
    };
    let mut rows: Vec<ImportRow> = draft
        .problems
        .iter()
        .map(|problem| ImportRow {
            row: problem.row,
            reference: Some(problem.label.clone()),
            title: None,
            fate: RowFate::Error,
            message: Some(problem.message.clone()),
            depth: 1,
        })
        .collect();
    match verdict {
        Verdict::New => rows.extend((0..draft.nodes.len()).map(|place| row(&draft.nodes, place, RowFate::Create, None))),
        Verdict::Unchanged => rows.extend((0..draft.nodes.len()).map(|place| row(&draft.nodes, place, RowFate::Unchanged, None))),
        Verdict::Update => rows.extend(import::compare(old, &draft.nodes).into_iter().map(|fate| match fate {
            Fate::Unchanged { new, .. } => row(&draft.nodes, new, RowFate::Unchanged, None),
            Fate::Create { new } => row(&draft.nodes, new, RowFate::Create, None),
            Fate::Change { new, fields, .. } => row(&draft.nodes, new, RowFate::Change, Some(fields.join(", "))),
            Fate::Remove { old: place } => row(old, place, RowFate::Remove, None),
        })),
    }
    rows
}
