//! The folders that the app uses. `AMTIA_HOME` moves all of them, so that a test touches nobody's own.

use std::{env, path::PathBuf};

/// The app's folder name, which is also its identifier.
const IDENTIFIER: &str = "net.amtia.desktop";

/// Where things are kept.
pub(crate) struct Places {
    /// What the app remembers about itself.
    pub(crate) config: PathBuf,
    /// Where a new workspace goes unless the person chooses a place.
    pub(crate) documents: PathBuf,
    /// The log file's folder.
    pub(crate) log: PathBuf,
    /// The web view's own data, when it is not the platform's default folder.
    pub(crate) web_view: Option<PathBuf>,
}

impl Places {
    /// Finds the folders of this person on this platform.
    pub(crate) fn find() -> Self {
        if let Some(home) = env::var_os("AMTIA_HOME").map(PathBuf::from) {
            return Self {
                config: home.join("config"),
                documents: home.join("documents"),
                log: home.join("log"),
                web_view: Some(home.join("web-view")),
            };
        }
        let home = dirs::home_dir().unwrap_or_else(env::temp_dir);
        let data = dirs::data_local_dir().unwrap_or_else(|| home.clone());
        Self {
            config: dirs::config_dir().unwrap_or_else(|| home.clone()).join(IDENTIFIER),
            documents: dirs::document_dir().unwrap_or(home),
            log: data.join(IDENTIFIER).join("logs"),
            web_view: None,
        }
    }
}
