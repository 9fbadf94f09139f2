//! Where the passphrase comes from. Nothing is ever asked: a pipe has nobody to answer.

use amtia_engine::{Keychain, Protection, Unlock};
use std::path::Path;

/// A passphrase, or leave to use the keychain.
pub(crate) struct Secret {
    pub(crate) passphrase: Option<String>,
    pub(crate) keychain: Keychain,
}

/// `--passphrase-file`, else `AMTIA_PASSPHRASE`, else the keychain.
pub(crate) fn find(file: Option<&Path>) -> Result<Secret, String> {
    let passphrase = match file {
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|cause| format!("The passphrase file {} cannot be read: {cause}.", path.display()))?;
            Some(text.lines().next().unwrap_or("").to_owned())
        }
        None => std::env::var("AMTIA_PASSPHRASE").ok(),
    };
    if passphrase.as_deref() == Some("") {
        return Err("The passphrase is empty.".into());
    }
    let keychain = if passphrase.is_some() { Keychain::Off } else { Keychain::System };
    Ok(Secret { passphrase, keychain })
}

impl Secret {
    /// How to open a workspace.
    pub(crate) fn unlock(&self) -> Unlock {
        match &self.passphrase {
            Some(passphrase) => Unlock::Passphrase(passphrase.clone()),
            None => Unlock::Unasked(self.keychain),
        }
    }

    /// What protects a new one.
    pub(crate) fn protection(&self) -> Protection {
        match &self.passphrase {
            Some(passphrase) => Protection::Passphrase(passphrase.clone()),
            None => Protection::Keychain(self.keychain),
        }
    }
}
