//! The key slots beside a workspace: `FILE.keys` holds the data key wrapped for each way of opening the file.

use crate::crypto::{self, Key, Sealed};
use crate::files;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// A way of opening a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlotKind {
    /// The operating system's keychain.
    Keychain,
    /// Something a person remembers (Argon2id).
    Passphrase,
    /// Something a person has written down or saved elsewhere.
    RecoveryKey,
    /// A file beside the workspace: whoever has both opens it.
    KeyFile,
}

impl SlotKind {
    fn word(self) -> &'static str {
        match self {
            Self::Keychain => "keychain",
            Self::Passphrase => "passphrase",
            Self::RecoveryKey => "recovery_key",
            Self::KeyFile => "key_file",
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Slot {
    kind: SlotKind,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    stretch: Option<Stretch>,
    nonce: String,
    wrapped: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Stretch {
    salt: String,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

/// The contents of `FILE.keys`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeySlots {
    format: u32,
    /// The workspace's id: also the account name in the keychain and the audience of its tokens.
    pub workspace: String,
    slots: Vec<Slot>,
}

/// Why a workspace could not be opened with a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// `FILE.keys` cannot be read.
    #[error("The key slots {0} cannot be read: {1}. The workspace itself was not touched.")]
    Slots(PathBuf, String),
    /// The passphrase opens no slot.
    #[error("The passphrase does not open this workspace.")]
    WrongPassphrase,
    /// The recovery key opens no slot.
    #[error("The recovery key does not open this workspace.")]
    WrongRecoveryKey,
    /// No slot can be opened without asking.
    #[error("This workspace needs its passphrase or its recovery key.")]
    Locked,
    /// No passphrase given and no keychain to keep the key in.
    #[error("No keychain runs here and no passphrase was given. Set AMTIA_PASSPHRASE or pass --passphrase-file.")]
    NoKeychain,
    /// The operating system refused a file.
    #[error("{0}")]
    Io(String),
}

const SERVICE: &str = "AMTIA Desktop";

/// The operating system's keychain, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keychain {
    /// Secret Service, Keychain or Credential Manager, whichever the system has.
    System,
    /// Not to be touched.
    Off,
}

impl Keychain {
    /// Whether a secret can be kept: tried by setting, reading and deleting one, since a status alone is not enough.
    #[must_use]
    pub fn works(self) -> bool {
        if self == Self::Off {
            return false;
        }
        let probe = || -> keyring::Result<bool> {
            let entry = keyring::Entry::new(SERVICE, "probe")?;
            entry.set_secret(b"probe")?;
            let same = entry.get_secret()? == b"probe";
            entry.delete_credential()?;
            Ok(same)
        };
        probe().unwrap_or(false)
    }

    fn get(self, account: &str) -> Option<Zeroizing<Vec<u8>>> {
        if self == Self::Off {
            return None;
        }
        keyring::Entry::new(SERVICE, account).and_then(|entry| entry.get_secret()).ok().map(Zeroizing::new)
    }

    fn set(self, account: &str, secret: &[u8]) -> bool {
        self == Self::System && keyring::Entry::new(SERVICE, account).and_then(|entry| entry.set_secret(secret)).is_ok()
    }
}

/// `FILE.keys`.
#[must_use]
pub fn slots_path(file: &Path) -> PathBuf {
    files::beside(file, "keys")
}

/// `FILE.key`: the key file, where one is used.
#[must_use]
pub fn key_file_path(file: &Path) -> PathBuf {
    files::beside(file, "key")
}

impl KeySlots {
    /// No slots yet.
    #[must_use]
    pub fn new(workspace: String) -> Self {
        Self { format: 1, workspace, slots: Vec::new() }
    }

    /// Reads `FILE.keys`.
    ///
    /// # Errors
    /// A missing or damaged file.
    pub fn read(file: &Path) -> Result<Self, KeyError> {
        let path = slots_path(file);
        let bytes = std::fs::read(&path).map_err(|cause| KeyError::Slots(path.clone(), cause.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|cause| KeyError::Slots(path, cause.to_string()))
    }

    /// Writes `FILE.keys`, durably, readable by its owner alone.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn write(&self, file: &Path) -> Result<(), KeyError> {
        let text = serde_json::to_vec_pretty(self).expect("key slots are plain data");
        files::write_private(&slots_path(file), &text)
            .map_err(|cause| KeyError::Io(format!("The key slots could not be written: {cause}. Nothing was changed.")))
    }

    /// The ways in, in order.
    #[must_use]
    pub fn kinds(&self) -> Vec<SlotKind> {
        let mut kinds: Vec<SlotKind> = Vec::new();
        for slot in &self.slots {
            if !kinds.contains(&slot.kind) {
                kinds.push(slot.kind);
            }
        }
        kinds
    }

