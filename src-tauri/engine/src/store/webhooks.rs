//! Webhooks: rows, secrets, history. Secrets leave only as signatures, and once as themselves when they are made.

use super::history::{Action, Kind, difference};
use super::lists::{Sort, Table};
use super::meta;
use super::records::{Stored, stale};
use super::writer::{Change, Tx};
use crate::crypto;
use crate::error::Error;
use amtia_domain::time::rfc3339;
use amtia_domain::webhook::{BOTH_SECRETS, DisabledReason, Webhook, WebhookPatch};
use amtia_domain::words::Word;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// The list of webhooks.
pub static WEBHOOKS: Table = Table {
    name: "webhooks",
    text: "",
    sorts: &[
        Sort { field: "created_at", column: "seq" },
        Sort { field: "updated_at", column: "updated_at" },
        Sort { field: "url", column: "url" },
    ],
};

/// A secret as it is told: `whsec_` and base64 (Standard Webhooks).
fn told(secret: &[u8]) -> String {
    format!("whsec_{}", STANDARD.encode(secret))
}

/// The JSON, revision and number of one webhook.
///
/// # Errors
/// The database's.
pub fn find_json(connection: &Connection, id: &str) -> Result<Option<(String, i64, i64)>, Error> {
    connection
        .prepare_cached("SELECT json, rev, seq FROM webhooks WHERE id = ?1")
        .and_then(|mut statement| statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).optional())
        .map_err(db)
}

/// One webhook.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get(connection: &Connection, id: &str) -> Result<Stored<Webhook>, Error> {
    let (json, rev, seq) = find_json(connection, id)?.ok_or_else(|| Error::no_record("webhook"))?;
    let record = serde_json::from_str(&json).map_err(Error::internal)?;
    Ok(Stored { record, json, rev, seq })
}

/// Makes a webhook; its secret is answered here and nowhere again.
///
/// # Errors
/// Every offending field; the database's.
pub fn create(tx: &Tx<'_>, patch: WebhookPatch, id: String) -> Result<(Stored<Webhook>, String), Error> {
    let webhook = Webhook::create(patch, id, tx.now)?;
    let seq = meta::next_number(tx.connection, Kind::Webhook)?;
    let json = serde_json::to_string(&webhook).map_err(Error::internal)?;
    let secret = crypto::random::<32>();
    tx.connection
        .execute(
            "INSERT INTO webhooks (seq, id, rev, json, url, active, updated_at, secret) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)",
            params![seq, webhook.id, json, webhook.url, webhook.active, rfc3339(webhook.updated_at), secret],
        )
        .map_err(db)?;
    subscribe(tx.connection, seq, &webhook)?;
    let whole = serde_json::to_value(&webhook).map_err(Error::internal)?;
    let stored = Stored { record: webhook, json, rev: 1, seq };
    record(tx, &stored, Action::Created, None, Some(&whole), "webhook.created")?;
    Ok((stored, told(&secret)))
}

/// Changes the fields that are present.
///
/// # Errors
/// 404; 412; every offending field; the database's.
pub fn update(tx: &Tx<'_>, id: &str, patch: WebhookPatch, body: &Value, expected: Option<i64>) -> Result<Stored<Webhook>, Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("webhook", &old.json, body));
    }
    let mut webhook = old.record.clone();
    webhook.apply(patch, tx.now)?;
    replace(tx, &old, webhook, None)
}

/// Gives a webhook a new secret, which is answered here and nowhere again; the one before it signs too for a day.
///
/// # Errors
/// 404; the database's.
pub fn rotate(tx: &Tx<'_>, id: &str) -> Result<(Stored<Webhook>, String), Error> {
    let old = get(tx.connection, id)?;
    let until = tx.now + BOTH_SECRETS;
    let secret = crypto::random::<32>();
    tx.connection
        .execute(
            "UPDATE webhooks SET previous_secret = secret, secret = ?2, previous_until = ?3 WHERE seq = ?1",
            params![old.seq, secret, rfc3339(until)],
        )
        .map_err(db)?;
    let mut webhook = old.record.clone();
    webhook.previous_secret_until = Some(until);
    webhook.updated_at = tx.now;
    Ok((replace(tx, &old, webhook, Some("The secret was replaced."))?, told(&secret)))
}

