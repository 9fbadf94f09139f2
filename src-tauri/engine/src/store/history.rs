//! History and the audit trail. One function writes both, so neither can be forgotten.

use super::writer::Change;
use crate::crypto;
use crate::error::Error;
use amtia_domain::time::rfc3339;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Who acts, and through which door.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// A display name: the profile's, a key's.
    pub actor: String,
    /// The way in.
    pub door: Door,
}

impl Who {
    /// The app by itself.
    #[must_use]
    pub fn engine() -> Self {
        Self { actor: "AMTIA Desktop".into(), door: Door::Engine }
    }
}

amtia_domain::words! {
    /// The way a change came in.
    Door {
        /// The desktop window, or its twin in a browser.
        Window = "window",
        /// A request with an API key.
        Api = "api",
        /// An imported file.
        Import = "import",
        /// The command line.
        CommandLine = "command_line",
        /// The app by itself, such as a webhook that it disables.
        Engine = "engine",
    }
}

amtia_domain::words! {
    /// What was done to a record.
    Action {
        /// It came into being.
        Created = "created",
        /// Fields changed.
        Updated = "updated",
        /// Only its place on the map changed.
        Moved = "moved",
        /// Its status changed.
        StatusChanged = "status_changed",
        /// Somebody wrote in its timeline.
        Commented = "commented",
        /// It was removed.
        Deleted = "deleted",
        /// It came from a file.
        Imported = "imported",
        /// An earlier change was taken back.
        Undone = "undone",
        /// A change taken back was made again.
        Redone = "redone",
        /// Fields were given the values of an earlier entry.
        Restored = "restored",
    }
}

amtia_domain::words! {
    /// The kinds of record that have history.
    Kind {
        /// A risk.
        Risk = "risk",
        /// An acceptance of a risk.
        Acceptance = "acceptance",
        /// An incident.
        Incident = "incident",
        /// An asset.
        Asset = "asset",
        /// A vulnerability of an asset.
        Vulnerability = "vulnerability",
        /// An assessment of a framework.
        Assessment = "assessment",
        /// What an assessment found of one control.
        AssessmentResult = "assessment_result",
        /// An audit.
        Audit = "audit",
        /// A finding of an audit.
        Finding = "finding",
        /// A document with its file.
        Document = "document",
        /// A framework with its controls.
        Framework = "framework",
        /// An API key.
        ApiKey = "api_key",
        /// A webhook.
        Webhook = "webhook",
        /// The risk matrix.
        Matrix = "matrix",
        /// A workshop.
        Workshop = "workshop",
        /// The workspace itself.
        Workspace = "workspace",
    }
}

/// One entry of a record's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct HistoryEntry {
    /// Its number in the workspace's audit trail.
    pub entry: i64,
    /// RFC 3339, UTC.
    pub at: String,
    /// Who did it.
    pub actor: String,
    /// The way it came in.
    pub door: Door,
    /// What was done.
    pub action: Action,
    /// Changed fields before.
    #[schema(value_type = Option<Object>)]
    pub before: Option<Value>,
    /// Changed fields after.
    #[schema(value_type = Option<Object>)]
    pub after: Option<Value>,
    /// Why, in the person's words.
    pub reason: Option<String>,
}

fn db(cause: rusqlite::Error) -> Error {
    Error::database(&cause)
}

pub(super) fn actor_id(connection: &Connection, name: &str) -> Result<i64, Error> {
    let mut find = connection.prepare_cached("SELECT id FROM actors WHERE name = ?1").map_err(db)?;
    if let Some(id) = find.query_row([name], |row| row.get(0)).optional().map_err(db)? {
        return Ok(id);
    }
    connection.prepare_cached("INSERT INTO actors (name) VALUES (?1)").and_then(|mut insert| insert.insert([name])).map_err(db)
}

/// The fields in which two records differ: what each held.
#[must_use]
pub fn difference(before: &Value, after: &Value) -> (Value, Value) {
    let (mut old, mut new) = (Map::new(), Map::new());
    if let (Value::Object(before), Value::Object(after)) = (before, after) {
        for (field, value) in after {
            let was = before.get(field).unwrap_or(&Value::Null);
            if was != value && field != "updated_at" {
                old.insert(field.clone(), was.clone());
                new.insert(field.clone(), value.clone());
            }
        }
    }
    (Value::Object(old), Value::Object(new))
}

struct Link<'a> {
    seq: i64,
    at: &'a str,
    actor: i64,
    door: &'a str,
    action: &'a str,
    object: &'a str,
    before: Option<&'a [u8]>,
    after: Option<&'a [u8]>,
    reason: Option<&'a [u8]>,
}

