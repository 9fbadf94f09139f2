//! The engine as its doors see it: one set of routes over one workspace, open or not yet.

use crate::api::WorkspaceState;
use crate::api::{self, Principal};
use crate::courier::Courier;
use crate::crypto;
use crate::error::Error;
use crate::keys::{KeyError, Keychain};
use crate::outbound::{self, Post};
use crate::ports::{Ports, Taken};
use crate::sample_load;
use crate::store::connection::OpenError;
use crate::store::{Changes, Clock, Door, Kind};
use crate::workspace::{Protection, Unlock, Workspace, WorkspaceError};
use amtia_domain::words::Word;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};
use tokio::sync::{broadcast, watch};

/// How an engine is set up.
#[derive(Clone)]
pub struct EngineOptions {
    /// `window` or `api`: what the page is told it runs in.
    pub door: &'static str,
    /// The workspace file to use, or to make at first run.
    pub file: PathBuf,
    /// A passphrase, which then is used alone.
    pub passphrase: Option<String>,
    /// The keychain, or none.
    pub keychain: Keychain,
    /// The system's clock, or a test's.
    pub clock: Clock,
    /// The person's name until they change it.
    pub profile: String,
}

/// The system's clock.
#[must_use]
pub fn system_clock() -> Clock {
    Arc::new(jiff::Timestamp::now)
}

/// What to call the person at this device until they say otherwise: the system's full name for them, else the account's name.
#[must_use]
pub fn account_name() -> String {
    let named = |name: &String| !name.trim().is_empty();
    let account = || ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|variable| std::env::var(variable).ok().filter(named));
    let full = whoami::realname().ok().filter(named);
    full.or_else(account).map_or_else(|| "This device".to_owned(), |name| name.trim().to_owned())
}

/// Every kind of record that a change can be about, as watchers are told it.
#[must_use]
pub fn every_kind() -> Vec<&'static str> {
    Kind::ALL.iter().map(|kind| kind.word()).chain(["import"]).collect()
}

/// A workspace wanted at first run.
#[derive(Clone, Debug)]
pub struct NewWorkspace {
    /// With the fictional bank in it.
    pub sample: bool,
    /// Its name; one is chosen otherwise.
    pub name: Option<String>,
    /// Its file; the default otherwise.
    pub path: Option<PathBuf>,
}

struct Inner {
    options: EngineOptions,
    file: Mutex<PathBuf>,
    open: RwLock<Option<Arc<Workspace>>>,
    trouble: Mutex<Option<(WorkspaceState, String)>>,
    profile: Mutex<Option<String>>,
    sessions: Mutex<HashSet<[u8; 32]>>,
    links: Mutex<HashSet<String>>,
    used: watch::Sender<u64>,
    changes: broadcast::Sender<Changes>,
    ending: watch::Sender<u64>,
    routes: OnceLock<Router>,
    post: Post,
    courier: Mutex<Option<Courier>>,
    ports: Ports,
}

/// When the file is looked over after an unclean exit: once the first screen stands, which needs the disk and the cores.
const CHECK_AFTER: std::time::Duration = std::time::Duration::from_secs(5);

/// The engine. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Engine(Arc<Inner>);

impl Engine {
    /// An engine with no workspace open yet.
    #[must_use]
    pub fn new(options: EngineOptions) -> Self {
        Self::with_way_out(options, outbound::network())
    }

    /// As [`Engine::new`], with another way out than the network.
    pub(crate) fn with_way_out(options: EngineOptions, post: Post) -> Self {
        let (changes, _) = broadcast::channel(256);
        let file = Mutex::new(options.file.clone());
        let inner = Inner {
            options,
            file,
            open: RwLock::default(),
            trouble: Mutex::default(),
            profile: Mutex::default(),
            sessions: Mutex::default(),
            links: Mutex::default(),
            used: watch::channel(0).0,
            changes,
            ending: watch::channel(0).0,
            routes: OnceLock::new(),
            post,
            courier: Mutex::default(),
            ports: Ports::default(),
        };
        Self(Arc::new(inner))
    }

