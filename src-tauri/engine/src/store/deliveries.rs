//! Deliveries of events to webhooks: written with the event, tried until they arrive.

use super::history::Kind;
use super::lists::{Condition, Sort, Table};
use super::records::{self, Stored};
use super::webhooks;
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::time::rfc3339;
use amtia_domain::webhook::{DeliveryState, EventType, TEST_EVENT, Tried, Verdict, Webhook, is_late, judge};
use amtia_domain::words::Word;
use jiff::{Timestamp, ToSpan};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};
use zeroize::Zeroizing;

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The log of deliveries, newest first.
pub static DELIVERIES: Table = Table { name: "delivery_records", text: "", sorts: &[Sort { field: "created_at", column: "seq" }] };

/// Only deliveries to this webhook.
#[must_use]
pub fn to_webhook(seq: i64) -> Condition {
    Condition::one("t.webhook = ?", seq)
}

/// Only deliveries that stand so.
#[must_use]
pub fn in_state(state: DeliveryState) -> Condition {
    Condition::one("t.state = ?", state.word().to_owned())
}

/// Queues an event for every active webhook that asked for it, in the change's own transaction: nothing that is
/// acknowledged goes untold, whatever happens next. What only this app knows stays here.
pub(super) fn enqueue(tx: &Tx<'_>, event: &str, change: &Change<'_>) -> Result<(), Error> {
    let Some(event) = EventType::from_word(event) else { return Ok(()) };
    let mut statement = tx
        .connection
        .prepare_cached("SELECT e.webhook FROM webhook_events e JOIN webhooks w ON w.seq = e.webhook WHERE e.event = ?1 AND w.active = 1")
        .map_err(db)?;
    let subscribed: Vec<i64> =
        statement.query_map([event.word()], |row| row.get(0)).and_then(|rows| rows.collect::<Result<_, _>>()).map_err(db)?;
    if subscribed.is_empty() {
        return Ok(());
    }
    let data = record_json(tx.connection, change)?;
    for webhook in subscribed {
        insert(tx, webhook, event.word(), &body(event.word(), tx.now, &data), false)?;
    }
    Ok(())
}

/// The record as this change leaves it, the way the API answers it.
fn record_json(connection: &Connection, change: &Change<'_>) -> Result<String, Error> {
    match (records::json_of(connection, change.kind, change.id)?, change.after) {
        (Some(json), _) => Ok(json),
        (None, Some(after)) => Ok(after.to_string()),
        (None, None) => Err(Error::internal("an event of a record that is not there")),
    }
}

fn body(event: &str, at: Timestamp, data: &str) -> String {
    format!("{{\"type\":\"{event}\",\"timestamp\":\"{}\",\"data\":{data}}}", rfc3339(at))
}

fn insert(tx: &Tx<'_>, webhook: i64, event: &str, body: &str, test: bool) -> Result<String, Error> {
    let id = format!("evt_{}", crate::ids::new(tx.now).replace('-', ""));
    tx.connection
        .prepare_cached(
            "INSERT INTO deliveries (id, webhook, event, body, at, state, once, by_hand, tries, attempts, next_at, late)
             VALUES (?1, ?2, ?3, ?4, ?5, 'pending', ?6, ?6, 0, 0, ?5, 0)",
        )
        .and_then(|mut insert| insert.execute(params![id, webhook, event, body, rfc3339(tx.now), test]))
        .map_err(db)?;
    tx.touch(Kind::Webhook.word());
    Ok(id)
}

/// Sends a test event, also to a paused webhook, and once.
///
/// # Errors
/// 404; the database's.
pub fn test(tx: &Tx<'_>, webhook: &str) -> Result<String, Error> {
    let Stored { json, seq, .. } = webhooks::get(tx.connection, webhook)?;
    insert(tx, seq, TEST_EVENT, &body(TEST_EVENT, tx.now, &json), true)
}

/// Sends a delivery again from its first try, also to a paused webhook. It keeps its id, so that the receiver knows it.
///
/// # Errors
/// 404; the database's.
pub fn redeliver(tx: &Tx<'_>, webhook: &str, id: &str) -> Result<(), Error> {
    let Stored { seq, .. } = webhooks::get(tx.connection, webhook)?;
    let sql =
        "UPDATE deliveries SET state = 'pending', by_hand = 1, tries = 0, first_at = NULL, next_at = ?3 WHERE id = ?1 AND webhook = ?2";
    let changed = tx.connection.execute(sql, params![id, seq, rfc3339(tx.now)]).map_err(db)?;
    tx.touch(Kind::Webhook.word());
    if changed == 0 { Err(Error::no_record("delivery")) } else { Ok(()) }
}

