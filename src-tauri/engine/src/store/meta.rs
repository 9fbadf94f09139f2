//! What the workspace knows of itself: its name, its settings, its counters and its signing keys.

use super::history::{Action, Kind};
use super::writer::{Change, Tx};
use crate::error::Error;
use amtia_domain::words::Word;
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Map, Value, json};

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

/// Names of settings, the one place where they are spelled.
pub mod setting {
    /// The workspace's name.
    pub const NAME: &str = "name";
    /// The display name of the person at this device.
    pub const PROFILE: &str = "profile";
    /// IANA name of the zone in which months are counted.
    pub const TIME_ZONE: &str = "time_zone";
    /// `on` or `off`: single-letter shortcuts (WCAG 2.1.4).
    pub const SINGLE_KEYS: &str = "single_key_shortcuts";
    /// `on` or `off`: whether the window serves the API on loopback.
    pub const LOCAL_API: &str = "local_api";
    /// The port it is served on.
    pub const LOCAL_API_PORT: &str = "local_api_port";
    /// `yes` once the recovery key was offered.
    pub const RECOVERY_OFFERED: &str = "recovery_offered";
}

/// A setting's text.
///
/// # Errors
/// The database's.
pub fn get(connection: &Connection, key: &str) -> Result<Option<String>, Error> {
    Ok(get_bytes(connection, key)?.and_then(|bytes| String::from_utf8(bytes).ok()))
}

fn get_bytes(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, Error> {
    connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")
        .and_then(|mut statement| statement.query_row([key], |row| row.get(0)).optional())
        .map_err(db)
}

/// Sets a setting's text.
///
/// # Errors
/// The database's.
pub fn set(connection: &Connection, key: &str, value: &str) -> Result<(), Error> {
    set_bytes(connection, key, value.as_bytes())
}

fn set_bytes(connection: &Connection, key: &str, value: &[u8]) -> Result<(), Error> {
    connection
        .prepare_cached("INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value")
        .and_then(|mut statement| statement.execute(params![key, value]))
        .map(drop)
        .map_err(db)
}

/// Changes settings as one change of the workspace, with history, trail and event. Without a difference nothing is written.
///
/// # Errors
/// The database's.
pub fn change(tx: &Tx<'_>, workspace: &str, settings: &[(&'static str, String)]) -> Result<(), Error> {
    let (mut before, mut after) = (Map::new(), Map::new());
    for (key, value) in settings {
        let was = get(tx.connection, key)?;
        if was.as_ref() != Some(value) {
            before.insert((*key).to_owned(), json!(was));
            after.insert((*key).to_owned(), json!(value));
            set(tx.connection, key, value)?;
        }
    }
    if after.is_empty() {
        return Ok(());
    }
    let (before, after) = (Value::Object(before), Value::Object(after));
    note(tx, workspace, Action::Updated, Some(&before), &after)
}

/// Records a change of the workspace itself; it cannot be undone.
///
/// # Errors
/// The database's.
pub fn note(tx: &Tx<'_>, workspace: &str, action: Action, before: Option<&Value>, after: &Value) -> Result<(), Error> {
    tx.outside_undo();
    let rev = next_number(tx.connection, Kind::Workspace)?;
    let name = get(tx.connection, setting::NAME)?.unwrap_or_default();
    let events: &[&'static str] = &["workspace.updated"];
    tx.record(&Change {
        kind: Kind::Workspace,
        id: workspace,
        label: workspace,
        name: &name,
        rev,
        action,
        before,
        after: Some(after),
        reason: None,
        events,
    })
    .map(drop)
}

/// Takes the next number of a kind's sequence; a number is never taken twice.
///
/// # Errors
/// The database's.
pub fn next_number(connection: &Connection, kind: Kind) -> Result<i64, Error> {
    next(connection, &format!("next_{}", kind.word()))
}

/// The number that [`next_number`] takes next.
///
/// # Errors
/// The database's.
pub fn peek_number(connection: &Connection, kind: Kind) -> Result<i64, Error> {
    peek(connection, &format!("next_{}", kind.word()))
}

/// Takes every number below this one.
///
/// # Errors
/// The database's.
pub fn advance_number(connection: &Connection, kind: Kind, number: i64) -> Result<(), Error> {
    let number = peek_number(connection, kind)?.max(number);
    set(connection, &format!("next_{}", kind.word()), &number.to_string())
}

/// As [`next_number`], of a sequence that begins anew each year.
///
/// # Errors
/// The database's.
pub fn next_number_of(connection: &Connection, kind: Kind, year: i16) -> Result<i64, Error> {
    next(connection, &format!("next_{}_{year}", kind.word()))
}

fn peek(connection: &Connection, key: &str) -> Result<i64, Error> {
    Ok(get(connection, key)?.and_then(|text| text.parse::<i64>().ok()).unwrap_or(1))
}

fn next(connection: &Connection, key: &str) -> Result<i64, Error> {
    let number = peek(connection, key)?;
    set(connection, key, &(number + 1).to_string())?;
    Ok(number)
}

/// The key that signs checkpoints, made on first use.
///
/// # Errors
/// The database's.
pub fn signing_key(connection: &Connection) -> Result<Ed25519KeyPair, Error> {
    let document = match get_bytes(connection, "checkpoint_key")? {
        Some(document) => document,
        None => {
            let document =
                Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new()).map_err(Error::internal)?.as_ref().to_vec();
            set_bytes(connection, "checkpoint_key", &document)?;
            document
        }
    };
    Ed25519KeyPair::from_pkcs8(&document).map_err(Error::internal)
}

/// The public half of [`signing_key`], if there is one yet.
///
/// # Errors
/// The database's.
pub fn verifying_key(connection: &Connection) -> Result<Option<UnparsedPublicKey<Vec<u8>>>, Error> {
    let Some(document) = get_bytes(connection, "checkpoint_key")? else { return Ok(None) };
    let pair = Ed25519KeyPair::from_pkcs8(&document).map_err(Error::internal)?;
    Ok(Some(UnparsedPublicKey::new(&ED25519, pair.public_key().as_ref().to_vec())))
}

/// The private key that signs tokens (RSA, PKCS #8 DER), if there is one yet.
///
/// # Errors
/// The database's.
pub fn token_key(connection: &Connection) -> Result<Option<Vec<u8>>, Error> {
    get_bytes(connection, "token_key")
}

/// Keeps the private key that signs tokens.
///
/// # Errors
/// The database's.
pub fn set_token_key(connection: &Connection, document: &[u8]) -> Result<(), Error> {
    set_bytes(connection, "token_key", document)
}

/// The key under which API secrets are hashed, made on first use inside a write.
///
/// # Errors
/// The database's.
pub fn secret_key(connection: &Connection) -> Result<[u8; 32], Error> {
    if let Some(key) = get_bytes(connection, "secret_hash_key")?.and_then(|bytes| bytes.try_into().ok()) {
        return Ok(key);
    }
    let key = crate::crypto::random::<32>();
    set_bytes(connection, "secret_hash_key", &key)?;
    Ok(key)
}