    /// Opens the workspace file if it is there; otherwise first run is offered.
    ///
    /// # Errors
    /// Why it could not be opened; the engine then says so to whoever asks for its state.
    pub fn open_existing(&self) -> Result<(), WorkspaceError> {
        if self.workspace().is_some() || !self.default_file().exists() {
            return Ok(());
        }
        self.open(None, None)
    }

    /// Says that the workspace of last time is not where it was: nothing else is opened or made before the person has chosen.
    pub fn miss(&self, file: PathBuf) {
        *self.lock(&self.0.trouble) = Some((WorkspaceState::Missing, OpenError::Missing(file.clone()).to_string()));
        *self.lock(&self.0.file) = file;
    }

    /// Goes on without the missing one: with the workspace at the usual place, or with first run.
    ///
    /// # Errors
    /// See [`WorkspaceError`].
    pub(crate) fn go_on(&self) -> Result<(), WorkspaceError> {
        if self.workspace().is_none() {
            self.lock(&self.0.file).clone_from(&self.0.options.file);
            *self.lock(&self.0.trouble) = None;
        }
        self.open_existing()
    }

    /// Opens a workspace by file and key; without a key by what needs no asking.
    ///
    /// # Errors
    /// See [`WorkspaceError`]; the engine remembers it as its state.
    pub fn open(&self, path: Option<PathBuf>, unlock: Option<Unlock>) -> Result<(), WorkspaceError> {
        let picked = path.is_some();
        let path = path.unwrap_or_else(|| self.default_file());
        let unlock = unlock.unwrap_or_else(|| match &self.0.options.passphrase {
            Some(passphrase) => Unlock::Passphrase(passphrase.clone()),
            None => Unlock::Unasked(self.0.options.keychain),
        });
        let options = &self.0.options;
        let workspace =
            Workspace::open(&path, &unlock, options.door, Arc::clone(&options.clock), self.0.changes.clone()).inspect_err(|cause| {
                let state = match cause {
                    WorkspaceError::Key(
                        KeyError::Locked | KeyError::WrongPassphrase | KeyError::WrongRecoveryKey | KeyError::NoKeychain,
                    ) => WorkspaceState::Locked,
                    WorkspaceError::Open(OpenError::Missing(_)) if self.state().0 == WorkspaceState::Missing => WorkspaceState::Missing,
                    WorkspaceError::Open(OpenError::Missing(_)) => WorkspaceState::None,
                    WorkspaceError::Open(OpenError::InUse(_)) => WorkspaceState::InUse,
                    WorkspaceError::Open(OpenError::Newer(_)) => WorkspaceState::Newer,
                    WorkspaceError::Open(OpenError::Foreign(_)) => WorkspaceState::Foreign,
                    WorkspaceError::Open(OpenError::WrongKey(_) | OpenError::Damaged(_)) | WorkspaceError::Key(KeyError::Slots(..)) => {
                        WorkspaceState::Damaged
                    }
                    WorkspaceError::Open(OpenError::Setting(_) | OpenError::Other(..))
                    | WorkspaceError::Key(KeyError::Io(_))
                    | WorkspaceError::Write(_) => WorkspaceState::Unreadable,
                };
                if picked && (state != WorkspaceState::Locked || self.workspace().is_some()) {
                    // What the person pointed at is none: they know, and what they were asked stands.
                    return;
                }
                self.lock(&self.0.file).clone_from(&path);
                *self.lock(&self.0.trouble) = Some((state, cause.to_string()));
            })?;
        self.install(path, workspace);
        Ok(())
    }

