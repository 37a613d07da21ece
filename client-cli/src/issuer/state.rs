//! The folder of an issuer: its keys of one poll, encrypted; whom it signs for; what it has seen.
//!
//! ```text
//! keys     encrypted file of kind "issuer keys": [ poll's origin, leaf of Announce, issuer's key,
//!          [ [ code of a district, RSA key as PKCS #8 ], ... ] ]
//! signed   the record (`journal`), from Begin on
//! seen     a trust file: the city, and the heads up to which its logs were verified
//! ```
//!
//! Not here: what is signed.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use veche_keys::encrypted_file::EncryptedFile;
use veche_protocol::blind_rsa::IssuerSecret;
use veche_protocol::breach::Breach;
use veche_protocol::encoding::{Decoder, Encoder};
use veche_protocol::hash::Hash;
use veche_protocol::name::MAX_ORIGIN_LENGTH;
use veche_protocol::roll::MAX_CODE_LENGTH;
use veche_protocol::signature::Key;
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::issuer::journal::Journal;
use crate::trust::Trust;

const KIND: &str = "issuer keys";
/// Most districts of a poll: 16 rolls with 1,024 each.
const MAX_DISTRICTS: usize = 16 * 1_024;

/// Which issuer of which poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Origin of the poll's log.
    pub origin: String,
    /// Leaf hash of its Announce.
    pub announce: Hash,
    /// The key under which the issuer acts.
    pub issuer: Key,
}

/// Where the keys are kept, opened when the poll is announced.
pub struct IssuerState {
    folder: PathBuf,
    /// `None` for keys in clear.
    passphrase: Option<Zeroizing<String>>,
    held: Option<Held>,
    journal: Option<Journal>,
}

struct Held {
    file: EncryptedFile,
    office: Office,
    secrets: BTreeMap<String, IssuerSecret>,
}

impl IssuerState {
    /// The folder, made if it is not there; and what was seen before, if anything was.
    pub fn open(
        folder: &Path,
        passphrase: Option<Zeroizing<String>>,
    ) -> Result<(Self, Option<Trust>), ClientError> {
        fs::create_dir_all(folder).map_err(|error| ClientError::file(folder, error))?;
        let seen = Trust::load(&folder.join("seen"))?;
        let folder = folder.to_owned();
        Ok((Self { folder, passphrase, held: None, journal: None }, seen))
    }

    /// Remembers up to where the logs were verified.
    pub fn note(&self, trust: &Trust) -> Result<(), ClientError> {
        trust.save(&self.folder.join("seen"))
    }

    /// Opens the keys for this office, or begins without any.
    pub fn take_office(&mut self, office: &Office) -> Result<(), ClientError> {
        let path = self.folder.join("keys");
        if let Some(held) = &self.held {
            return check_office(&path, &held.office, office);
        }
        let passphrase = || Ok::<_, ClientError>(self.passphrase.clone().unwrap_or_default());
        let held = if path.exists() {
            let (file, content) = EncryptedFile::open(&path, KIND, passphrase)?;
            let (found, secrets) = parse(&content)
                .ok_or_else(|| ClientError::content(&path, "a key in it is malformed"))?;
            check_office(&path, &found, office)?;
            Held { file, office: found, secrets }
        } else {
            let secrets = BTreeMap::new();
            let passphrase = self.passphrase.as_ref().map(|phrase| phrase.as_str());
            let content = encode(office, &secrets);
            let file = EncryptedFile::create(&path, KIND, passphrase, &content)?;
            Held { file, office: office.clone(), secrets }
        };
        self.held = Some(held);
        Ok(())
    }

    /// Whether there are keys that were not wiped.
    pub fn has_keys(&self) -> bool {
        self.folder.join("keys").exists()
    }

    /// Adds keys, and waits until they are on the disk.
    pub fn add(&mut self, secrets: Vec<(String, IssuerSecret)>) -> Result<(), ClientError> {
        let Some(held) = &mut self.held else { return Ok(()) };
        held.secrets.extend(secrets);
        Ok(held.file.replace(&encode(&held.office, &held.secrets))?)
    }

    /// The secret key for a district.
    pub fn secret(&self, code: &str) -> Option<&IssuerSecret> {
        self.held.as_ref()?.secrets.get(code)
    }

    /// The record of whom is signed for in the poll with this Begin.
    pub fn journal(&mut self, begin: Hash, issuer: &Key) -> Result<&mut Journal, ClientError> {
        let path = self.folder.join("signed");
        let journal = match self.journal.take() {
            Some(journal) => journal,
            None => Journal::open(&path, begin, issuer)?,
        };
        Ok(self.journal.insert(journal))
    }

    /// Overwrites the keys and removes them; the record of whom was signed for stays.
    pub fn wipe(&mut self) -> Result<(), ClientError> {
        let Some(held) = self.held.take() else { return Ok(()) };
        let path = held.file.path();
        let fail = |error| ClientError::file(path, error);
        let mut file = OpenOptions::new().write(true).open(path).map_err(fail)?;
        let length = file.metadata().map_err(fail)?.len();
        let zeros = vec![0; usize::try_from(length).expect("it was read into memory")];
        file.write_all(&zeros).and_then(|()| file.sync_all()).map_err(fail)?;
        fs::remove_file(path).map_err(fail)
    }
}

impl std::fmt::Debug for IssuerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IssuerState").field("folder", &self.folder).finish_non_exhaustive()
    }
}

fn check_office(path: &Path, found: &Office, office: &Office) -> Result<(), ClientError> {
    if found == office {
        return Ok(());
    }
    if found.origin == office.origin && found.issuer == office.issuer {
        // A poll has one Announce for good, so one of the two was shown by a forked log.
        let what = format!("the announcement of {}, of which another was seen", office.origin);
        return Err(ClientError::distrust(what)(Breach::HeadForked));
    }
    Err(ClientError::content(
        path,
        format!("these are the keys of another issuer or poll: {}", found.origin),
    ))
}

fn encode(office: &Office, secrets: &BTreeMap<String, IssuerSecret>) -> Zeroizing<Vec<u8>> {
    // Room for all at once: a buffer that grows would leave copies behind.
    let secrets: Vec<_> = secrets.iter().map(|(code, key)| (code, key.to_pkcs8())).collect();
    let length: usize = secrets.iter().map(|(code, key)| code.len() + key.len() + 16).sum();
    let mut encoder = Encoder::with_capacity(512 + length);
    encoder.array(4).text(&office.origin).bytes(office.announce.as_bytes());
    encoder.bytes(office.issuer.as_bytes());
    encoder.list(&secrets, |encoder, (code, key)| {
        encoder.array(2).text(code).bytes(key);
    });
    Zeroizing::new(encoder.finish())
}

fn parse(content: &[u8]) -> Option<(Office, BTreeMap<String, IssuerSecret>)> {
    let mut decoder = Decoder::payload(content);
    decoder.array_of(4).ok()?;
    let office = Office {
        origin: decoder.text(1, MAX_ORIGIN_LENGTH).ok()?.to_owned(),
        announce: decoder.hash().ok()?,
        issuer: Key(decoder.bytes_of().ok()?),
    };
    let secrets = decoder.list(0, MAX_DISTRICTS, |decoder| {
        decoder.array_of(2)?;
        let code = decoder.text(1, MAX_CODE_LENGTH)?.to_owned();
        Ok((code, IssuerSecret::from_pkcs8(decoder.bytes()?)?))
    });
    decoder.finish().ok()?;
    Some((office, secrets.ok()?.into_iter().collect()))
}
