//! One open workspace: its store, its key slots, its lock, and what is kept in memory of it.

use crate::api::cache::Cache;
use crate::api::limit::{FAILURES, LIMIT, Limiter};
use crate::api::token::Tokens;
use crate::api::usage::Usage;
use crate::blobs::{self, Blobs};
use crate::crypto::{self, Key};
use crate::error::Error;
use crate::files;
use crate::french::Language;
use crate::import_jobs::Imports;
use crate::keys::{self, KeyError, KeySlots, Keychain, SlotKind};
use crate::register::{self, Format, Linked};
use crate::store::api_keys::{self, Role};
use crate::store::connection::OpenError;
use crate::store::lists::Condition;
use crate::store::meta::setting;
use crate::store::risk_checks::{self, Findings};
use crate::store::{Action, Changes, Clock, Door, Store, Who, api_use, audits, connection, documents, matrices, meta, registers, verify};
use amtia_domain::matrix::Matrix;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tokio::sync::broadcast;

/// Why a workspace could not be opened or made.
#[derive(Debug, thiserror::Error)]
pub enum WorkspaceError {
    /// The file, or what holds it.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// A write while it was made.
    #[error("{0}")]
    Write(String),
}

/// How to get at the data key.
#[derive(Clone, Debug)]
pub enum Unlock {
    /// By the keychain or a key file, without asking.
    Unasked(Keychain),
    /// By a passphrase alone; the keychain is left alone.
    Passphrase(String),
    /// By a recovery key.
    RecoveryKey(String),
}

/// What protects a new workspace.
#[derive(Clone, Debug)]
pub enum Protection {
    /// The keychain; an error where none runs.
    Keychain(Keychain),
    /// The keychain, or a key file beside the workspace where none runs: unprotected, and called so on the screen.
    KeychainOrKeyFile(Keychain),
    /// A passphrase alone.
    Passphrase(String),
}

/// Whether the file was found sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Not looked at yet.
    Unknown,
    /// Being looked at.
    Checking,
    /// Every page is as written.
    Sound,
    /// Something is not as written.
    Damaged,
}

/// An open workspace.
pub struct Workspace {
    /// Its file.
    pub store: Store,
    /// The risk matrix as it was at a version of it.
    matrix: Mutex<Option<(u64, Arc<Matrix>)>>,
    /// Its id.
    pub id: String,
    pub(crate) tokens: Tokens,
    pub(crate) cache: Cache,
    pub(crate) limiter: Limiter,
    /// Failed sign-ins.
    pub(crate) failures: Limiter,
    pub(crate) usage: Usage,
    pub(crate) imports: Imports,
    /// Held by a keyed request while it does work that is more than one write.
    pub(crate) once: tokio::sync::Mutex<()>,
    pub(crate) blobs: Blobs,
    slots: Mutex<KeySlots>,
    integrity: Mutex<Integrity>,
    clean: PathBuf,
    unclean_before: bool,
    _lock: File,
}

/// Locks a workspace by an OS lock on `FILE.lock`; who holds it is written inside for people to read.
fn lock(path: &Path, door: &str) -> Result<File, OpenError> {
    let lock_path = files::beside(path, "lock");
    let other = |cause: std::io::Error| OpenError::Other(path.to_owned(), cause.to_string());
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&lock_path).map_err(other)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).map_err(other)?;
            let holder = match door {
                "window" => "AMTIA Desktop",
                "api" => "amtia serve",
                other => other,
            };
            let _ = write!(file, "{holder}, process {}", std::process::id());
            Ok(file)
        }
        Err(std::fs::TryLockError::WouldBlock) => {
            let holder =
                std::fs::read_to_string(&lock_path).ok().filter(|text| !text.is_empty()).unwrap_or_else(|| "another program".into());
            Err(OpenError::InUse(format!("{} is in use by {holder}. Close it there first; nothing was changed.", path.display())))
        }
        Err(std::fs::TryLockError::Error(cause)) => Err(other(cause)),
    }
}