    /// Makes a workspace and opens it.
    ///
    /// # Errors
    /// A file that is there already, and what the operating system says, in words; nothing is then left behind.
    pub fn create(&self, wanted: NewWorkspace) -> Result<(), Error> {
        if self.workspace().is_some() {
            return Err(Error::bad("A workspace is open already. Nothing was made."));
        }
        let options = &self.0.options;
        let default = self.default_file();
        let path = match (wanted.path, default.file_name()) {
            // A folder that the person picked: the workspace goes into it under the default name.
            (Some(folder), Some(name)) if folder.is_dir() => folder.join(name),
            (Some(file), _) => file,
            (None, _) => default,
        };
        let protection = match &options.passphrase {
            Some(passphrase) => Protection::Passphrase(passphrase.clone()),
            None => Protection::KeychainOrKeyFile(options.keychain),
        };
        let workspace =
            make(&path, wanted.name.as_deref(), wanted.sample, &options.profile, protection, options.door, &options.clock, &self.0.changes)
                .map_err(|cause| Error::bad(cause.to_string()))?;
        self.install(path, workspace);
        Ok(())
    }

    fn install(&self, path: PathBuf, workspace: Workspace) {
        let workspace = Arc::new(workspace);
        *self.lock(&self.0.file) = path;
        *self.lock(&self.0.trouble) = None;
        self.forget_profile();
        let previous = self.0.open.write().unwrap_or_else(PoisonError::into_inner).replace(Arc::clone(&workspace));
        self.dismiss();
        close(previous);
        *self.lock(&self.0.courier) = Courier::start(Arc::downgrade(&workspace), self.changes(), self.0.post.clone());
        self.serve_wanted_port();
        let checked = Arc::downgrade(&workspace);
        // Holds nothing while it waits, so that the workspace can be closed meanwhile.
        let _ = std::thread::Builder::new().name("amtia-check".into()).spawn(move || {
            if checked.upgrade().is_some_and(|workspace| workspace.begin_check()) {
                std::thread::sleep(CHECK_AFTER);
                if let Some(workspace) = checked.upgrade() {
                    workspace.check_pages();
                }
            }
        });
        workspace.store.announce(&every_kind());
    }

    /// Ends what the engine does by itself.
    fn dismiss(&self) {
        let courier = self.lock(&self.0.courier).take();
        if let Some(courier) = courier {
            courier.stop();
        }
    }