impl Link<'_> {
    /// SHA-256 of the previous hash and this entry's canonical JSON.
    fn hash(&self, previous: &[u8]) -> [u8; 32] {
        let hex = |bytes: Option<&[u8]>| bytes.map(crypto::hex);
        let canonical = json!({
            "seq": self.seq, "time": self.at, "actor": self.actor, "door": self.door, "action": self.action, "object": self.object,
            "before": hex(self.before), "after": hex(self.after), "reason": hex(self.reason),
        });
        crypto::sha256(&[previous, canonical.to_string().as_bytes()])
    }
}

pub(super) fn append(
    connection: &Connection,
    now: Timestamp,
    door: Door,
    actor: i64,
    step: i64,
    change: &Change<'_>,
) -> Result<i64, Error> {
    use amtia_domain::words::Word;
    let salt = crypto::random::<16>();
    let before = change.before.map(Value::to_string);
    let after = change.after.map(Value::to_string);
    let at = rfc3339(now);
    let seq = connection
        .prepare_cached(
            "INSERT INTO history (step, at, actor, door, action, kind, object_id, rev, before, after, reason, salt)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .and_then(|mut insert| {
            insert.insert(params![
                step,
                at,
                actor,
                door.word(),
                change.action.word(),
                change.kind.word(),
                change.id,
                change.rev,
                before,
                after,
                change.reason,
                salt
            ])
        })
        .map_err(db)?;
    let digest = |text: Option<&str>| text.map(|text| crypto::sha256(&[&salt, text.as_bytes()]));
    let (before, after, reason) = (digest(before.as_deref()), digest(after.as_deref()), digest(change.reason));
    let object = format!("{}/{}", change.kind.word(), change.id);
    let link = Link {
        seq,
        at: &at,
        actor,
        door: door.word(),
        action: change.action.word(),
        object: &object,
        before: before.as_ref().map(|hash| hash.as_slice()),
        after: after.as_ref().map(|hash| hash.as_slice()),
        reason: reason.as_ref().map(|hash| hash.as_slice()),
    };
    let hash = link.hash(&head(connection)?);
    connection
        .prepare_cached("INSERT INTO trail (seq, at, actor, door, action, object, before, after, reason, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
        .and_then(|mut insert| insert.execute(params![seq, at, actor, link.door, link.action, object, link.before, link.after, link.reason, hash]))
        .map_err(db)?;
    Ok(seq)
}