/// Ends deliveries to a webhook, visibly.
///
/// # Errors
/// The database's.
pub fn disable(tx: &Tx<'_>, id: &str, reason: DisabledReason) -> Result<(), Error> {
    let old = get(tx.connection, id)?;
    if !old.record.active {
        return Ok(());
    }
    let mut webhook = old.record.clone();
    webhook.disable(reason, tx.now);
    replace(tx, &old, webhook, Some(reason.word())).map(drop)
}

/// Removes a webhook with its deliveries; history keeps what it was.
///
/// # Errors
/// 404; 412; the database's.
pub fn delete(tx: &Tx<'_>, id: &str, expected: Option<i64>) -> Result<(), Error> {
    let old = get(tx.connection, id)?;
    if expected.is_some_and(|rev| rev != old.rev) {
        return Err(stale("webhook", &old.json, &Value::Null));
    }
    tx.connection.execute("DELETE FROM webhooks WHERE seq = ?1", [old.seq]).map_err(db)?;
    let whole = serde_json::to_value(&old.record).map_err(Error::internal)?;
    let gone = Stored { rev: old.rev + 1, ..old };
    record(tx, &gone, Action::Deleted, Some(&whole), None, "webhook.deleted")
}

fn replace(tx: &Tx<'_>, old: &Stored<Webhook>, webhook: Webhook, reason: Option<&str>) -> Result<Stored<Webhook>, Error> {
    let (was, now) =
        difference(&serde_json::to_value(&old.record).map_err(Error::internal)?, &serde_json::to_value(&webhook).map_err(Error::internal)?);
    if now.as_object().is_none_or(serde_json::Map::is_empty) {
        return Ok(old.clone());
    }
    let json = serde_json::to_string(&webhook).map_err(Error::internal)?;
    tx.connection
        .execute(
            "UPDATE webhooks SET rev = ?2, json = ?3, url = ?4, active = ?5, updated_at = ?6 WHERE seq = ?1",
            params![old.seq, old.rev + 1, json, webhook.url, webhook.active, rfc3339(webhook.updated_at)],
        )
        .map_err(db)?;
    tx.connection.execute("DELETE FROM webhook_events WHERE webhook = ?1", [old.seq]).map_err(db)?;
    subscribe(tx.connection, old.seq, &webhook)?;
    let stored = Stored { record: webhook, json, rev: old.rev + 1, seq: old.seq };
    tx.outside_undo();
    change(tx, &stored, Action::Updated, Some(&was), Some(&now), reason, "webhook.updated")?;
    Ok(stored)
}

fn subscribe(connection: &Connection, seq: i64, webhook: &Webhook) -> Result<(), Error> {
    for event in &webhook.events {
        connection
            .prepare_cached("INSERT INTO webhook_events (event, webhook) VALUES (?1, ?2)")
            .and_then(|mut insert| insert.execute(params![event.word(), seq]))
            .map_err(db)?;
    }
    Ok(())
}

fn record(
    tx: &Tx<'_>,
    stored: &Stored<Webhook>,
    action: Action,
    before: Option<&Value>,
    after: Option<&Value>,
    event: &'static str,
) -> Result<(), Error> {
    // A secret that was told or given up cannot be taken back.
    tx.outside_undo();
    change(tx, stored, action, before, after, None, event)
}

fn change(
    tx: &Tx<'_>,
    stored: &Stored<Webhook>,
    action: Action,
    before: Option<&Value>,
    after: Option<&Value>,
    reason: Option<&str>,
    event: &'static str,
) -> Result<(), Error> {
    let name = stored.record.description.as_deref().unwrap_or(&stored.record.url);
    let (id, label) = (&stored.record.id, &stored.record.url);
    tx.record(&Change { kind: Kind::Webhook, id, label, name, rev: stored.rev, action, before, after, reason, events: &[event] }).map(drop)
}

/// A webhook as it is answered: the record, and how many deliveries wait.
///
/// # Errors
/// The database's.
pub fn shown(connection: &Connection, json: &str) -> Result<Value, Error> {
    let mut record: Value = serde_json::from_str(json).map_err(Error::internal)?;
    let waiting: i64 = connection
        .prepare_cached("SELECT count(*) FROM deliveries WHERE state = 'pending' AND webhook = (SELECT seq FROM webhooks WHERE id = ?1)")
        .and_then(|mut statement| statement.query_row([record["id"].as_str().unwrap_or_default()], |row| row.get(0)))
        .map_err(db)?;
    record["waiting"] = json!(waiting);
    Ok(record)
}