    fn lock<'a, T>(&self, mutex: &'a Mutex<T>) -> std::sync::MutexGuard<'a, T> {
        mutex.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The open workspace.
    #[must_use]
    pub fn workspace(&self) -> Option<Arc<Workspace>> {
        self.0.open.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The workspace file in use, or the one that first run would make.
    #[must_use]
    pub fn default_file(&self) -> PathBuf {
        self.lock(&self.0.file).clone()
    }

    pub(crate) fn door(&self) -> &'static str {
        self.0.options.door
    }

    pub(crate) fn state(&self) -> (WorkspaceState, Option<String>) {
        if self.workspace().is_some() {
            return (WorkspaceState::Open, None);
        }
        match self.lock(&self.0.trouble).clone() {
            Some((state, message)) => (state, Some(message)),
            None => (WorkspaceState::None, None),
        }
    }

    /// The name of the person at this device.
    #[must_use]
    pub fn profile(&self) -> String {
        let mut known = self.lock(&self.0.profile);
        if let Some(name) = known.as_ref() {
            return name.clone();
        }
        let stored = self.workspace().and_then(|workspace| workspace.profile());
        let name = stored.unwrap_or_else(|| self.0.options.profile.clone());
        *known = Some(name.clone());
        name
    }

    pub(crate) fn forget_profile(&self) {
        *self.lock(&self.0.profile) = None;
    }

    /// Hears of every change, whichever workspace is open.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<Changes> {
        self.0.changes.subscribe()
    }

    /// Changes when the streams that run now are to end: with the engine, or with the port they run through.
    pub(crate) fn ending(&self) -> watch::Receiver<u64> {
        self.0.ending.subscribe()
    }

    /// The routes behind the door, which know nobody: requests go through [`Engine::answer`]. The first to ask for them builds them.
    pub fn router(&self) -> &Router {
        self.0.routes.get_or_init(|| api::routes(self.clone()))
    }

    /// Answers a request of whoever its token says: the port's door.
    pub async fn answer(&self, request: Request<Body>) -> Response<Body> {
        api::answer(self, self.router(), request).await
    }

    /// Answers a request as the person at this device: the window's door.
    pub async fn call(&self, mut request: Request<Body>) -> Response<Body> {
        request.extensions_mut().insert(Principal::owner(self.profile(), Door::Window, true));
        self.answer(request).await
    }

    /// A code for a link that signs a browser in as the person at this device, once.
    #[must_use]
    pub fn new_link(&self) -> String {
        let code = URL_SAFE_NO_PAD.encode(crypto::random::<24>());
        self.lock(&self.0.links).insert(code.clone());
        code
    }

    /// Counts the links used, so that whoever printed one can print another.
    #[must_use]
    pub fn links_used(&self) -> watch::Receiver<u64> {
        self.0.used.subscribe()
    }

    pub(crate) fn redeem(&self, code: &str) -> Option<String> {
        if !self.lock(&self.0.links).remove(code) {
            return None;
        }
        let token = format!("amtia_session_{}", URL_SAFE_NO_PAD.encode(crypto::random::<32>()));
        self.lock(&self.0.sessions).insert(api::auth::session_hash(&token));
        self.0.used.send_modify(|used| *used += 1);
        Some(token)
    }

    pub(crate) fn is_session(&self, token: &str) -> bool {
        token.starts_with("amtia_session_") && self.lock(&self.0.sessions).contains(&api::auth::session_hash(token))
    }

    pub(crate) fn ports(&self) -> &Ports {
        &self.0.ports
    }

    pub(crate) fn now(&self) -> jiff::Timestamp {
        (self.0.options.clock)()
    }

    /// Ends the streams to watchers, which would otherwise keep their connections.
    pub(crate) fn end_streams(&self) {
        self.0.ending.send_modify(|ended| *ended += 1);
    }

    /// Ends streams, folds the log into the file, and releases it.
    pub fn close(&self) {
        self.switch_port(Taken::Off);
        self.end_streams();
        self.dismiss();
        let open = self.0.open.write().unwrap_or_else(PoisonError::into_inner).take();
        close(open);
    }
}

/// Closes a workspace once the calls that still use it are done, or leaves the rest to the end of the process.
fn close(open: Option<Arc<Workspace>>) {
    let Some(mut open) = open else { return };
    for _ in 0..200 {
        match Arc::try_unwrap(open) {
            Ok(workspace) => return workspace.close(),
            Err(shared) => open = shared,
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    tracing::warn!("the workspace was still in use when it was closed");
}

/// Makes a workspace file: empty, or with the sample in it. A half-made one is removed.
///
/// # Errors
/// See [`WorkspaceError`].
#[expect(clippy::too_many_arguments, reason = "each is one decision of the caller, made once")]
pub fn make(
    path: &Path,
    name: Option<&str>,
    sample: bool,
    profile: &str,
    protection: Protection,
    door: &str,
    clock: &Clock,
    changes: &broadcast::Sender<Changes>,
) -> Result<Workspace, WorkspaceError> {
    let name = name.unwrap_or(if sample { sample_load::NAME } else { "My workspace" });
    let workspace = Workspace::create(path, name, profile, protection, door, Arc::clone(clock), changes.clone())?;
    if sample && let Err(cause) = sample_load::load(&workspace, profile) {
        workspace.close();
        for ending in ["", "keys", "key", "lock", "clean"] {
            let file = if ending.is_empty() { path.to_owned() } else { crate::files::beside(path, ending) };
            let _ = std::fs::remove_file(file);
        }
        let _ = std::fs::remove_dir_all(crate::blobs::folder_of(path));
        return Err(WorkspaceError::Write(format!("The sample could not be written: {cause} Nothing was kept.")));
    }
    Ok(workspace)
}
