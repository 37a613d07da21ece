//! Secrets at rest that are more than one key: any bytes under a passphrase, in a file that is
//! replaced whole, and that one program holds at a time.
//!
//! ```text
//! file       = [ "veche/encrypted/v1", kind, salt: 16 bytes, nonce: 24 bytes, ciphertext ]   CBOR
//!            | [ "veche/clear/v1", kind, content ]   where the user asks for it
//! key        = scrypt (RFC 7914) of the passphrase and the salt, at the cost of key files
//! ciphertext = XChaCha20-Poly1305 under key and nonce, associated data = kind
//! ```
//!
//! The nonce is random for every writing: of 24 bytes, so that none ever comes twice. Not here:
//! what the content means, and who is asked for a passphrase.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use chacha20poly1305::{AeadInOut as _, KeyInit as _, Tag, XChaCha20Poly1305, XNonce};
use pkcs8::pkcs5::scrypt::scrypt;
use thiserror::Error;
use veche_protocol::encoding::{Decoder, Encoder};
use zeroize::Zeroizing;

use crate::key_file::{self, random_bytes};
use crate::private_file::{self, Existing, FileError};

const ENCRYPTED: &str = "veche/encrypted/v1";
const CLEAR: &str = "veche/clear/v1";
/// Longest name of a kind, in bytes.
const MAX_KIND: usize = 64;
const SALT_LENGTH: usize = 16;
const NONCE_LENGTH: usize = 24;
const KEY_LENGTH: usize = 32;
const TAG_LENGTH: usize = 16;

/// Why a file of secrets cannot be used.
#[derive(Debug, Error)]
pub enum EncryptedFileError {
    /// It cannot be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It is something else.
    #[error("{}: this is not a {kind} file", path.display())]
    Kind {
        /// The file.
        path: PathBuf,
        /// What it should be.
        kind: &'static str,
    },
    /// The passphrase does not open it.
    #[error("{}: the passphrase does not open this key", path.display())]
    Passphrase {
        /// The file.
        path: PathBuf,
    },
    /// Another program has it open.
    #[error("{}: another program holds this file", path.display())]
    Held {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random bytes.
    #[error("{}: the system gives no random bytes", path.display())]
    Randomness {
        /// The file.
        path: PathBuf,
    },
}

/// What keeps the content from other eyes.
enum Protection {
    /// The file system alone.
    Clear,
    /// A passphrase, of which only the key is kept.
    Passphrase { salt: [u8; SALT_LENGTH], key: Zeroizing<[u8; KEY_LENGTH]> },
}

/// A file of secrets, held by this program until it is dropped.
pub struct EncryptedFile {
    path: PathBuf,
    kind: &'static str,
    protection: Protection,
    /// Another program that opens the file meanwhile would overwrite what this one adds.
    _lock: File,
}

impl EncryptedFile {
    /// Makes the file, in clear if there is no passphrase, and waits until it is on the disk. One
    /// that is there is never replaced. `kind` names what the file is.
    pub fn create(
        path: &Path,
        kind: &'static str,
        passphrase: Option<&str>,
        content: &[u8],
    ) -> Result<Self, EncryptedFileError> {
        let lock = lock(path)?;
        let protection = match passphrase {
            None => Protection::Clear,
            Some(passphrase) => {
                let salt = random(path)?;
                Protection::Passphrase { salt, key: derive(passphrase, &salt) }
            }
        };
        let file = Self { path: path.to_owned(), kind, protection, _lock: lock };
        file.write(content, Existing::Keep)?;
        Ok(file)
    }

