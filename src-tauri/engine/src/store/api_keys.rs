//! API keys: a name, a role, a secret kept only as a keyed hash.

use super::history::{Action, Kind};
use super::lists::{Sort, Table};
use super::meta;
use super::writer::{Change, Tx};
use crate::crypto;
use crate::error::Error;
use amtia_domain::time::rfc3339;
use amtia_domain::words::Word;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::{Value, json};

amtia_domain::words! {
    /// What a key may do; each role may what the one before it may.
    Role {
        /// Read.
        Viewer = "viewer",
        /// Read and write records.
        Analyst = "analyst",
        /// Everything, keys and webhooks included.
        Admin = "admin",
    }
}

/// The list of keys, revoked ones included.
pub static API_KEYS: Table = Table {
    name: "api_key_records",
    text: "",
    sorts: &[Sort { field: "created_at", column: "seq" }, Sort { field: "name", column: "name" }, Sort { field: "role", column: "role" }],
};

/// A key as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// `amtia_key_…`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// After this it no longer works.
    pub expires_at: Option<Timestamp>,
    /// Since when it no longer works.
    pub revoked: bool,
    /// Counts its secrets.
    pub generation: i64,
    secret_hash: Vec<u8>,
    rev: i64,
}

impl ApiKey {
    /// Whether it may be used at `now`.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        !self.revoked && self.expires_at.is_none_or(|end| now < end)
    }
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

fn new_secret(connection: &Connection) -> Result<(String, [u8; 32]), Error> {
    let secret = format!("amtia_secret_{}", URL_SAFE_NO_PAD.encode(crypto::random::<32>()));
    let hash = crypto::keyed_hash(&meta::secret_key(connection)?, secret.as_bytes());
    Ok((secret, hash))
}

/// Makes a key; its secret is answered here and nowhere again.
///
/// # Errors
/// The database's.
pub fn create(tx: &Tx<'_>, name: &str, role: Role, expires_at: Option<Timestamp>) -> Result<(String, String), Error> {
    let id = format!("amtia_key_{}", URL_SAFE_NO_PAD.encode(crypto::random::<15>()));
    let (secret, hash) = new_secret(tx.connection)?;
    let (now, expires) = (rfc3339(tx.now), expires_at.map(rfc3339));
    tx.connection
        .execute(
            "INSERT INTO api_keys (id, rev, name, role, secret_hash, generation, created_at, updated_at, expires_at) VALUES (?1, 1, ?2, ?3, ?4, 1, ?5, ?5, ?6)",
            params![id, name, role.word(), hash, now, expires],
        )
        .map_err(db)?;
    let after = json!({ "id": id, "name": name, "role": role.word(), "expires_at": expires });
    record(tx, &id, name, 1, Action::Created, (None, Some(&after)), "api_key.created")?;
    Ok((id, secret))
}

/// Gives a key a new secret, which is answered here and nowhere again. The one before ends at once, and its tokens too.
///
/// # Errors
/// 404; a revoked key (400); the database's.
pub fn rotate(tx: &Tx<'_>, id: &str) -> Result<String, Error> {
    let key = find(tx.connection, id)?.ok_or_else(|| Error::no_record("API key"))?;
    if key.revoked {
        return Err(Error::bad("This API key is revoked. Make a new one."));
    }
    let (secret, hash) = new_secret(tx.connection)?;
    tx.connection
        .execute(
            "UPDATE api_keys SET secret_hash = ?2, generation = generation + 1, rev = rev + 1, updated_at = ?3 WHERE id = ?1",
            params![id, hash, rfc3339(tx.now)],
        )
        .map_err(db)?;
    let (before, after) = (json!({ "generation": key.generation }), json!({ "generation": key.generation + 1 }));
    record(tx, id, &key.name, key.rev + 1, Action::Updated, (Some(&before), Some(&after)), "api_key.updated")?;
    Ok(secret)
}

/// Ends a key and its tokens, at once and for good. One that has ended already stays as it is.
///
/// # Errors
/// 404; the database's.
pub fn revoke(tx: &Tx<'_>, id: &str) -> Result<(), Error> {
    let key = find(tx.connection, id)?.ok_or_else(|| Error::no_record("API key"))?;
    if key.revoked {
        return Ok(());
    }
    let now = rfc3339(tx.now);
    tx.connection
        .execute("UPDATE api_keys SET revoked_at = ?2, rev = rev + 1, updated_at = ?2 WHERE id = ?1", params![id, now])
        .map_err(db)?;
    let (before, after) = (json!({ "revoked_at": null }), json!({ "revoked_at": now }));
    record(tx, id, &key.name, key.rev + 1, Action::Updated, (Some(&before), Some(&after)), "api_key.revoked")
}

fn record(
    tx: &Tx<'_>,
    id: &str,
    name: &str,
    rev: i64,
    action: Action,
    (before, after): (Option<&Value>, Option<&Value>),
    event: &'static str,
) -> Result<(), Error> {
    // A secret that was told or given up cannot be taken back.
    tx.outside_undo();
    tx.record(&Change { kind: Kind::ApiKey, id, label: id, name, rev, action, before, after, reason: None, events: &[event] }).map(drop)
}

/// One key.
///
/// # Errors
/// The database's.
pub fn find(connection: &Connection, id: &str) -> Result<Option<ApiKey>, Error> {
    connection
        .prepare_cached("SELECT id, name, role, secret_hash, expires_at, revoked_at, generation, rev FROM api_keys WHERE id = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([id], |row| {
                    let (role, expires): (String, Option<String>) = (row.get(2)?, row.get(4)?);
                    Ok(ApiKey {
                        id: row.get(0)?,
                        name: row.get(1)?,
                        role: Role::from_word(&role).unwrap_or(Role::Viewer),
                        secret_hash: row.get(3)?,
                        expires_at: expires.and_then(|text| text.parse().ok()),
                        revoked: row.get::<_, Option<String>>(5)?.is_some(),
                        generation: row.get(6)?,
                        rev: row.get(7)?,
                    })
                })
                .optional()
        })
        .map_err(db)
}

/// The names of the live keys that may write, the oldest first.
///
/// # Errors
/// The database's.
pub fn writing(connection: &Connection, now: Timestamp) -> Result<Vec<String>, Error> {
    let mut statement = connection
        .prepare_cached(
            "SELECT name FROM api_keys WHERE role <> ?1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > ?2) ORDER BY seq",
        )
        .map_err(db)?;
    let names = statement.query_map(params![Role::Viewer.word(), rfc3339(now)], |row| row.get(0)).map_err(db)?;
    names.collect::<Result<_, _>>().map_err(db)
}

/// One key as it is listed.
///
/// # Errors
/// 404 where there is none; the database's.
pub fn get_json(connection: &Connection, id: &str) -> Result<String, Error> {
    connection
        .query_row("SELECT json FROM api_key_records WHERE seq = (SELECT seq FROM api_keys WHERE id = ?1)", [id], |row| row.get(0))
        .optional()
        .map_err(db)?
        .ok_or_else(|| Error::no_record("API key"))
}

/// Whether the secret is the key's, in constant time.
///
/// # Errors
/// The database's.
pub fn secret_fits(connection: &Connection, key: &ApiKey, secret: &str) -> Result<bool, Error> {
    let hash = crypto::keyed_hash(&meta::secret_key(connection)?, secret.as_bytes());
    Ok(crypto::equal(&hash, &key.secret_hash))
}
