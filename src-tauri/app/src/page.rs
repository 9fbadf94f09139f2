//! The product's page, with the first answers in it.

use std::borrow::Cow;

use tauri::{
    App, Assets, Runtime,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

use crate::door::Door;

/// The script that runs before the page's own (`ui/public/theme.js`).
const FIRST_SCRIPT: &str = "/theme.js";

/// Serves the embedded page; its first script brings the engine's first answers along.
pub(crate) struct Page<R: Runtime> {
    embedded: Box<dyn Assets<R>>,
    door: Door,
}

impl<R: Runtime> Page<R> {
    pub(crate) fn new(embedded: Box<dyn Assets<R>>, door: Door) -> Self {
        Self { embedded, door }
    }
}

impl<R: Runtime> Assets<R> for Page<R> {
    fn setup(&self, app: &App<R>) {
        self.embedded.setup(app);
    }

    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let file = self.embedded.get(key)?;
        if key.as_ref() != FIRST_SCRIPT {
            return Some(file);
        }
        let mut script = file.into_owned();
        script.push(b'\n');
        script.extend_from_slice(self.door.first_answers().as_bytes());
        Some(Cow::Owned(script))
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        self.embedded.iter()
    }

    fn csp_hashes(&self, html_path: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        self.embedded.csp_hashes(html_path)
    }
}
