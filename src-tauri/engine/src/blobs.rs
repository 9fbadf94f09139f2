//! The files that documents hold: encrypted in a folder beside the workspace, each named by a keyed hash of its content, so
//! that the same content is kept once and a name betrays none.
//!
//! A file arrives as `RANDOM.part`, encrypted from its first byte, and is whole and on the disk as `NAME.RANDOM.new` before the
//! record that speaks of it is written; with the record it becomes `NAME`. After a crash, [`Blobs::settle`] finishes or forgets
//! what was under way. A file that has its name is never changed.

use crate::crypto::{self, Chunks, Hasher, Key};
use crate::files;
use bytes::Bytes;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Plain bytes of a chunk.
pub const CHUNK: usize = 64 << 10;
const MAGIC: &[u8; 8] = b"AMTIABL1";
const SALT: usize = 16;
const HEAD: usize = MAGIC.len() + SALT;

/// SHA-256 of a file's plain content.
pub type Sha256 = [u8; 32];

/// The folder of one workspace's files.
pub struct Blobs {
    folder: PathBuf,
    content_key: Key,
    name_key: Key,
}

/// `WORKSPACE.blobs`.
#[must_use]
pub fn folder_of(workspace: &Path) -> PathBuf {
    files::beside(workspace, "blobs")
}

/// Reads what [`crypto::hex`] wrote of a hash.
#[must_use]
pub fn sha256_of(hex: &str) -> Option<Sha256> {
    let mut hash = [0; 32];
    if hex.len() != 64 {
        return None;
    }
    for (place, byte) in hash.iter_mut().enumerate() {
        *byte = u8::from_str_radix(hex.get(place * 2..place * 2 + 2)?, 16).ok()?;
    }
    Some(hash)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the file is not what was stored")
}

fn file_key(content_key: &Key, head: &[u8; HEAD]) -> Key {
    Zeroizing::new(crypto::keyed_hash(content_key, &head[MAGIC.len()..]))
}

impl Blobs {
    /// Of a workspace, under keys derived from its data key.
    #[must_use]
    pub fn of(workspace: &Path, data_key: &Key) -> Self {
        let derived = |label: &[u8]| Zeroizing::new(crypto::keyed_hash(data_key, label));
        Self { folder: folder_of(workspace), content_key: derived(b"amtia blob content 1"), name_key: derived(b"amtia blob name 1") }
    }

    /// The name under which content is kept.
    #[must_use]
    pub fn name(&self, sha256: &Sha256) -> String {
        crypto::hex(&crypto::keyed_hash(&self.name_key, sha256))
    }

    /// Begins a file. It is gone again unless [`Upload::finish`] and [`Staged::pledge`] follow.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn begin(&self) -> io::Result<Upload> {
        make_folder(&self.folder)?;
        let mut head = [0; HEAD];
        head[..MAGIC.len()].copy_from_slice(MAGIC);
        head[MAGIC.len()..].copy_from_slice(&crypto::random::<SALT>());
        let mark = crypto::hex(&crypto::random::<8>());
        let path = self.folder.join(format!("{mark}.part"));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let mut upload = Upload {
            staged: Some(Staged { folder: self.folder.clone(), name: String::new(), mark, path, sha256: [0; 32], size: 0, pledged: false }),
            file,
            chunks: Chunks::new(&file_key(&self.content_key, &head), &head),
            waiting: Vec::with_capacity(CHUNK + crypto::TAG),
            hasher: Hasher::new(),
            name_key: self.name_key.clone(),
        };
        upload.file.write_all(&head)?;
        Ok(upload)
    }

    /// Where content is: under its name, or still on the way to it.
    fn locate(&self, name: &str) -> io::Result<PathBuf> {
        let named = self.folder.join(name);
        if named.exists() {
            return Ok(named);
        }
        let begins = format!("{name}.");
        let staged = fs::read_dir(&self.folder)?.filter_map(Result::ok).map(|entry| entry.path()).find(|path| {
            path.file_name().and_then(|file| file.to_str()).is_some_and(|file| file.starts_with(&begins) && file.ends_with(".new"))
        });
        staged.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }

    /// Opens content for reading.
    ///
    /// # Errors
    /// `NotFound`; `InvalidData` for what was never stored by this workspace.
    pub fn open(&self, sha256: &Sha256) -> io::Result<Reader> {
        let mut file = File::open(self.locate(&self.name(sha256))?)?;
        let length = file.metadata()?.len();
        let mut head = [0; HEAD];
        file.read_exact(&mut head).map_err(|_| damaged())?;
        if &head[..MAGIC.len()] != MAGIC {
            return Err(damaged());
        }
        let left = length.checked_sub(HEAD as u64).filter(|left| *left > crypto::TAG as u64).ok_or_else(damaged)?;
        Ok(Reader { file, chunks: Chunks::new(&file_key(&self.content_key, &head), &head), left })
    }

    /// Whether content is there, whole and as it was stored. Reads all of it.
    ///
    /// # Errors
    /// `NotFound`, `InvalidData`, and what else the operating system says.
    pub fn check(&self, sha256: &Sha256, size: u64) -> io::Result<()> {
        let (mut hasher, mut length) = (Hasher::new(), 0);
        for chunk in self.open(sha256)? {
            let chunk = chunk?;
            length += chunk.len() as u64;
            hasher.update(&chunk);
        }
        if hasher.finish() == *sha256 && length == size { Ok(()) } else { Err(damaged()) }
    }

    /// Finishes what was under way when the workspace was last left: what a record speaks of gets its name, the rest goes.
    /// Touches nothing that already has a name.
    pub fn settle(&self, is_known: impl Fn(&str) -> bool) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            let Some(file) = path.file_name().and_then(|file| file.to_str()) else { continue };
            let result = match file.split_once('.') {
                Some((_, "part")) => fs::remove_file(&path),
                Some((name, rest)) if rest.ends_with(".new") && is_known(name) => fs::rename(&path, self.folder.join(name)),
                Some((_, rest)) if rest.ends_with(".new") => fs::remove_file(&path),
                _ => Ok(()),
            };
            if let Err(cause) = result {
                tracing::warn!(%cause, "a file left by an interrupted upload could not be put in order");
            }
        }
    }

    /// Copies content, still encrypted, to the folder of another workspace file under the same data key.
    ///
    /// # Errors
    /// Content that is not there; what the operating system says.
    pub fn copy_to(&self, workspace: &Path, contents: &[Sha256]) -> io::Result<u64> {
        if contents.is_empty() {
            return Ok(0);
        }
        let folder = folder_of(workspace);
        make_folder(&folder)?;
        let mut bytes = 0;
        for sha256 in contents {
            let name = self.name(sha256);
            let target = folder.join(&name);
            bytes += fs::copy(self.locate(&name)?, &target)?;
            File::open(&target)?.sync_all()?;
        }
        files::sync_folder(&folder.join("any"))?;
        Ok(bytes)
    }
}

fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    files::sync_folder(folder)
}

/// A file that is arriving.
pub struct Upload {
    staged: Option<Staged>,
    file: File,
    chunks: Chunks,
    waiting: Vec<u8>,
    hasher: Hasher,
    name_key: Key,
}

impl Upload {
    /// Takes the next bytes in.
    ///
    /// # Errors
    /// What the operating system says: a full disk.
    pub fn write(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        if let Some(staged) = &mut self.staged {
            staged.size += bytes.len() as u64;
        }
        while !bytes.is_empty() {
            // A full chunk waits until more comes: the last one is sealed otherwise.
            if self.waiting.len() == CHUNK {
                self.flush(false)?;
            }
            let (now, later) = bytes.split_at(bytes.len().min(CHUNK - self.waiting.len()));
            self.waiting.extend_from_slice(now);
            bytes = later;
        }
        Ok(())
    }

    /// Bytes so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.staged.as_ref().map_or(0, |staged| staged.size)
    }

    fn flush(&mut self, last: bool) -> io::Result<()> {
        self.chunks.seal(last, &mut self.waiting);
        self.file.write_all(&self.waiting)?;
        self.waiting.clear();
        Ok(())
    }

    /// Puts the whole file on the disk, under a name that tells its content but is not yet final.
    ///
    /// # Errors
    /// What the operating system says; nothing is then left.
    pub fn finish(mut self) -> io::Result<Staged> {
        self.flush(true)?;
        self.file.sync_all()?;
        let mut staged = self.staged.take().ok_or_else(damaged)?;
        staged.sha256 = std::mem::replace(&mut self.hasher, Hasher::new()).finish();
        staged.name = crypto::hex(&crypto::keyed_hash(&self.name_key, &staged.sha256));
        let path = staged.folder.join(format!("{}.{}.new", staged.name, staged.mark));
        fs::rename(&staged.path, &path)?;
        staged.path = path;
        files::sync_folder(&staged.path)?;
        Ok(staged)
    }
}

/// A file that is whole and on the disk, and belongs to no record yet. Dropped, it goes.
pub struct Staged {
    folder: PathBuf,
    name: String,
    mark: String,
    path: PathBuf,
    /// Of its plain content.
    pub sha256: Sha256,
    /// Plain bytes.
    pub size: u64,
    pledged: bool,
}

impl Staged {
    /// Says that a record of it is being written: from here on only [`Staged::discard`] removes it, or the next start.
    pub fn pledge(&mut self) {
        self.pledged = true;
    }

    /// Its record was written: it gets its name. Where that fails, the next start does it.
    pub fn keep(mut self) {
        self.pledged = true;
        if let Err(cause) = fs::rename(&self.path, self.folder.join(&self.name)) {
            tracing::warn!(%cause, "a stored file keeps its temporary name until the next start");
        }
    }

    /// Its record was not written.
    pub fn discard(mut self) {
        self.pledged = false;
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        if !self.pledged {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Content being read, chunk by chunk.
pub struct Reader {
    file: File,
    chunks: Chunks,
    left: u64,
}

impl Reader {
    fn read(&mut self) -> io::Result<Bytes> {
        let full = (CHUNK + crypto::TAG) as u64;
        let length = self.left.min(full);
        self.left -= length;
        let mut chunk = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.file.read_exact(&mut chunk).map_err(|_| damaged())?;
        self.chunks.open(self.left == 0, &mut chunk).ok_or_else(damaged)?;
        Ok(chunk.into())
    }
}

impl Iterator for Reader {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.left == 0 {
            return None;
        }
        let read = self.read();
        if read.is_err() {
            self.left = 0;
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests;