impl Workspace {
    /// Makes a new workspace file with its key slots and opens it.
    ///
    /// # Errors
    /// A file that exists already, no keychain, and what the operating system says. What was begun is removed.
    pub fn create(
        path: &Path,
        name: &str,
        profile: &str,
        protection: Protection,
        door: &str,
        clock: Clock,
        changes: broadcast::Sender<Changes>,
    ) -> Result<Self, WorkspaceError> {
        if path.exists() || keys::slots_path(path).exists() {
            return Err(OpenError::Other(path.to_owned(), "a workspace of this name exists already".into()).into());
        }
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|cause| OpenError::Other(path.to_owned(), cause.to_string()))?;
        }
        let held = lock(path, door)?;
        let data_key = crypto::random_key();
        let id = crate::ids::new(clock());
        let mut slots = KeySlots::new(id.clone());
        let make = || -> Result<KeySlots, WorkspaceError> {
            match &protection {
                Protection::Passphrase(passphrase) => slots.add_passphrase(passphrase, &data_key)?,
                Protection::Keychain(keychain) => {
                    if !slots.add_keychain(*keychain, &data_key) {
                        return Err(KeyError::NoKeychain.into());
                    }
                }
                Protection::KeychainOrKeyFile(keychain) => {
                    if !slots.add_keychain(*keychain, &data_key) {
                        slots.add_key_file(path, &data_key)?;
                    }
                }
            }
            // The slots first: a workspace without them could be opened by the keychain alone, or by nothing.
            slots.write(path)?;
            connection::create(path, &data_key)?;
            Ok(slots)
        };
        let slots = make().inspect_err(|_| {
            for file in [keys::slots_path(path), keys::key_file_path(path), path.to_owned(), files::beside(path, "lock")] {
                let _ = std::fs::remove_file(file);
            }
        })?;
        let workspace = Self::with_lock(path, slots, data_key, held, clock, changes)?;
        let (name, profile, zone) =
            (name.to_owned(), profile.to_owned(), jiff::tz::TimeZone::system().iana_name().unwrap_or("UTC").to_owned());
        let who = Who { actor: profile.clone(), door: Door::Window };
        workspace
            .store
            .write_blocking(who, move |tx| {
                let settings = [(setting::NAME, &name), (setting::PROFILE, &profile), (setting::TIME_ZONE, &zone)];
                for (key, value) in settings {
                    meta::set(tx.connection, key, value)?;
                }
                let after = serde_json::json!({ setting::NAME: name, setting::TIME_ZONE: zone });
                meta::note(tx, &id, Action::Created, None, &after)?;
                Ok(())
            })
            .map_err(|cause| WorkspaceError::Write(cause.to_string()))?;
        Ok(workspace)
    }

    /// Opens an existing workspace.
    ///
    /// # Errors
    /// See [`WorkspaceError`].
    pub fn open(
        path: &Path,
        unlock: &Unlock,
        door: &str,
        clock: Clock,
        changes: broadcast::Sender<Changes>,
    ) -> Result<Self, WorkspaceError> {
        if !path.exists() {
            return Err(OpenError::Missing(path.to_owned()).into());
        }
        let slots = KeySlots::read(path)?;
        let held = lock(path, door)?;
        let key = match unlock {
            Unlock::Unasked(keychain) => slots.open_unasked(path, *keychain)?,
            Unlock::Passphrase(passphrase) => slots.open_by_passphrase(passphrase)?,
            Unlock::RecoveryKey(typed) => slots.open_by_recovery_key(typed)?,
        };
        Self::with_lock(path, slots, key, held, clock, changes)
    }

    fn with_lock(
        path: &Path,
        slots: KeySlots,
        key: Key,
        held: File,
        clock: Clock,
        changes: broadcast::Sender<Changes>,
    ) -> Result<Self, WorkspaceError> {
        let clean = files::beside(path, "clean");
        let unclean_before = !clean.exists();
        let _ = std::fs::remove_file(&clean);
        let blobs = Blobs::of(path, &key);
        let store = Store::open(path, key, clock, changes)?;
        let known = |name: &str| match store.read(documents::contents) {
            Ok(contents) => contents.iter().any(|content| content.sha256().is_some_and(|sha256| blobs.name(&sha256) == name)),
            // What cannot be read is not taken for absent.
            Err(_) => true,
        };
        blobs.settle(known);
        Ok(Self {
            store,
            matrix: Mutex::new(None),
            id: slots.workspace.clone(),
            tokens: Tokens::default(),
            cache: Cache::default(),
            limiter: Limiter::new(LIMIT),
            failures: Limiter::new(FAILURES),
            usage: Usage::default(),
            imports: Imports::default(),
            once: tokio::sync::Mutex::default(),
            blobs,
            slots: Mutex::new(slots),
            integrity: Mutex::new(Integrity::Unknown),
            clean,
            unclean_before,
            _lock: held,
        })
    }

    /// The risk matrix in force.
    ///
    /// # Errors
    /// The database's.
    pub fn matrix(&self) -> Result<Arc<Matrix>, Error> {
        // Taken before the read: what is kept under it is never older than it says.
        let version = self.store.matrix_version();
        let kept = |slot: &Option<(u64, Arc<Matrix>)>| slot.as_ref().filter(|(at, _)| *at == version).map(|(_, matrix)| Arc::clone(matrix));
        if let Some(matrix) = kept(&self.matrix.lock().unwrap_or_else(std::sync::PoisonError::into_inner)) {
            return Ok(matrix);
        }
        let matrix = Arc::new(self.store.read(matrices::in_force)?);
        *self.matrix.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some((version, Arc::clone(&matrix)));
        Ok(matrix)
    }

    /// The ways in.
    #[must_use]
    pub fn protection(&self) -> Vec<SlotKind> {
        self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner).kinds()
    }

    /// Makes a new recovery key, in place of an earlier one, and hands it over.
    ///
    /// # Errors
    /// A slots file that cannot be written, or why nobody could take the key: it then opens nothing, and the earlier one still does.
    pub fn new_recovery_key(&self, hand_over: impl FnOnce(&str) -> Result<(), Error>) -> Result<String, Error> {
        let mut slots = self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut changed = slots.clone();
        let text = changed.add_recovery_key(self.store.key());
        let written = changed.write(self.store.path()).map_err(|cause| Error::Storage(cause.to_string()));
        if let Err(cause) = written.and_then(|()| hand_over(&text)) {
            if let Err(stays) = slots.write(self.store.path()) {
                tracing::warn!(%stays, "a recovery key that nobody has could not be taken back");
            }
            return Err(cause);
        }
        *slots = changed;
        Ok(text)
    }

    /// The name of the person at this device, as the workspace knows it.
    #[must_use]
    pub fn profile(&self) -> Option<String> {
        self.store.read(|connection| meta::get(connection, setting::PROFILE)).ok().flatten()
    }

    /// Makes an API key: its id and its secret, which is kept only as a hash and shown nowhere again.
    ///
    /// # Errors
    /// A name that is none; the database's.
    pub fn create_key(&self, name: &str, role: Role, who: Who) -> Result<(String, String), Error> {
        let name = name.trim().to_owned();
        if name.is_empty() || name.chars().count() > amtia_domain::input::NAME_MAX || name.chars().any(char::is_control) {
            return Err(Error::field("name", "must have 1 to 200 characters"));
        }
        self.store.write_blocking(who, move |tx| api_keys::create(tx, &name, role, None))
    }

    /// Writes down what came through the port since the last time. That is no change of a record.
    pub(crate) async fn write_usage(&self) {
        if let Some(used) = self.usage.take()
            && let Err(cause) = self.store.write(Who::engine(), move |tx| api_use::write(tx, &used)).await
        {
            tracing::warn!(%cause, "the use of API keys could not be written down");
        }
    }

    fn write_usage_blocking(&self) {
        if let Some(used) = self.usage.take()
            && let Err(cause) = self.store.write_blocking(Who::engine(), move |tx| api_use::write(tx, &used))
        {
            tracing::warn!(%cause, "the use of API keys could not be written down");
        }
    }

    /// Whether the file was found sound.
    #[must_use]
    pub fn integrity(&self) -> Integrity {
        *self.integrity.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn set_integrity(&self, integrity: Integrity) {
        *self.integrity.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = integrity;
        self.store.announce(&["workspace"]);
    }

    /// Says whether the file wants looking over: after an unclean exit it does, after a clean one it is sound.
    pub fn begin_check(&self) -> bool {
        self.set_integrity(if self.unclean_before { Integrity::Checking } else { Integrity::Sound });
        self.unclean_before
    }

    /// Looks over every page and reports.
    pub fn check_pages(&self) {
        let result = self.store.look_over(verify::pages, |seen| seen.as_ref().is_err_and(|problems| verify::is_torn(problems)));
        let sound = matches!(result, Ok(Ok(())));
        if !sound {
            tracing::error!("the integrity check found damage");
        }
        self.set_integrity(if sound { Integrity::Sound } else { Integrity::Damaged });
    }

    /// Copies the workspace with its key slots to a new place, while it is in use.
    ///
    /// # Errors
    /// A file that exists already, a full disk; a half copy is removed.
    pub fn backup(&self, to: &Path) -> Result<u64, Error> {
        if to.exists() || keys::slots_path(to).exists() || blobs::folder_of(to).exists() {
            return Err(Error::field("path", "names a file that exists already"));
        }
        if let Some(folder) = to.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|cause| Error::Storage(format!("The folder for the backup cannot be made: {cause}.")))?;
        }
        let copy = || -> Result<u64, Error> {
            self.store.read(|from| connection::backup_to(from, to, self.store.key()).map_err(|cause| Error::Storage(cause.to_string())))?;
            // After the database: files only ever come, so that the copy holds at least those that it speaks of.
            let contents = self.store.read(documents::contents)?;
            let wanted: Vec<blobs::Sha256> = contents.iter().filter_map(documents::Content::sha256).collect();
            let files = self.blobs.copy_to(to, &wanted).map_err(|cause| {
                Error::Storage(format!("The files of the documents could not be copied: {cause}. `amtia verify` names what is missing."))
            })?;
            let slots = self.slots.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
            slots.write(to).map_err(|cause| Error::Storage(cause.to_string()))?;
            let database = std::fs::metadata(to).map_err(|cause| Error::Storage(cause.to_string()))?;
            Ok(database.len() + files)
        };
        copy().inspect_err(|_| {
            for file in [to.to_owned(), keys::slots_path(to)] {
                let _ = std::fs::remove_file(file);
            }
            let _ = std::fs::remove_dir_all(blobs::folder_of(to));
        })
    }

    /// The register as a file: the risks that meet the conditions, and how many they are.
    ///
    /// # Errors
    /// More risks than a file holds, a text that no cell of a workbook holds; the database's.
    pub(crate) fn register(
        &self,
        format: Format,
        language: Language,
        conditions: &[Condition],
        words: Option<&str>,
    ) -> Result<(Vec<u8>, usize), Error> {
        self.store.read(|connection| {
            let matrix = matrices::in_force(connection)?;
            let made = registers::last_change(connection)?;
            let mut count = 0;
            let write = |risks: &mut dyn Iterator<Item = Linked>| {
                register::write(format, language, &matrix, &mut risks.inspect(|_| count += 1), made)
            };
            // No more than an import reads, heading included.
            let written = registers::export(connection, conditions, words, amtia_exchange::MAX_ROWS - 1, write)?;
            Ok((written.map_err(Error::bad)?, count))
        })
    }

    /// Writes every risk to a file, whole or not at all; answers how many.
    ///
    /// # Errors
    /// As the export through the API; a place that cannot be written.
    pub fn export_risks(&self, format: Format, language: Language, to: &Path) -> Result<usize, Error> {
        let (bytes, count) = self.register(format, language, &[], None)?;
        files::write_whole(to, |file| file.write_all(&bytes))
            .map_err(|cause| Error::Storage(format!("{} cannot be written: {cause}. Nothing was exported.", to.display())))?;
        Ok(count)
    }

    /// Checks everything.
    ///
    /// # Errors
    /// A connection that cannot be opened.
    pub fn verify(&self) -> Result<verify::Report, Error> {
        let mut report = self.store.look_over(verify::verify, |report| verify::is_torn(&report.problems))?;
        let files = self.unsound_files();
        report.problems.extend(files.unwrap_or_else(|_| vec!["What is kept of the documents' files cannot be read.".to_owned()]));
        report.sound = report.problems.is_empty();
        Ok(report)
    }

    /// What the checks of the register find today, with every risk that they find.
    ///
    /// # Errors
    /// The database's.
    pub fn checks(&self) -> Result<Findings, Error> {
        self.store.read(|connection| {
            risk_checks::findings(connection, &matrices::in_force(connection)?, audits::today(connection, self.store.now())?)
        })
    }

    /// What is wrong with the files of the documents. Reads all of them.
    fn unsound_files(&self) -> Result<Vec<String>, Error> {
        let (contents, bare) =
            self.store.read(|connection| Ok((documents::contents(connection)?, documents::without_content(connection)?)))?;
        let mut problems: Vec<String> = bare.iter().map(|holder| format!("The workspace does not know the file of {holder}.")).collect();
        for content in contents {
            let result =
                content.sha256().map_or(Err(std::io::ErrorKind::InvalidData.into()), |sha256| self.blobs.check(&sha256, content.size));
            let whose = content.holder.map_or_else(|| "of a deleted document".to_owned(), |holder| format!("of {holder}"));
            match result {
                Ok(()) => {}
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => problems.push(format!("The file {whose} is missing.")),
                Err(cause) if cause.kind() == std::io::ErrorKind::InvalidData => {
                    problems.push(format!("The file {whose} is not what was stored."))
                }
                Err(cause) => problems.push(format!("The file {whose} cannot be read: {cause}.")),
            }
        }
        Ok(problems)
    }

    /// Folds the log into the file, closes it and releases the lock.
    pub fn close(self) {
        self.write_usage_blocking();
        let Self { store, clean, integrity, .. } = self;
        store.close();
        let damaged = *integrity.lock().unwrap_or_else(std::sync::PoisonError::into_inner) == Integrity::Damaged;
        if !damaged {
            let _ = std::fs::write(&clean, b"");
        }
    }
}