/// The hash of the last entry, or 32 zeros before the first.
///
/// # Errors
/// The database's.
pub fn head(connection: &Connection) -> Result<Vec<u8>, Error> {
    let last = connection
        .prepare_cached("SELECT hash FROM trail ORDER BY seq DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .map_err(db)?;
    Ok(last.unwrap_or_else(|| vec![0; 32]))
}

/// Signs the head, unless it is signed already. A failure here loses nothing: the next one signs the same head.
pub(super) fn checkpoint(connection: &Connection, now: Timestamp) {
    let sign = || -> Result<(), Error> {
        let last: Option<(i64, Vec<u8>)> = connection
            .query_row("SELECT seq, hash FROM trail ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(db)?;
        let Some((seq, hash)) = last else { return Ok(()) };
        let pair = super::meta::signing_key(connection)?;
        let signature = pair.sign(&hash);
        connection
            .execute(
                "INSERT OR IGNORE INTO checkpoints (seq, at, hash, signature) VALUES (?1, ?2, ?3, ?4)",
                params![seq, rfc3339(now), hash, signature.as_ref()],
            )
            .map_err(db)?;
        Ok(())
    };
    if let Err(cause) = sign() {
        tracing::warn!(%cause, "the audit trail's head was not signed");
    }
}

/// Checks every link, every history row against its link, and every checkpoint. Answers the number of entries.
///
/// # Errors
/// The first thing that does not hold, in words.
pub fn verify(connection: &Connection) -> Result<i64, String> {
    let text = |cause: rusqlite::Error| format!("The audit trail cannot be read: {cause}.");
    let mut previous = vec![0; 32];
    let mut count = 0;
    let mut statement = connection
        .prepare(
            "SELECT t.seq, t.at, t.actor, t.door, t.action, t.object, t.before, t.after, t.reason, t.hash,
                    h.before, h.after, h.reason, h.salt, h.kind || '/' || h.object_id, h.at, h.actor, h.door, h.action
             FROM trail t LEFT JOIN history h USING (seq) ORDER BY t.seq",
        )
        .map_err(text)?;
    let mut rows = statement.query([]).map_err(text)?;
    while let Some(row) = rows.next().map_err(text)? {
        let seq: i64 = row.get(0).map_err(text)?;
        let column = |index: usize| row.get::<_, String>(index).map_err(text);
        let blob = |index: usize| row.get::<_, Option<Vec<u8>>>(index).map_err(text);
        let (at, door, action, object) = (column(1)?, column(3)?, column(4)?, column(5)?);
        let (before, after, reason) = (blob(6)?, blob(7)?, blob(8)?);
        let actor: i64 = row.get(2).map_err(text)?;
        if seq != count + 1 {
            return Err(format!("The audit trail lacks entry {}.", count + 1));
        }
        let link = Link {
            seq,
            at: &at,
            actor,
            door: &door,
            action: &action,
            object: &object,
            before: before.as_deref(),
            after: after.as_deref(),
            reason: reason.as_deref(),
        };
        let hash: Vec<u8> = row.get(9).map_err(text)?;
        if link.hash(&previous).as_slice() != hash {
            return Err(format!("Entry {seq} of the audit trail does not follow from the one before it."));
        }
        if let Some(salt) = blob(13)? {
            let digest = |index: usize| -> Result<Option<Vec<u8>>, String> {
                let value: Option<String> = row.get(index).map_err(text)?;
                Ok(value.map(|value| crypto::sha256(&[&salt, value.as_bytes()]).to_vec()))
            };
            let same = digest(10)? == before
                && digest(11)? == after
                && digest(12)? == reason
                && column(14)? == object
                && column(15)? == at
                && row.get::<_, i64>(16).map_err(text)? == actor
                && column(17)? == door
                && column(18)? == action;
            if !same {
                return Err(format!("History entry {seq} is not what the audit trail says it was."));
            }
        } else {
            return Err(format!("History entry {seq} is missing."));
        }
        previous = hash;
        count = seq;
    }
    let extra: i64 = connection.query_row("SELECT count(*) FROM history WHERE seq > ?1", [count], |row| row.get(0)).map_err(text)?;
    if extra > 0 {
        return Err(format!("{extra} history entries stand outside the audit trail."));
    }
    verify_checkpoints(connection, count)?;
    Ok(count)
}

fn verify_checkpoints(connection: &Connection, count: i64) -> Result<(), String> {
    let text = |cause: rusqlite::Error| format!("The checkpoints cannot be read: {cause}.");
    let mut statement = connection
        .prepare("SELECT c.seq, c.hash, c.signature, t.hash FROM checkpoints c LEFT JOIN trail t USING (seq) ORDER BY c.seq")
        .map_err(text)?;
    let rows = statement
        .query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, Vec<u8>>(1)?, row.get::<_, Vec<u8>>(2)?, row.get::<_, Option<Vec<u8>>>(3)?))
        })
        .map_err(text)?;
    let public =
        super::meta::verifying_key(connection).map_err(|cause| format!("The key that signs checkpoints cannot be read: {cause}."))?;
    for row in rows {
        let (seq, hash, signature, in_trail) = row.map_err(text)?;
        if seq > count || in_trail.as_deref() != Some(hash.as_slice()) {
            return Err(format!("The audit trail was cut or rewritten: entry {seq} was signed and is no longer there."));
        }
        if public.as_ref().is_none_or(|public| public.verify(&hash, &signature).is_err()) {
            return Err(format!("The signature over entry {seq} of the audit trail does not hold."));
        }
    }
    Ok(())
}

/// One entry of a record's history, by its number.
///
/// # Errors
/// The database's.
pub fn entry(connection: &Connection, kind: Kind, id: &str, entry: i64) -> Result<Option<HistoryEntry>, Error> {
    let below = entry.checked_add(1);
    Ok(list(connection, kind, id, below, 1)?.into_iter().map(|(_, told)| told).find(|told| told.entry == entry))
}

/// One page of a record's history, newest first: entries with `seq` below `before`.
///
/// # Errors
/// The database's.
pub fn list(connection: &Connection, kind: Kind, id: &str, before: Option<i64>, limit: usize) -> Result<Vec<(i64, HistoryEntry)>, Error> {
    use amtia_domain::words::Word;
    let mut statement = connection
        .prepare_cached(
            "SELECT h.seq, h.at, a.name, h.door, h.action, h.before, h.after, h.reason FROM history h JOIN actors a ON a.id = h.actor
             WHERE h.kind = ?1 AND h.object_id = ?2 AND h.seq < ?3 ORDER BY h.seq DESC LIMIT ?4",
        )
        .map_err(db)?;
    let rows = statement
        .query_map(params![kind.word(), id, before.unwrap_or(i64::MAX), i64::try_from(limit).unwrap_or(200)], |row| {
            let json = |index: usize| -> rusqlite::Result<Option<Value>> {
                Ok(row.get::<_, Option<String>>(index)?.and_then(|text| serde_json::from_str(&text).ok()))
            };
            let (door, action): (String, String) = (row.get(3)?, row.get(4)?);
            Ok((
                row.get(0)?,
                HistoryEntry {
                    entry: row.get(0)?,
                    at: row.get(1)?,
                    actor: row.get(2)?,
                    door: Door::from_word(&door).unwrap_or(Door::Window),
                    action: Action::from_word(&action).unwrap_or(Action::Updated),
                    before: json(5)?,
                    after: json(6)?,
                    reason: row.get(7)?,
                },
            ))
        })
        .map_err(db)?;
    rows.collect::<Result<_, _>>().map_err(db)
}