    fn context(&self, kind: SlotKind) -> String {
        format!("amtia key slot 1 {} {}", self.workspace, kind.word())
    }

    fn add(&mut self, kind: SlotKind, wrapping: &[u8; 32], stretch: Option<Stretch>, data_key: &Key) {
        let sealed = crypto::seal(wrapping, self.context(kind).as_bytes(), data_key.as_ref());
        self.slots.push(Slot { kind, stretch, nonce: BASE64.encode(sealed.nonce), wrapped: BASE64.encode(sealed.bytes) });
    }

    fn unwrap(&self, slot: &Slot, wrapping: &[u8; 32]) -> Option<Key> {
        let sealed = Sealed { nonce: BASE64.decode(&slot.nonce).ok()?.try_into().ok()?, bytes: BASE64.decode(&slot.wrapped).ok()? };
        let opened = crypto::open(wrapping, self.context(slot.kind).as_bytes(), &sealed)?;
        let key: [u8; 32] = opened.as_slice().try_into().ok()?;
        Some(Zeroizing::new(key))
    }

    fn of(&self, kind: SlotKind) -> impl Iterator<Item = &Slot> {
        self.slots.iter().filter(move |slot| slot.kind == kind)
    }

    /// Adds a slot for a passphrase.
    ///
    /// # Errors
    /// None with the parameters used here.
    pub fn add_passphrase(&mut self, passphrase: &str, data_key: &Key) -> Result<(), KeyError> {
        let salt = crypto::random::<16>();
        let (memory_kib, passes, lanes) = (64 * 1024, 3, 1);
        let wrapping = crypto::stretch(passphrase, &salt, memory_kib, passes, lanes).map_err(|cause| KeyError::Io(cause.to_string()))?;
        self.add(SlotKind::Passphrase, &wrapping, Some(Stretch { salt: BASE64.encode(salt), memory_kib, passes, lanes }), data_key);
        Ok(())
    }

    /// Adds a slot in the keychain; answers whether one was made.
    pub fn add_keychain(&mut self, keychain: Keychain, data_key: &Key) -> bool {
        let wrapping = crypto::random_key();
        if !keychain.works() || !keychain.set(&self.workspace, wrapping.as_ref()) {
            return false;
        }
        self.add(SlotKind::Keychain, &wrapping, None, data_key);
        true
    }

    /// Adds a slot for a key file and writes that file (mode 0600).
    ///
    /// # Errors
    /// What the operating system says.
    pub fn add_key_file(&mut self, file: &Path, data_key: &Key) -> Result<(), KeyError> {
        let wrapping = crypto::random_key();
        let path = key_file_path(file);
        files::write_private(&path, BASE64.encode(wrapping.as_ref()).as_bytes())
            .map_err(|cause| KeyError::Io(format!("The key file could not be written: {cause}.")))?;
        self.add(SlotKind::KeyFile, &wrapping, None, data_key);
        Ok(())
    }

    /// Adds a slot for a new recovery key, in place of an earlier one, and answers that key: eight groups of five.
    pub fn add_recovery_key(&mut self, data_key: &Key) -> String {
        let bytes = crypto::random::<25>();
        let text = recovery_text(&bytes);
        self.slots.retain(|slot| slot.kind != SlotKind::RecoveryKey);
        self.add(SlotKind::RecoveryKey, &recovery_wrapping(&bytes), None, data_key);
        text
    }

    /// Opens without asking anybody: by the keychain, or by a key file beside the workspace.
    ///
    /// # Errors
    /// [`KeyError::Locked`] when neither works. A keychain that is locked answers like one without the entry: no new
    /// key is ever made for a workspace that exists.
    pub fn open_unasked(&self, file: &Path, keychain: Keychain) -> Result<Key, KeyError> {
        for slot in self.of(SlotKind::Keychain) {
            let wrapping = keychain.get(&self.workspace).and_then(|bytes| <[u8; 32]>::try_from(bytes.as_slice()).ok());
            if let Some(key) = wrapping.and_then(|wrapping| self.unwrap(slot, &Zeroizing::new(wrapping))) {
                return Ok(key);
            }
        }
        for slot in self.of(SlotKind::KeyFile) {
            let wrapping = std::fs::read(key_file_path(file))
                .ok()
                .and_then(|text| BASE64.decode(text.trim_ascii()).ok())
                .and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
            if let Some(key) = wrapping.and_then(|wrapping| self.unwrap(slot, &Zeroizing::new(wrapping))) {
                return Ok(key);
            }
        }
        Err(KeyError::Locked)
    }

