//! What the real window needs around it: a display, a window manager, a session bus, a keychain and a
//! driver, all of this test's own, with folders that are gone afterwards.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    net::TcpStream,
    os::unix::{fs::PermissionsExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use amtia_tests::free_port;

use crate::window::Window;

/// How long one of the programs around the window may take to start.
const STARTED_WITHIN: Duration = Duration::from_secs(20);

/// A place for one test to run the app in. Everything that it started ends with it.
pub struct Stage {
    // Dropped in this order: the driver first, the display last, then the folders.
    driver: Option<Group>,
    _keychain: Group,
    _bus: Group,
    _manager: Group,
    _display: Group,
    folder: TempDir,
    environment: Vec<(&'static str, String)>,
    driver_port: u16,
    _alone: MutexGuard<'static, ()>,
}

impl Stage {
    /// Sets the stage, or says why it is not set: these tests run when `AMTIA_WINDOW_TESTS` asks for them.
    pub fn set() -> Option<Self> {
        if env::var_os("AMTIA_WINDOW_TESTS").is_none() {
            // Past the harness's capture, so that a skipped test never looks like one that ran.
            let _ = writeln!(std::io::stdout(), "skipped: window: AMTIA_WINDOW_TESTS is not set (`cargo xtask test window` sets it)");
            return None;
        }
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);

        let folder = TempDir::with_prefix("amtia-window-").expect("a temporary folder");
        let place = |name: &str| {
            let path = folder.path().join(name);
            fs::create_dir_all(&path).expect("a folder of the stage");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).expect("a private folder");
            path.display().to_string()
        };
        let mut environment = vec![
            ("HOME", place("home")),
            ("XDG_DATA_HOME", place("data")),
            ("XDG_CONFIG_HOME", place("config")),
            ("XDG_CACHE_HOME", place("cache")),
            ("XDG_RUNTIME_DIR", place("runtime")),
            ("AMTIA_HOME", place("app")),
            ("GTK_USE_PORTAL", "0".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("GDK_BACKEND", "x11".to_owned()),
            ("LANG", "C.UTF-8".to_owned()),
        ];

        let (display, number) = Group::with_first_line(program("Xvfb", &environment).args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1600x1000x24",
            "-nolisten",
            "tcp",
        ]));
        environment.push(("DISPLAY", format!(":{number}")));
        let manager = Group::start(&mut program("openbox", &environment));
        let (bus, address) =
            Group::with_first_line(program("dbus-daemon", &environment).args(["--session", "--nofork", "--print-address=1"]));
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address));
        let keychain = Group::start_with(
            program("gnome-keyring-daemon", &environment).args(["--unlock", "--components=secrets", "--foreground"]),
            "a passphrase of the tests",
        );
        wait_until("the keychain is on the bus", STARTED_WITHIN, || {
            let asked = program("dbus-send", &environment)
                .args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"])
                .arg("org.freedesktop.DBus.NameHasOwner")
                .arg("string:org.freedesktop.secrets")
                .output();
            asked.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("true"))
        });

        Some(Self {
            driver: None,
            _keychain: keychain,
            _bus: bus,
            _manager: manager,
            _display: display,
            folder,
            environment,
            driver_port: 0,
            _alone: alone,
        })
    }

    /// Starts the app as a person does, with a driver at its side.
    pub async fn start_app(&mut self) -> Window {
        // A driver serves one app; it ends with it.
        self.driver = None;
        let (port, native_port) = (free_port(), free_port());
        self.driver = Some(Group::start(
            program(&tauri_driver().display().to_string(), &self.environment)
                .args(["--port", &port.to_string()])
                .args(["--native-port", &native_port.to_string()]),
        ));
        self.driver_port = port;
        wait_until("the driver listens", STARTED_WITHIN, || {
            [port, native_port].iter().all(|port| TcpStream::connect(("127.0.0.1", *port)).is_ok())
        });
        Window::open(self.driver_port, &app()).await
    }

    /// Starts the app a second time and waits for it to end.
    pub fn start_app_again(&self) -> Output {
        program(&app().display().to_string(), &self.environment).output().expect("the app starts a second time")
    }

    /// Kills the app outright, as a power cut or an impatient person would.
    pub fn kill_app(&self) {
        let pid = self.app_pid().expect("the app runs");
        signal("-KILL", &pid);
        wait_until("the app is gone", Duration::from_secs(5), || self.app_pid().is_none());
    }

    /// Asks the app to end, as a session manager does, and waits until it has.
    pub fn end_app(&self) {
        let pid = self.app_pid().expect("the app runs");
        signal("-TERM", &pid);
        wait_until("the app has ended", Duration::from_secs(10), || self.app_pid().is_none());
    }

    /// The process of this stage's app, found by its binary and by the folder that it was given.
    fn app_pid(&self) -> Option<String> {
        let home = format!("AMTIA_HOME={}", self.app_folder().display());
        fs::read_dir("/proc").expect("processes").flatten().find_map(|entry| {
            let process = entry.path();
            let ours = fs::read_link(process.join("exe")).is_ok_and(|exe| exe == app())
                && fs::read(process.join("environ"))
                    .is_ok_and(|environment| environment.split(|&byte| byte == 0).any(|pair| pair == home.as_bytes()));
            ours.then(|| entry.file_name().to_string_lossy().into_owned())
        })
    }

    /// The folder that the app takes for the person's own.
    pub fn app_folder(&self) -> PathBuf {
        self.folder.path().join("app")
    }

    /// A file for a person to pick.
    pub fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        fs::write(&path, content).expect("a file of the stage");
        path
    }

    /// Opens the file of this path in the system's own dialog, by keyboard.
    pub fn open_in_dialog(&self, path: &Path) {
        self.answer_dialog(&[], path);
    }

    /// Saves under this path in the system's own dialog, by keyboard.
    pub fn save_in_dialog(&self, path: &Path) {
        // In place of the name that is proposed, and of its ending too.
        self.answer_dialog(&["ctrl+a"], path);
    }

    /// Leaves the system's own dialog without choosing.
    pub fn cancel_dialog(&self) {
        let dialog = self.dialog();
        self.xdotool(&["windowfocus", "--sync", &dialog]);
        self.xdotool(&["key", "Escape"]);
        wait_until("the file dialog is closed", Duration::from_secs(10), || self.windows() <= 1);
    }

    fn answer_dialog(&self, keys: &[&str], path: &Path) {
        let dialog = self.dialog();
        self.xdotool(&["windowfocus", "--sync", &dialog]);
        for key in keys {
            self.xdotool(&["key", key]);
        }
        let path = path.display().to_string();
        let (root, rest) = path.split_at(1);
        // The slash opens a field, which takes a moment before it takes the rest.
        for typed in [root, rest] {
            self.xdotool(&["type", "--delay", "15", typed]);
            thread::sleep(Duration::from_millis(400));
        }
        self.xdotool(&["key", "Return"]);
        wait_until("the file dialog is closed", Duration::from_secs(10), || self.windows() <= 1);
    }

    fn dialog(&self) -> String {
        wait_until("a file dialog is open", Duration::from_secs(10), || self.windows() > 1);
        thread::sleep(Duration::from_millis(500));
        self.xdotool(&["getactivewindow"])
    }

    /// How many windows the window manager has in hand.
    fn windows(&self) -> usize {
        let listed = program("xprop", &self.environment).args(["-root", "_NET_CLIENT_LIST"]).output().expect("xprop runs");
        String::from_utf8_lossy(&listed.stdout).matches("0x").count()
    }

    /// The title of the window that has the focus.
    pub fn active_title(&self) -> String {
        let active = program("xdotool", &self.environment).args(["getactivewindow", "getwindowname"]).output().expect("xdotool runs");
        String::from_utf8_lossy(&active.stdout).trim().to_owned()
    }

    /// The app's visible window.
    pub fn window_id(&self) -> String {
        self.xdotool(&["search", "--onlyvisible", "--name", "AMTIA Desktop"])
    }

    /// A window's left and top edge, width and height.
    pub fn geometry(&self, window: &str) -> (i32, i32, i32, i32) {
        let said = self.xdotool(&["getwindowgeometry", "--shell", window]);
        let value = |name: &str| {
            let line = said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            line.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("no {name} in {said}"))
        };
        (value("X"), value("Y"), value("WIDTH"), value("HEIGHT"))
    }

    /// Moves the display's own pointer, and presses or releases its first button there.
    pub fn pointer(&self, what: &[&str], (x, y): (i32, i32)) {
        for &action in what {
            match action {
                "mousemove" => self.xdotool(&[action, &x.to_string(), &y.to_string()]),
                _ => self.xdotool(&[action, "1"]),
            };
            thread::sleep(Duration::from_millis(100));
        }
    }

    /// Writes what the app remembers, before it starts.
    pub fn remember(&self, json: &str) {
        let folder = self.app_folder().join("config");
        fs::create_dir_all(&folder).expect("the app's folder");
        fs::write(folder.join("desktop.json"), json).expect("the app's memory");
    }

    /// Whether the app is running.
    pub fn app_runs(&self) -> bool {
        self.app_pid().is_some()
    }

    /// Runs xdotool and returns what it said.
    pub fn xdotool(&self, arguments: &[&str]) -> String {
        let done = program("xdotool", &self.environment).args(arguments).output().expect("xdotool runs");
        assert!(done.status.success(), "xdotool {arguments:?}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).trim().to_owned()
    }
}

