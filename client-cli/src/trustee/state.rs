//! The file of a trustee: its secrets of one poll, encrypted, and what it has seen and said.
//!
//! ```text
//! content   = [ origin, announce, trustee's key, seen, secrets, dealt, confirmed, share ]   CBOR
//! announce  = []  or  [ leaf hash of Announce ]
//! seen      the text of a trust file: the city, and the heads up to which logs were verified
//! secrets   = []  or  [ ceremony, transport secret, dealer ]
//! dealt     = []  or  [ leaf hash of the deal ]
//! confirmed = []  or  [ transcript, election key ]
//! share     = []  or  [ size, root ]                 the head under which the share is shown
//! ```
//!
//! Everything is on the disk before it is said on the log, so that after a crash the same is said
//! again. Not here: what is said.

use std::path::Path;

use veche_keys::encrypted_file::EncryptedFile;
use veche_protocol::breach::Breach;
use veche_protocol::ceremony::{Dealer, TransportSecret};
use veche_protocol::encoding::{Decoder, Encoder};
use veche_protocol::hash::Hash;
use veche_protocol::name::MAX_ORIGIN_LENGTH;
use veche_protocol::poll::acts::Head;
use veche_protocol::signature::Key;
use zeroize::Zeroizing;

use crate::error::ClientError;
use crate::trust::Trust;

const KIND: &str = "trustee";
/// Longest text of a trust file, in bytes: a policy of 256 KiB, and the heads of a city's logs.
const MAX_TRUST_LENGTH: usize = 1 << 20;

/// What a trustee makes for one ceremony and tells nobody.
#[derive(Debug)]
pub struct Secrets {
    /// Number of the ceremony.
    pub ceremony: u64,
    /// The secret of its transport key.
    pub transport: TransportSecret,
    /// Its polynomial.
    pub dealer: Dealer,
}

/// Which trustee of which poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Origin of the poll's log.
    pub origin: String,
    /// The key under which the trustee acts.
    pub trustee: Key,
}

/// What a trustee keeps.
#[derive(Debug)]
struct Content {
    office: Office,
    announce: Option<Hash>,
    seen: Trust,
    secrets: Option<Secrets>,
    dealt: Option<Hash>,
    confirmed: Option<(Hash, [u8; 32])>,
    share: Option<Head>,
}

/// The file, held open.
#[derive(Debug)]
pub struct TrusteeState {
    file: EncryptedFile,
    content: Content,
}

impl TrusteeState {
    /// Makes a new file, in clear if there is no passphrase.
    pub fn create(
        path: &Path,
        passphrase: Option<&str>,
        office: Office,
        seen: Trust,
    ) -> Result<Self, ClientError> {
        let content = Content {
            office,
            announce: None,
            seen,
            secrets: None,
            dealt: None,
            confirmed: None,
            share: None,
        };
        let file = EncryptedFile::create(path, KIND, passphrase, &content.encode())?;
        Ok(Self { file, content })
    }

    /// Opens a file that is there, which must be this trustee's.
    pub fn open(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Zeroizing<String>, ClientError>,
        office: &Office,
    ) -> Result<Self, ClientError> {
        let (file, content) = EncryptedFile::open(path, KIND, passphrase)?;
        let content = Content::parse(&content)
            .ok_or_else(|| ClientError::content(path, "what stands in it is malformed"))?;
        if content.office != *office {
            let reason =
                format!("this is the file of another trustee, or of {}", content.office.origin);
            return Err(ClientError::content(path, reason));
        }
        Ok(Self { file, content })
    }

    /// The city and the heads up to which its logs were verified.
    pub const fn seen(&self) -> &Trust {
        &self.content.seen
    }

    /// Holds the announcement against the one that was seen first.
    pub fn check_announce(&mut self, announce: Hash) -> Result<(), ClientError> {
        if *self.content.announce.get_or_insert(announce) == announce {
            return Ok(());
        }
        Err(self.forked("the announcement"))
    }

    /// The secrets of the current ceremony, if they were made.
    pub fn secrets(&self, ceremony: u64) -> Option<&Secrets> {
        self.content.secrets.as_ref().filter(|secrets| secrets.ceremony == ceremony)
    }

    /// Keeps fresh secrets in place of those of a ceremony that has failed.
    pub fn keep_secrets(&mut self, secrets: Secrets, seen: &Trust) -> Result<(), ClientError> {
        if self.content.secrets.as_ref().is_some_and(|old| old.ceremony >= secrets.ceremony) {
            return Err(self.forked("a ceremony that is over"));
        }
        let content = &mut self.content;
        (content.dealt, content.confirmed) = (None, None);
        content.secrets = Some(secrets);
        self.save(seen)
    }

    /// Keeps what is about to be dealt, which is the same every time.
    pub fn keep_deal(&mut self, leaf: Hash, seen: &Trust) -> Result<(), ClientError> {
        if *self.content.dealt.get_or_insert(leaf) != leaf {
            return Err(self.forked("the joins of the ceremony"));
        }
        self.save(seen)
    }