/// One delivery with its tries; with the body that is sent, where asked for.
///
/// # Errors
/// 404; the database's.
pub fn get(connection: &Connection, webhook: &str, id: &str, with_body: bool) -> Result<Value, Error> {
    let row: Option<(String, String, i64)> = connection
        .query_row(
            "SELECT r.json, d.body, d.seq FROM deliveries d JOIN delivery_records r USING (seq) JOIN webhooks w ON w.seq = d.webhook
             WHERE d.id = ?1 AND w.id = ?2",
            [id, webhook],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()
        .map_err(db)?;
    let (json, body, seq) = row.ok_or_else(|| Error::no_record("delivery"))?;
    let mut record: Value = serde_json::from_str(&json).map_err(Error::internal)?;
    if with_body {
        record["body"] = serde_json::from_str(&body).map_err(Error::internal)?;
        let mut statement = connection
            .prepare_cached(
                "SELECT number, at, status, latency_ms, error, late FROM delivery_tries WHERE delivery = ?1 ORDER BY number DESC LIMIT 100",
            )
            .map_err(db)?;
        let tries = statement.query_map([seq], |row| {
            Ok(json!({
                "number": row.get::<_, i64>(0)?, "at": row.get::<_, String>(1)?, "status": row.get::<_, Option<i64>>(2)?,
                "latency_ms": row.get::<_, i64>(3)?, "error": row.get::<_, Option<String>>(4)?, "late": row.get::<_, bool>(5)?,
            }))
        });
        record["tries"] = Value::Array(tries.and_then(|rows| rows.collect::<Result<_, _>>()).map_err(db)?);
    }
    Ok(record)
}

/// A delivery whose time has come, with all that sending it needs.
pub struct Due {
    /// Its row.
    pub seq: i64,
    /// Its webhook's row.
    pub webhook: i64,
    /// What the receiver tells deliveries apart by.
    pub id: String,
    /// Where to send.
    pub url: String,
    /// Whether an administrator consented to a private target.
    pub consent: bool,
    /// What to send.
    pub body: String,
    /// What to sign with: the secret, and the one before it while that still counts.
    pub secrets: Vec<Zeroizing<Vec<u8>>>,
}

/// What may be tried of a webhook's deliveries.
const ELIGIBLE: &str = "d.state = 'pending' AND (w.active = 1 OR d.by_hand = 1)";

/// Up to `each` due deliveries of each webhook, the longest due first: one that never answers holds up no other.
///
/// # Errors
/// The database's.
pub fn due(connection: &Connection, now: Timestamp, each: usize) -> Result<Vec<Due>, Error> {
    let mut all = Vec::new();
    let mut webhooks = connection.prepare_cached("SELECT seq FROM webhooks").map_err(db)?;
    let webhooks: Vec<i64> = webhooks.query_map([], |row| row.get(0)).and_then(|rows| rows.collect::<Result<_, _>>()).map_err(db)?;
    let text = rfc3339(now);
    let mut statement = connection
        .prepare_cached(&format!(
            "SELECT d.seq, d.webhook, d.id, w.json, d.body, w.secret, w.previous_secret, w.previous_until
             FROM deliveries d JOIN webhooks w ON w.seq = d.webhook
             WHERE d.webhook = ?1 AND d.next_at <= ?2 AND {ELIGIBLE} ORDER BY d.next_at, d.seq LIMIT ?3"
        ))
        .map_err(db)?;
    for webhook in webhooks {
        let mut rows = statement.query(params![webhook, text, i64::try_from(each).unwrap_or(1)]).map_err(db)?;
        while let Some(row) = rows.next().map_err(db)? {
            let json: String = row.get(3).map_err(db)?;
            let record: Webhook = serde_json::from_str(&json).map_err(Error::internal)?;
            let mut secrets = vec![Zeroizing::new(row.get(5).map_err(db)?)];
            let until: Option<String> = row.get(7).map_err(db)?;
            if until.is_some_and(|until| until > text)
                && let Some(previous) = row.get::<_, Option<Vec<u8>>>(6).map_err(db)?
            {
                secrets.push(Zeroizing::new(previous));
            }
            all.push(Due {
                seq: row.get(0).map_err(db)?,
                webhook: row.get(1).map_err(db)?,
                id: row.get(2).map_err(db)?,
                url: record.url,
                consent: record.allow_private,
                body: row.get(4).map_err(db)?,
                secrets,
            });
        }
    }
    Ok(all)
}

/// When the next delivery falls due after `now`, if any does.
///
/// # Errors
/// The database's.
pub fn next_after(connection: &Connection, now: Timestamp) -> Result<Option<Timestamp>, Error> {
    let next: Option<String> = connection
        .prepare_cached(&format!(
            "SELECT min(d.next_at) FROM webhooks w JOIN deliveries d ON d.webhook = w.seq WHERE {ELIGIBLE} AND d.next_at > ?1"
        ))
        .and_then(|mut statement| statement.query_row([rfc3339(now)], |row| row.get(0)))
        .map_err(db)?;
    Ok(next.and_then(|text| text.parse().ok()))
}

/// How one try went.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// When it began.
    pub at: Timestamp,
    /// The status answered.
    pub status: Option<u16>,
    /// How long it took.
    pub latency_ms: i64,
    /// Why there was no answer, or none that counts.
    pub error: Option<String>,
    /// Any number, to spread the next try.
    pub chance: u32,
}

