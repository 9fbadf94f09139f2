//! The few primitives the engine uses, all from aws-lc: random bytes, SHA-256, HMAC, AES-256-GCM, Ed25519.

use crate::error::Error;
use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::{digest, hmac, rand};
use zeroize::Zeroizing;

/// 32 secret bytes, wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// Fresh random bytes.
#[must_use]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).expect("the operating system's random source works, or nothing here is safe");
    bytes
}

/// A fresh secret key.
#[must_use]
pub fn random_key() -> Key {
    Zeroizing::new(random())
}

/// SHA-256 of the parts, one after the other.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    context.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
}

/// HMAC-SHA-256.
#[must_use]
pub fn keyed_hash(key: &[u8; 32], data: &[u8]) -> [u8; 32] {
    hmac(key, data)
}

/// HMAC-SHA-256 under a key of any length.
#[must_use]
pub fn hmac(key: &[u8], data: &[u8]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    hmac::sign(&key, data).as_ref().try_into().expect("HMAC-SHA-256 gives 32 bytes")
}

/// Whether two byte strings are equal, in constant time.
#[must_use]
pub fn equal(a: &[u8], b: &[u8]) -> bool {
    aws_lc_rs::constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// A secret wrapped under a key.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// 96 bits, random.
    pub nonce: [u8; 12],
    /// Ciphertext and tag.
    pub bytes: Vec<u8>,
}

/// Encrypts under AES-256-GCM, bound to `context`.
#[must_use]
pub fn seal(key: &[u8; 32], context: &[u8], secret: &[u8]) -> Sealed {
    let nonce = random::<12>();
    let sealing = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes"));
    let mut bytes = secret.to_vec();
    sealing
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(context), &mut bytes)
        .expect("a short secret is within the limit of GCM");
    Sealed { nonce, bytes }
}

/// Decrypts what [`seal`] made; `None` under a wrong key or for changed bytes.
#[must_use]
pub fn open(key: &[u8; 32], context: &[u8], sealed: &Sealed) -> Option<Zeroizing<Vec<u8>>> {
    let opening = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes"));
    let mut bytes = Zeroizing::new(sealed.bytes.clone());
    let length = opening.open_in_place(Nonce::assume_unique_for_key(sealed.nonce), Aad::from(context), &mut bytes).ok()?.len();
    bytes.truncate(length);
    Some(bytes)
}

/// Stretches a passphrase (Argon2id, RFC 9106, the second recommended option: 64 MiB, 3 passes).
///
/// # Errors
/// Parameters out of range, which only a damaged key file can hold.
pub fn stretch(passphrase: &str, salt: &[u8], memory_kib: u32, passes: u32, lanes: u32) -> Result<Key, Error> {
    let parameters = argon2::Params::new(memory_kib.min(1 << 20), passes.min(64), lanes.min(16), Some(32)).map_err(Error::internal)?;
    let mut out = Zeroizing::new([0; 32]);
    argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, parameters)
        .hash_password_into(passphrase.as_bytes(), salt, out.as_mut())
        .map_err(Error::internal)?;
    Ok(out)
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a String works");
        text
    })
}

/// SHA-256 of what comes piece by piece.
pub struct Hasher(digest::Context);

impl Hasher {
    /// Of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self(digest::Context::new(&digest::SHA256))
    }

    /// Takes a piece in.
    pub fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    /// The hash of all pieces.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        self.0.finish().as_ref().try_into().expect("SHA-256 gives 32 bytes")
    }
}

/// What [`Chunks::seal`] adds to a chunk.
pub const TAG: usize = 16;

/// A long secret under AES-256-GCM in chunks (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015): each
/// nonce tells the chunk's place and whether it is the last, so that none can be moved, dropped or cut off unnoticed. One key
/// may seal one secret only.
pub struct Chunks {
    key: LessSafeKey,
    context: Vec<u8>,
    place: u32,
}

impl Chunks {
    /// For one secret, bound to `context`.
    #[must_use]
    pub fn new(key: &[u8; 32], context: &[u8]) -> Self {
        let key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, key).expect("AES-256 takes 32 bytes"));
        Self { key, context: context.to_vec(), place: 0 }
    }

    fn next(&mut self, last: bool) -> Nonce {
        let mut nonce = [0; 12];
        nonce[7..11].copy_from_slice(&self.place.to_be_bytes());
        nonce[11] = u8::from(last);
        self.place = self.place.checked_add(1).expect("a file within the upload limit has few chunks");
        Nonce::assume_unique_for_key(nonce)
    }

    /// Encrypts the next chunk where it stands and adds its tag.
    pub fn seal(&mut self, last: bool, chunk: &mut Vec<u8>) {
        let nonce = self.next(last);
        self.key.seal_in_place_append_tag(nonce, Aad::from(&self.context), chunk).expect("a chunk is within the limit of GCM");
    }

    /// Decrypts the next chunk where it stands; `None` when it is not what was sealed there.
    pub fn open(&mut self, last: bool, chunk: &mut Vec<u8>) -> Option<()> {
        let nonce = self.next(last);
        let length = self.key.open_in_place(nonce, Aad::from(&self.context), chunk).ok()?.len();
        chunk.truncate(length);
        Some(())
    }
}