/// A child process and those that it starts in turn.
struct Group(Child);

impl Group {
    fn start(command: &mut Command) -> Self {
        Self::spawn(command.stdin(Stdio::null()).stdout(Stdio::null()))
    }

    fn start_with(command: &mut Command, input: &str) -> Self {
        let mut group = Self::spawn(command.stdin(Stdio::piped()).stdout(Stdio::null()));
        let mut stdin = group.0.stdin.take().expect("a piped input");
        stdin.write_all(input.as_bytes()).expect("the program reads its input");
        group
    }

    fn with_first_line(command: &mut Command) -> (Self, String) {
        let mut group = Self::spawn(command.stdin(Stdio::null()).stdout(Stdio::piped()));
        let mut line = String::new();
        let mut stdout = BufReader::new(group.0.stdout.take().expect("a piped output"));
        stdout.read_line(&mut line).expect("the program says where it is");
        assert!(!line.trim().is_empty(), "{command:?} ended before it said where it is");
        (group, line.trim().to_owned())
    }

    fn spawn(command: &mut Command) -> Self {
        let child = command.stderr(Stdio::null()).process_group(0).spawn();
        Self(child.unwrap_or_else(|error| panic!("{command:?} does not start: {error}")))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        signal("-TERM", &group);
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(5) {
            if matches!(self.0.try_wait(), Ok(Some(_))) {
                return;
            }
            thread::sleep(Duration::from_millis(20));
        }
        signal("-KILL", &group);
        let _ = self.0.wait();
    }
}

