//! The blank page that the start-up measurement compares the real one with.

use std::borrow::Cow;

use tauri::{
    App, Assets, Runtime,
    utils::assets::{AssetKey, AssetsIter, CspHash},
};

/// Tells the shell that the page is there, at the moment when a blank page is as ready as it gets: shown, as the real page
/// reports itself only once it was drawn.
pub(crate) const REPORT_READY: &str = "addEventListener('DOMContentLoaded', () => \
    requestAnimationFrame(() => requestAnimationFrame(() => window.__TAURI_INTERNALS__.invoke('ready'))));";

/// Serves an empty document in place of the product's page.
pub(crate) struct Page;

impl<R: Runtime> Assets<R> for Page {
    fn setup(&self, _app: &App<R>) {}

    fn get(&self, _key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(b"<!doctype html><meta charset=\"utf-8\"><title>AMTIA</title>"))
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _html_path: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