/// Writes down a try and what follows from it.
///
/// # Errors
/// The database's.
pub fn settle(tx: &Tx<'_>, delivery: i64, attempt: &Attempt) -> Result<(), Error> {
    let row = |row: &rusqlite::Row<'_>| {
        Ok((
            row.get::<_, u32>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, bool>(2)?,
            row.get::<_, Option<String>>(3)?,
            row.get::<_, String>(4)?,
            row.get::<_, String>(5)?,
        ))
    };
    let found = tx
        .connection
        .prepare_cached(
            "SELECT d.tries, d.attempts, d.once, d.first_at, d.next_at, w.id FROM deliveries d JOIN webhooks w ON w.seq = d.webhook
             WHERE d.seq = ?1 AND d.state = 'pending'",
        )
        .and_then(|mut statement| statement.query_row([delivery], row).optional())
        .map_err(db)?;
    // Its webhook was deleted meanwhile: there is nobody to tell.
    let Some((tries, attempts, once, first_at, due, webhook)) = found else { return Ok(()) };
    let at = rfc3339(attempt.at);
    let late = due.parse().is_ok_and(|due| is_late(due, attempt.at));
    let first_at = first_at.unwrap_or_else(|| at.clone());
    let alive: bool = tx
        .connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM deliveries WHERE webhook = (SELECT webhook FROM deliveries WHERE seq = ?1) AND state = 'delivered' AND last_at >= ?2)",
        )
        .and_then(|mut statement| statement.query_row(params![delivery, first_at], |row| row.get(0)))
        .map_err(db)?;
    let tries = tries + 1;
    let verdict = judge(Tried { status: attempt.status, tries, once, alive, chance: attempt.chance });
    let (state, next) = match verdict {
        Verdict::Delivered => (DeliveryState::Delivered, due),
        Verdict::Again(wait) => (DeliveryState::Pending, rfc3339(attempt.at + shortened(wait))),
        Verdict::GiveUp | Verdict::Disable(_) => (DeliveryState::Failed, due),
    };
    tx.connection
        .prepare_cached(
            "UPDATE deliveries SET state = ?2, tries = ?3, attempts = ?4, first_at = ?5, next_at = ?6, last_at = ?7, status = ?8,
             latency_ms = ?9, error = ?10, late = ?11 WHERE seq = ?1",
        )
        .and_then(|mut update| {
            update.execute(params![
                delivery,
                state.word(),
                tries,
                attempts + 1,
                first_at,
                next,
                at,
                attempt.status,
                attempt.latency_ms,
                attempt.error,
                late
            ])
        })
        .map_err(db)?;
    tx.connection
        .prepare_cached(
            "INSERT INTO delivery_tries (delivery, number, at, status, latency_ms, error, late) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        )
        .and_then(|mut insert| insert.execute(params![delivery, attempts + 1, at, attempt.status, attempt.latency_ms, attempt.error, late]))
        .map_err(db)?;
    tx.touch(Kind::Webhook.word());
    match verdict {
        Verdict::Disable(reason) => webhooks::disable(tx, &webhook, reason),
        Verdict::Delivered | Verdict::Again(_) | Verdict::GiveUp => Ok(()),
    }
}

/// Three days of waiting are too long for a test of kills; a released binary has no such switch.
fn shortened(wait: jiff::SignedDuration) -> jiff::SignedDuration {
    #[cfg(debug_assertions)]
    if let Some(most) = std::env::var("AMTIA_TEST_RETRY_MS").ok().and_then(|text| text.parse().ok()) {
        return wait.min(jiff::SignedDuration::from_millis(most));
    }
    wait
}

/// Before this, settled deliveries are forgotten.
fn month_ago(now: Timestamp) -> String {
    rfc3339(now.saturating_sub((30 * 24).hours()).unwrap_or(Timestamp::UNIX_EPOCH))
}

/// Whether any delivery was settled more than thirty days ago.
pub fn has_old(now: Timestamp) -> impl FnOnce(&Connection) -> Result<bool, Error> {
    move |connection| {
        let sql = "SELECT EXISTS (SELECT 1 FROM deliveries WHERE state <> 'pending' AND at < ?1)";
        connection.query_row(sql, [month_ago(now)], |row| row.get(0)).map_err(db)
    }
}

/// Forgets deliveries that were settled more than thirty days ago.
///
/// # Errors
/// The database's.
pub fn forget_old(tx: &Tx<'_>) -> Result<usize, Error> {
    tx.connection.execute("DELETE FROM deliveries WHERE state <> 'pending' AND at < ?1", [month_ago(tx.now)]).map_err(db)
}