/// Sends a signal to a process, or to a group by its negative id. One that is gone is as good.
fn signal(which: &str, whom: &str) {
    let _ = Command::new("kill").args([which, "--", whom]).stderr(Stdio::null()).status();
}

fn program(name: &str, environment: &[(&'static str, String)]) -> Command {
    let mut command = Command::new(name);
    command.env_remove("WAYLAND_DISPLAY").env_remove("AMTIA_PASSPHRASE").envs(environment.iter().map(|(name, value)| (name, value)));
    command
}

/// The folder that cargo builds into: this test's binary is in `<target>/<profile>/deps`.
fn target() -> PathBuf {
    let this = env::current_exe().expect("this test's own binary");
    this.ancestors().nth(3).expect("<target>/<profile>/deps/<this>").to_path_buf()
}

/// The app under test.
fn app() -> PathBuf {
    let path = env::var_os("AMTIA_DESKTOP_BIN").map_or_else(|| target().join("debug").join("amtia-desktop"), PathBuf::from);
    path.canonicalize().unwrap_or_else(|error| panic!("{} is not built ({error})", path.display()))
}

fn tauri_driver() -> PathBuf {
    env::var_os("AMTIA_TAURI_DRIVER").map_or_else(|| target().join("tools").join("bin").join("tauri-driver"), PathBuf::from)
}

/// Where the pictures of each step go.
pub fn shots() -> PathBuf {
    let folder = target().join("window-shots");
    fs::create_dir_all(&folder).expect("a folder for the pictures");
    folder
}

/// Waits for something to become true, and fails the test when it does not.
pub fn wait_until(what: &str, at_most: Duration, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < at_most, "not within {at_most:?}: {what}");
        thread::sleep(Duration::from_millis(50));
    }
}
