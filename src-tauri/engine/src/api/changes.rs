//! The change feed, as server-sent events.

use super::auth::Anyone;
use crate::engine::Engine;
use crate::store::Changes;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::error::RecvError;

/// Watch for changes: an event for each commit, with the kinds of record it touched.
///
/// A reader that fell behind gets one event that names every kind.
#[utoipa::path(get, path = "/v1/changes", tag = "local", operation_id = "watch_changes", responses((status = 200, body = Changes, content_type = "text/event-stream")))]
pub(crate) async fn watch_changes(
    Anyone(_who): Anyone,
    State(engine): State<Engine>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let stream = futures_util::stream::unfold((engine.changes(), engine.ending()), |(mut changes, mut ending)| async move {
        let next = tokio::select! {
            _ = ending.changed() => return None,
            next = changes.recv() => next,
        };
        let change = match next {
            Ok(change) => change,
            Err(RecvError::Lagged(_)) => {
                Changes { change: 0, kinds: vec!["risk", "incident", "framework", "workspace", "import", "webhook", "api_key"] }
            }
            Err(RecvError::Closed) => return None,
        };
        let event = Event::default().json_data(&change).unwrap_or_default();
        Some((Ok(event), (changes, ending)))
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(Duration::from_secs(20)))
}