    /// Opens by a passphrase alone.
    ///
    /// # Errors
    /// A wrong one.
    pub fn open_by_passphrase(&self, passphrase: &str) -> Result<Key, KeyError> {
        self.of(SlotKind::Passphrase)
            .find_map(|slot| {
                let stretch = slot.stretch.as_ref()?;
                let salt = BASE64.decode(&stretch.salt).ok()?;
                let wrapping = crypto::stretch(passphrase, &salt, stretch.memory_kib, stretch.passes, stretch.lanes).ok()?;
                self.unwrap(slot, &wrapping)
            })
            .ok_or(KeyError::WrongPassphrase)
    }

    /// Opens by a recovery key as people type it: any case, any spacing, O for 0 and I or L for 1.
    ///
    /// # Errors
    /// A wrong one.
    pub fn open_by_recovery_key(&self, typed: &str) -> Result<Key, KeyError> {
        let bytes = recovery_bytes(typed).ok_or(KeyError::WrongRecoveryKey)?;
        let wrapping = recovery_wrapping(&bytes);
        self.of(SlotKind::RecoveryKey).find_map(|slot| self.unwrap(slot, &wrapping)).ok_or(KeyError::WrongRecoveryKey)
    }
}

/// Crockford's base 32: no letters that look like digits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

fn recovery_wrapping(bytes: &[u8; 25]) -> Key {
    Zeroizing::new(crypto::sha256(&[b"amtia recovery key 1", bytes]))
}

fn recovery_text(bytes: &[u8; 25]) -> String {
    let mut text = String::with_capacity(47);
    for (index, chunk) in bytes.chunks(5).enumerate() {
        let bits = chunk.iter().fold(0u64, |bits, byte| bits << 8 | u64::from(*byte));
        for place in 0..8 {
            if (index * 8 + place) % 5 == 0 && index + place > 0 {
                text.push('-');
            }
            text.push(char::from(ALPHABET[(bits >> (35 - 5 * place) & 31) as usize]));
        }
    }
    text
}

fn recovery_bytes(typed: &str) -> Option<[u8; 25]> {
    let mut values = Vec::with_capacity(40);
    for c in typed.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let c = match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        };
        values.push(ALPHABET.iter().position(|letter| char::from(*letter) == c)? as u64);
    }
    if values.len() != 40 {
        return None;
    }
    let mut bytes = [0; 25];
    for (chunk, out) in values.chunks(8).zip(bytes.chunks_mut(5)) {
        let bits = chunk.iter().fold(0u64, |bits, value| bits << 5 | value);
        out.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slots() -> (KeySlots, Key) {
        (KeySlots::new("w".into()), crypto::random_key())
    }

    #[test]
    fn each_slot_opens_the_same_data_key_and_a_wrong_secret_opens_none() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("W.amtia");
        let (mut slots, key) = slots();
        slots.add_passphrase("correct horse", &key).expect("added");
        let recovery = slots.add_recovery_key(&key);
        slots.add_key_file(&file, &key).expect("written");
        slots.write(&file).expect("written");
        let read = KeySlots::read(&file).expect("read back");
        assert_eq!(*read.open_by_passphrase("correct horse").expect("right"), *key, "the passphrase opens it");
        assert!(matches!(read.open_by_passphrase("wrong"), Err(KeyError::WrongPassphrase)), "another passphrase does not");
        assert_eq!(*read.open_by_recovery_key(&recovery.to_lowercase().replace('-', " ")).expect("right"), *key, "however it is typed");
        assert!(read.open_by_recovery_key("00000-00000").is_err(), "a short one is refused");
        assert_eq!(*read.open_unasked(&file, Keychain::Off).expect("right"), *key, "the key file opens it");
        std::fs::remove_file(key_file_path(&file)).expect("removed");
        assert!(matches!(read.open_unasked(&file, Keychain::Off), Err(KeyError::Locked)), "without it nothing does");
    }

    #[test]
    fn a_new_recovery_key_ends_the_earlier_one() {
        let (mut slots, key) = slots();
        let first = slots.add_recovery_key(&key);
        let second = slots.add_recovery_key(&key);
        assert!(slots.open_by_recovery_key(&first).is_err(), "the first no longer opens");
        assert!(slots.open_by_recovery_key(&second).is_ok(), "the second does");
        assert_eq!(second.len(), 47, "eight groups of five");
    }

    #[test]
    fn a_recovery_key_survives_being_written_and_read() {
        for _ in 0..200 {
            let bytes = crypto::random::<25>();
            assert_eq!(recovery_bytes(&recovery_text(&bytes)), Some(bytes), "round trip");
        }
    }

    #[cfg(unix)]
    #[test]
    fn key_files_are_readable_by_their_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = folder.path().join("W.amtia");
        let (mut slots, key) = slots();
        slots.add_key_file(&file, &key).expect("written");
        slots.write(&file).expect("written");
        for path in [slots_path(&file), key_file_path(&file)] {
            assert_eq!(std::fs::metadata(&path).expect("exists").permissions().mode() & 0o777, 0o600, "{path:?}");
        }
    }
}