    /// Keeps what is about to be confirmed, which is the same every time.
    pub fn keep_outcome(
        &mut self,
        outcome: (Hash, [u8; 32]),
        seen: &Trust,
    ) -> Result<(), ClientError> {
        if *self.content.confirmed.get_or_insert(outcome) != outcome {
            return Err(self.forked("the transcript of the ceremony"));
        }
        self.save(seen)
    }

    /// Holds the outcome of the ceremony against the one that was confirmed.
    pub fn check_outcome(&self, outcome: (Hash, [u8; 32])) -> Result<(), ClientError> {
        if self.content.confirmed == Some(outcome) {
            return Ok(());
        }
        Err(self.forked("the transcript of the ceremony"))
    }

    /// Keeps the head under which the share is about to be shown; the first one stays.
    pub fn keep_head(&mut self, head: Head, seen: &Trust) -> Result<Head, ClientError> {
        let head = *self.content.share.get_or_insert(head);
        self.save(seen)?;
        Ok(head)
    }

    /// Forgets all secrets, in memory and on the disk.
    pub fn wipe(&mut self, seen: &Trust) -> Result<(), ClientError> {
        self.content.secrets = None;
        self.save(seen)
    }

    /// Remembers up to where the logs were verified.
    pub fn note(&mut self, seen: &Trust) -> Result<(), ClientError> {
        self.save(seen)
    }

    fn save(&mut self, seen: &Trust) -> Result<(), ClientError> {
        self.content.seen = seen.clone();
        // CEREMONY-14: encrypted, and on the disk before anything depends on it.
        Ok(self.file.replace(&self.content.encode())?)
    }

    /// That the log shows something else than before: evidence against whoever keeps it.
    fn forked(&self, what: &str) -> ClientError {
        let origin = &self.content.office.origin;
        let what = format!("{what} in {origin}, of which another was seen before");
        ClientError::distrust(what)(Breach::HeadForked)
    }
}

impl Content {
    fn encode(&self) -> Zeroizing<Vec<u8>> {
        let seen = self.seen.to_text();
        // Room for all at once: a buffer that grows would leave copies of secrets behind.
        let mut encoder = Encoder::with_capacity(4_096 + seen.len());
        encoder.array(8).text(&self.office.origin);
        option(&mut encoder, self.announce.as_ref(), |encoder, hash| {
            encoder.array(1).bytes(hash.as_bytes());
        });
        encoder.bytes(self.office.trustee.as_bytes()).text(&seen);
        option(&mut encoder, self.secrets.as_ref(), |encoder, secrets| {
            encoder.array(3).uint(secrets.ceremony);
            encoder.bytes(secrets.transport.to_bytes().as_slice());
            encoder.bytes(&secrets.dealer.to_bytes());
        });
        option(&mut encoder, self.dealt.as_ref(), |encoder, hash| {
            encoder.array(1).bytes(hash.as_bytes());
        });
        option(&mut encoder, self.confirmed.as_ref(), |encoder, (transcript, key)| {
            encoder.array(2).bytes(transcript.as_bytes()).bytes(key);
        });
        option(&mut encoder, self.share.as_ref(), |encoder, head| {
            encoder.array(2).uint(head.size).bytes(head.root.as_bytes());
        });
        Zeroizing::new(encoder.finish())
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut decoder = Decoder::payload(bytes);
        let content = Self::read(&mut decoder).ok()?;
        decoder.finish().ok()?;
        content
    }

    fn read(decoder: &mut Decoder<'_>) -> Result<Option<Self>, Breach> {
        decoder.array_of(8)?;
        let origin = decoder.text(1, MAX_ORIGIN_LENGTH)?.to_owned();
        let announce = read_option(decoder, 1, Decoder::hash)?;
        let trustee = Key(decoder.bytes_of()?);
        let seen = Trust::parse(decoder.text(1, MAX_TRUST_LENGTH)?);
        let secrets = read_option(decoder, 3, |decoder| {
            let ceremony = decoder.uint()?;
            let transport = Zeroizing::new(decoder.bytes_of()?);
            let transport = TransportSecret::from_bytes(&transport)?;
            Ok(Secrets { ceremony, transport, dealer: Dealer::from_bytes(decoder.bytes()?)? })
        })?;
        let dealt = read_option(decoder, 1, Decoder::hash)?;
        let confirmed =
            read_option(decoder, 2, |decoder| Ok((decoder.hash()?, decoder.bytes_of()?)))?;
        let share = read_option(decoder, 2, |decoder| {
            Ok(Head { size: decoder.uint()?, root: decoder.hash()? })
        })?;
        let office = Office { origin, trustee };
        Ok(seen.ok().map(|seen| Self { office, announce, seen, secrets, dealt, confirmed, share }))
    }
}

fn option<T>(encoder: &mut Encoder, value: Option<&T>, write: impl FnOnce(&mut Encoder, &T)) {
    match value {
        Some(value) => write(encoder, value),
        None => {
            encoder.array(0);
        }
    }
}

fn read_option<'a, T>(
    decoder: &mut Decoder<'a>,
    items: u64,
    read: impl FnOnce(&mut Decoder<'a>) -> Result<T, Breach>,
) -> Result<Option<T>, Breach> {
    match decoder.array()? {
        0 => Ok(None),
        found if found == items => read(decoder).map(Some),
        _ => Err(decoder.mismatch()),
    }
}
