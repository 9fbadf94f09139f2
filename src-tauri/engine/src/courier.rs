//! What the engine does by itself while a workspace is open: carry deliveries to webhooks, and once a minute write down
//! what came through the port.
//!
//! One thread with a runtime of its own, whichever door the engine stands behind. It holds the workspace only for as long
//! as it reads or writes, so that it can be closed at any time: a try that was not written down is made again.

use crate::crypto;
use crate::error::Error;
use crate::outbound::{Message, Post};
use crate::store::deliveries::{self, Attempt, Due};
use crate::store::history::Kind;
use crate::store::{Changes, Who};
use crate::workspace::Workspace;
use amtia_domain::words::Word;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Weak;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;

/// Tries under way at once.
const AT_ONCE: usize = 16;
/// Tries under way at once to one receiver.
const TO_ONE: usize = 4;
/// The longest rest: a device that slept is noticed this soon.
const REST: Duration = Duration::from_secs(30);
/// How often the use of API keys is written down.
const MINUTE: jiff::SignedDuration = jiff::SignedDuration::from_secs(60);
/// How often old deliveries are forgotten.
const FORGET: jiff::SignedDuration = jiff::SignedDuration::from_hours(6);

/// The thread that carries deliveries.
pub(crate) struct Courier {
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Courier {
    /// Starts carrying.
    pub(crate) fn start(workspace: Weak<Workspace>, changes: broadcast::Receiver<Changes>, post: Post) -> Option<Self> {
        let (stop, stopped) = watch::channel(false);
        let run = move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            match runtime {
                Ok(runtime) => {
                    runtime.block_on(carry(workspace, changes, post, stopped));
                    // A name still being looked up is not waited for.
                    runtime.shutdown_background();
                }
                Err(cause) => tracing::error!(%cause, "webhooks cannot be delivered"),
            }
        };
        let thread = std::thread::Builder::new().name("amtia-courier".into()).spawn(run).ok()?;
        Some(Self { stop, thread })
    }

    /// Stops at once; what is under way is made again at the next start.
    pub(crate) fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.thread.join();
    }
}

async fn carry(workspace: Weak<Workspace>, mut changes: broadcast::Receiver<Changes>, post: Post, mut stopped: watch::Receiver<bool>) {
    let mut under_way = JoinSet::new();
    // Each delivery under way, and its webhook.
    let mut busy: HashMap<i64, i64> = HashMap::new();
    let mut forgotten: Option<Timestamp> = None;
    let mut written: Option<Timestamp> = None;
    loop {
        let rest = match workspace.upgrade() {
            None => return,
            Some(open) => {
                let now = open.store.now();
                if forgotten.is_none_or(|at| now.duration_since(at) > FORGET) {
                    forgotten = Some(now);
                    forget(&open).await;
                }
                if now.duration_since(*written.get_or_insert(now)) >= MINUTE {
                    written = Some(now);
                    open.write_usage().await;
                }
                set_out(&open, now, &workspace, &post, &mut under_way, &mut busy).unwrap_or_else(|cause| {
                    tracing::warn!(%cause, "deliveries could not be read");
                    REST
                })
            }
        };
        tokio::select! {
            _ = stopped.wait_for(|stop| *stop) => return,
            Some(done) = under_way.join_next() => {
                if let Ok(delivery) = done {
                    busy.remove(&delivery);
                }
            }
            () = heard(&mut changes) => {}
            () = tokio::time::sleep(rest) => {}
        }
    }
}

/// Waits until something about webhooks changes.
async fn heard(changes: &mut broadcast::Receiver<Changes>) {
    loop {
        match changes.recv().await {
            Ok(change) if !change.kinds.contains(&Kind::Webhook.word()) => {}
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => return,
            // The engine is gone; the stop that follows ends the loop.
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

/// Sends what is due, as far as there is room. Answers how long nothing else will be.
fn set_out(
    open: &Workspace,
    now: Timestamp,
    workspace: &Weak<Workspace>,
    post: &Post,
    under_way: &mut JoinSet<i64>,
    busy: &mut HashMap<i64, i64>,
) -> Result<Duration, Error> {
    let (due, next) = open.store.read(|connection| {
        // Those under way are still due in the file.
        Ok((deliveries::due(connection, now, 2 * TO_ONE)?, deliveries::next_after(connection, now)?))
    })?;
    for one in due {
        let crowded = busy.values().filter(|webhook| **webhook == one.webhook).count() >= TO_ONE;
        if busy.len() >= AT_ONCE || crowded || busy.contains_key(&one.seq) {
            continue;
        }
        busy.insert(one.seq, one.webhook);
        under_way.spawn(attempt(one, now, workspace.clone(), post.clone()));
    }
    let until = next.map_or(REST, |next| Duration::try_from(next.duration_since(now)).unwrap_or_default());
    Ok(until.min(REST))
}

/// One try, written down.
async fn attempt(due: Due, at: Timestamp, workspace: Weak<Workspace>, post: Post) -> i64 {
    let begun = Instant::now();
    let delivery = due.seq;
    let answered = post(sign(&due, at)).await;
    let latency_ms = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let (status, error) = match answered {
        Ok(status) => (Some(status), None),
        Err(why) => (None, Some(why)),
    };
    let chance = u32::from_le_bytes(crypto::random());
    let attempt = Attempt { at, status, latency_ms, error, chance };
    if let Some(open) = workspace.upgrade() {
        let settled = open.store.write(Who::engine(), move |tx| deliveries::settle(tx, delivery, &attempt)).await;
        drop(open);
        if let Err(cause) = settled {
            tracing::warn!(%cause, "a delivery's outcome could not be written down; it is sent again");
            // A full disk must not turn into a flood.
            tokio::time::sleep(REST).await;
        }
    }
    delivery
}

/// Signs by Standard Webhooks: with each secret that counts, over id, time of the try, and body.
fn sign(due: &Due, at: Timestamp) -> Message {
    let timestamp = at.as_second();
    let content = format!("{}.{timestamp}.{}", due.id, due.body);
    let signatures: Vec<String> =
        due.secrets.iter().map(|secret| format!("v1,{}", STANDARD.encode(crypto::hmac(secret, content.as_bytes())))).collect();
    Message {
        url: due.url.clone(),
        consent: due.consent,
        id: due.id.clone(),
        timestamp,
        signature: signatures.join(" "),
        body: due.body.clone(),
    }
}

async fn forget(open: &Workspace) {
    let old = open.store.read(deliveries::has_old(open.store.now()));
    if matches!(old, Ok(true))
        && let Err(cause) = open.store.write(Who::engine(), deliveries::forget_old).await
    {
        tracing::warn!(%cause, "old deliveries could not be forgotten");
    }
}