    /// Opens the file: its content, in memory that is wiped. `passphrase` is asked only if the
    /// content is encrypted.
    pub fn open<E: From<EncryptedFileError>>(
        path: &Path,
        kind: &'static str,
        passphrase: impl FnOnce() -> Result<Zeroizing<String>, E>,
    ) -> Result<(Self, Zeroizing<Vec<u8>>), E> {
        let lock = lock(path)?;
        let bytes = Zeroizing::new(private_file::read(path).map_err(EncryptedFileError::from)?);
        let stored = Stored::parse(&bytes, kind)
            .ok_or_else(|| EncryptedFileError::Kind { path: path.to_owned(), kind })?;
        let (protection, content) = match stored {
            Stored::Clear(content) => (Protection::Clear, Zeroizing::new(content.to_vec())),
            Stored::Encrypted { salt, nonce, ciphertext } => {
                let key = derive(&passphrase()?, &salt);
                let content = decrypt(&key, &nonce, kind, ciphertext)
                    .ok_or_else(|| EncryptedFileError::Passphrase { path: path.to_owned() })?;
                (Protection::Passphrase { salt, key }, content)
            }
        };
        Ok((Self { path: path.to_owned(), kind, protection, _lock: lock }, content))
    }

    /// Puts other content in place of what is there, in one step, and waits until it is on the
    /// disk.
    pub fn replace(&self, content: &[u8]) -> Result<(), EncryptedFileError> {
        self.write(content, Existing::Replace)
    }

