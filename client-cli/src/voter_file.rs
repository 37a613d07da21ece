//! The voter's file: key, id, and what identifies the city and the roll. It is all that a voter
//! needs, and it is secret.
//!
//! ```toml
//! format = "veche-voter/v1"
//! url = "https://vote.example.org"
//! instance = "<hex>"
//! register = "<verifier key of the register>"
//! roll = "city-2026"
//! header = "<leaf hash of the roll's header, hex>"
//! voter = "<voter id, hex>"
//! key = "<public key, hex>"
//! secret = """PKCS #8 in PEM"""
//! ```

use std::path::Path;

use serde::{Deserialize, Serialize};
use veche_keys::key_file::{self, KeyFileError};
use veche_keys::private_file::{self, Existing};
use veche_protocol::entry::Binding;
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::roll::VoterId;
use veche_protocol::signature::{Key, SigningKey};
use zeroize::{Zeroize as _, Zeroizing};

use crate::enrolment_line::EnrolmentLine;
use crate::error::ClientError;
use crate::trust::{Pins, parse_hash};

const FORMAT: &str = "veche-voter/v1";

/// A voter's file, the key still closed.
#[derive(Clone, Debug)]
pub struct VoterFile {
    /// Address of the server.
    pub url: String,
    /// What identifies the city.
    pub pins: Pins,
    /// Name of the roll.
    pub roll: String,
    /// Leaf hash of the roll's header.
    pub header: Hash,
    /// The voter's name on the log.
    pub voter: VoterId,
    /// The voter's public key.
    pub key: Key,
    /// The key, as a key file.
    secret: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    url: String,
    instance: String,
    register: String,
    roll: String,
    header: String,
    voter: String,
    key: String,
    secret: String,
}

impl Drop for Content {
    fn drop(&mut self) {
        self.secret.zeroize();
    }
}

impl VoterFile {
    /// A voter's file with a key, already written as a key file.
    pub fn new(
        url: &str,
        pins: &Pins,
        roll: (&str, Hash),
        voter: VoterId,
        key: Key,
        secret: Zeroizing<String>,
    ) -> Self {
        let (url, pins) = (url.to_owned(), pins.clone());
        Self { url, pins, roll: roll.0.to_owned(), header: roll.1, voter, key, secret }
    }

    /// Writes the file; one that is there is never replaced.
    pub fn save(&self, path: &Path) -> Result<(), ClientError> {
        let content = Content {
            format: FORMAT.to_owned(),
            url: self.url.clone(),
            instance: self.pins.instance.to_string(),
            register: self.pins.register.to_string(),
            roll: self.roll.clone(),
            header: self.header.to_string(),
            voter: hex::encode(self.voter.0),
            key: self.key.to_string(),
            secret: self.secret.to_string(),
        };
        let text = Zeroizing::new(toml::to_string(&content).expect("texts are always written"));
        Ok(private_file::write(path, text.as_bytes(), Existing::Keep)?)
    }

    /// Reads a voter's file.
    pub fn load(path: &Path) -> Result<Self, ClientError> {
        let text = Zeroizing::new(private_file::read_text(path)?);
        let content: Content =
            toml::from_str(&text).map_err(|error| ClientError::content(path, error.message()))?;
        if content.format != FORMAT {
            return Err(ClientError::content(path, "this is not a voter's file of this version"));
        }
        let parsed = || {
            Some(Self {
                url: content.url.clone(),
                pins: Pins::parse(&content.instance, &content.register)?,
                roll: content.roll.clone(),
                header: parse_hash(&content.header)?,
                voter: VoterId(hex::decode(&content.voter).ok()?.try_into().ok()?),
                key: Key::parse(&hex::decode(&content.key).ok()?).ok()?,
                secret: Zeroizing::new(content.secret.clone()),
            })
        };
        parsed().ok_or_else(|| ClientError::content(path, "an id, hash or key is malformed"))
    }

    /// Whether opening the key asks for a passphrase.
    pub fn is_encrypted(&self) -> bool {
        key_file::is_encrypted(&self.secret)
    }

    /// Opens the key.
    pub fn open(&self, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
        let key = key_file::read(&self.secret, passphrase)?;
        // Whoever could change the file must not make the voter sign with another key.
        if key.key() == self.key { Ok(key) } else { Err(KeyFileError::Malformed) }
    }

    /// The line for the registrar.
    pub fn enrolment_line(&self, key: &SigningKey) -> EnrolmentLine {
        let origin = self.pins.origin(&LogPath::Roll(self.roll.clone()));
        let (instance, under) = (self.pins.instance, self.header);
        let binding = Binding { instance, origin: &origin, under };
        EnrolmentLine::new(&binding, self.voter, key)
    }
}

#[cfg(test)]
mod tests {
    use veche_protocol::log::note::VerifierKey;

    use super::*;

    #[test]
    fn a_voter_file_round_trips_and_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("voter.toml");
        let log_key = SigningKey::from_seed(&[1; 32]).key();
        let register = VerifierKey::ed25519("vote.example.org/register", log_key).unwrap();
        let pins = Pins { instance: Hash([2; 32]), register };
        let key = key_file::generate().unwrap();
        let secret = key_file::write_encrypted(&key, "secret").unwrap();
        let roll = ("city", Hash([3; 32]));
        let url = "http://127.0.0.1:8080";
        let file = VoterFile::new(url, &pins, roll, VoterId([4; 16]), key.key(), secret);
        file.save(&path).unwrap();
        assert!(file.save(&path).is_err());
        let read = VoterFile::load(&path).unwrap();
        assert_eq!((read.pins.clone(), read.voter), (pins, VoterId([4; 16])));
        assert!(read.is_encrypted());
        assert_eq!(read.open(Some("secret")).unwrap().key(), key.key());
        assert_eq!(read.open(None).unwrap_err(), KeyFileError::PassphraseMissing);
        let line = read.enrolment_line(&key);
        assert_eq!((line.voter, line.key), (read.voter, read.key));
    }

    #[test]
    fn a_foreign_key_in_the_file_is_not_used() {
        let log_key = SigningKey::from_seed(&[1; 32]).key();
        let register = VerifierKey::ed25519("vote.example.org/register", log_key).unwrap();
        let pins = Pins { instance: Hash([2; 32]), register };
        let (own, other) = (key_file::generate().unwrap(), key_file::generate().unwrap());
        let secret = key_file::write_plain(&other);
        let roll = ("city", Hash([3; 32]));
        let file = VoterFile::new("http://a", &pins, roll, VoterId([4; 16]), own.key(), secret);
        assert_eq!(file.open(None).unwrap_err(), KeyFileError::Malformed);
    }
}
