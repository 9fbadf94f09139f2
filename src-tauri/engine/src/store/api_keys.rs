//! API keys: a name, a role, a secret kept only as a keyed hash.

use super::history::{Action, Kind};
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
use serde_json::json;

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
    secret_hash: Vec<u8>,
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

/// Makes a key; its secret is answered here and nowhere again.
///
/// # Errors
/// The database's.
pub fn create(tx: &Tx<'_>, name: &str, role: Role) -> Result<(String, String), Error> {
    let id = format!("amtia_key_{}", URL_SAFE_NO_PAD.encode(crypto::random::<15>()));
    let secret = format!("amtia_secret_{}", URL_SAFE_NO_PAD.encode(crypto::random::<32>()));
    let hash = crypto::keyed_hash(&meta::secret_key(tx.connection)?, secret.as_bytes());
    tx.connection
        .execute(
            "INSERT INTO api_keys (id, name, role, secret_hash, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![id, name, role.word(), hash, rfc3339(tx.now)],
        )
        .map_err(db)?;
    tx.outside_undo();
    let after = json!({ "id": id, "name": name, "role": role.word() });
    tx.record(&Change {
        kind: Kind::ApiKey,
        id: &id,
        label: &id,
        name,
        rev: 1,
        action: Action::Created,
        before: None,
        after: Some(&after),
        reason: None,
        events: &["api_key.created"],
    })?;
    Ok((id, secret))
}

/// One key.
///
/// # Errors
/// The database's.
pub fn find(connection: &Connection, id: &str) -> Result<Option<ApiKey>, Error> {
    connection
        .prepare_cached("SELECT id, name, role, secret_hash, expires_at, revoked_at FROM api_keys WHERE id = ?1")
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
                    })
                })
                .optional()
        })
        .map_err(db)
}

/// Whether the secret is the key's, in constant time.
///
/// # Errors
/// The database's.
pub fn secret_fits(connection: &Connection, key: &ApiKey, secret: &str) -> Result<bool, Error> {
    let hash = crypto::keyed_hash(&meta::secret_key(connection)?, secret.as_bytes());
    Ok(crypto::equal(&hash, &key.secret_hash))
}