    fn write(&self, content: &[u8], existing: Existing) -> Result<(), EncryptedFileError> {
        let mut encoder = Encoder::with_capacity(content.len() + 128);
        match &self.protection {
            Protection::Clear => {
                encoder.array(3).text(CLEAR).text(self.kind).bytes(content);
            }
            Protection::Passphrase { salt, key } => {
                let nonce = random(&self.path)?;
                let ciphertext = encrypt(key, &nonce, self.kind, content);
                encoder.array(5).text(ENCRYPTED).text(self.kind);
                encoder.bytes(salt).bytes(&nonce).bytes(&ciphertext);
            }
        }
        Ok(private_file::write(&self.path, &Zeroizing::new(encoder.finish()), existing)?)
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl std::fmt::Debug for EncryptedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EncryptedFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// What stands in a file.
enum Stored<'a> {
    Clear(&'a [u8]),
    Encrypted { salt: [u8; SALT_LENGTH], nonce: [u8; NONCE_LENGTH], ciphertext: &'a [u8] },
}

impl<'a> Stored<'a> {
    fn parse(bytes: &'a [u8], kind: &str) -> Option<Self> {
        let mut decoder = Decoder::payload(bytes);
        let items = decoder.array().ok()?;
        let format = decoder.text(1, MAX_KIND).ok()?;
        if decoder.text(1, MAX_KIND).ok()? != kind {
            return None;
        }
        let stored = match (format, items) {
            (CLEAR, 3) => Self::Clear(decoder.bytes().ok()?),
            (ENCRYPTED, 5) => Self::Encrypted {
                salt: decoder.bytes_of().ok()?,
                nonce: decoder.bytes_of().ok()?,
                ciphertext: decoder.bytes().ok()?,
            },
            _ => return None,
        };
        decoder.finish().ok()?;
        Some(stored)
    }
}

fn random<const N: usize>(path: &Path) -> Result<[u8; N], EncryptedFileError> {
    random_bytes().map_err(|_| EncryptedFileError::Randomness { path: path.to_owned() })
}

/// The key of a passphrase: as slow to try as one of a key file.
fn derive(passphrase: &str, salt: &[u8; SALT_LENGTH]) -> Zeroizing<[u8; KEY_LENGTH]> {
    let mut key = Zeroizing::new([0; KEY_LENGTH]);
    scrypt(passphrase.as_bytes(), salt, &key_file::cost(), key.as_mut_slice())
        .expect("32 bytes are within scrypt's bounds");
    key
}

fn encrypt(
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    kind: &str,
    content: &[u8],
) -> Vec<u8> {
    // The content is written where its ciphertext will stand, in memory that does not move.
    let mut ciphertext = Vec::with_capacity(content.len() + TAG_LENGTH);
    ciphertext.extend_from_slice(content);
    let tag = XChaCha20Poly1305::new(key.into())
        .encrypt_inout_detached(
            &XNonce::from(*nonce),
            kind.as_bytes(),
            ciphertext.as_mut_slice().into(),
        )
        .expect("a file is far below 256 GiB");
    ciphertext.extend_from_slice(&tag);
    ciphertext
}

fn decrypt(
    key: &[u8; KEY_LENGTH],
    nonce: &[u8; NONCE_LENGTH],
    kind: &str,
    ciphertext: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (ciphertext, tag) = ciphertext.split_last_chunk::<TAG_LENGTH>()?;
    let mut content = Zeroizing::new(ciphertext.to_vec());
    XChaCha20Poly1305::new(key.into())
        .decrypt_inout_detached(
            &XNonce::from(*nonce),
            kind.as_bytes(),
            content.as_mut_slice().into(),
            &Tag::from(*tag),
        )
        .ok()?;
    Some(content)
}

/// Takes the lock that goes with a file; the system gives it back when this program ends.
fn lock(path: &Path) -> Result<File, EncryptedFileError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".lock");
    let beside = path.with_file_name(name);
    let lock = private_file::append(&beside)?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(EncryptedFileError::Held { path: path.to_owned() }),
        Err(TryLockError::Error(source)) => Err(FileError::Io { path: beside, source }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: &str = "test";

    type Opened = (EncryptedFile, Zeroizing<Vec<u8>>);

    fn open(path: &Path, passphrase: &str) -> Result<Opened, EncryptedFileError> {
        let passphrase = Zeroizing::new(passphrase.to_owned());
        EncryptedFile::open(path, KIND, || Ok(passphrase))
    }

    #[test]
    fn content_comes_back_with_its_passphrase_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        let file = EncryptedFile::create(&path, KIND, Some("horse"), b"first").unwrap();
        file.replace(b"second").unwrap();
        drop(file);
        let stored = std::fs::read(&path).unwrap();
        assert!(!stored.windows(6).any(|bytes| bytes == b"second"));
        assert_eq!(open(&path, "horse").unwrap().1.as_slice(), b"second");
        let wrong = open(&path, "house").unwrap_err();
        assert!(matches!(wrong, EncryptedFileError::Passphrase { .. }));
        let unasked = || unreachable!("the file is of another kind");
        let other = EncryptedFile::open(&path, "other", unasked).unwrap_err();
        assert!(matches!(other, EncryptedFileError::Kind { kind: "other", .. }));
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        drop(EncryptedFile::create(&path, KIND, Some("horse"), b"content").unwrap());
        let stored = std::fs::read(&path).unwrap();
        for place in 0..stored.len() {
            let mut changed = stored.clone();
            changed[place] ^= 1;
            // Salt and passphrase are expensive to try: the ends and the middle of what follows.
            if (30..stored.len() - 2).contains(&place) && place != 50 {
                continue;
            }
            std::fs::write(&path, &changed).unwrap();
            assert!(open(&path, "horse").is_err(), "byte {place}");
        }
    }

    #[test]
    fn a_file_that_is_there_is_kept_and_one_program_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        let held = EncryptedFile::create(&path, KIND, None, b"first").unwrap();
        assert!(matches!(open(&path, "").unwrap_err(), EncryptedFileError::Held { .. }));
        drop(held);
        assert!(EncryptedFile::create(&path, KIND, None, b"second").is_err());
        assert_eq!(open(&path, "").unwrap().1.as_slice(), b"first");
    }

    #[test]
    fn a_nonce_never_comes_twice() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secrets");
        let file = EncryptedFile::create(&path, KIND, Some("horse"), b"same").unwrap();
        let first = std::fs::read(&path).unwrap();
        file.replace(b"same").unwrap();
        assert_ne!(std::fs::read(&path).unwrap(), first);
    }
}
