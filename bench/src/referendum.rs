//! A poll that is anonymous and sealed, in a city of its own: issuers, trustees, credentials,
//! ballots; and the lines of the table that are measured by it.
//!
//! ```text
//! (i) issuing     an issuer's whole step      (j) (k) casts   within the process, over HTTP
//! (l) recount     such a poll from its public files
//! ```
//!
//! The issuers' side of a credential costs a private operation of RSA, a millisecond, and 100,000
//! voters want one of each issuer. So voters here blind by the factor 1: what they ask the issuer
//! to sign is the encoded message itself, and its answer is the signature of the credential. One
//! operation makes both, and neither the law nor a recount can tell. Not here: voters who want
//! their secret kept.

pub mod casts;
pub mod issuing;
pub mod recount;
pub mod trustees;

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use rand::SeedableRng as _;
use rand::rngs::StdRng;
use veche_protocol::blind_rsa::{ModulusBits, PREFIX_LENGTH};
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::sha256;
use veche_protocol::poll::acts::Open;
use veche_protocol::poll::ballot::{Ballot, Content, Credential, selections_bytes};
use veche_protocol::poll::casting::OpenPoll;
use veche_protocol::poll::credentials::Begun;
use veche_protocol::poll::issuing::{Issued, IssuerKeys, MAX_ITEMS, Request};
use veche_protocol::sealing::{PaddedMessage, seal};
use veche_protocol::signature::SigningKey;

use crate::bare::BareRsa;
use crate::cores::each;
use crate::founding::{self, DISTRICT, OPTIONS};
use crate::progress::Progress;
use crate::referendum::trustees::Trustees;
use crate::signatures::Signed;
use crate::town::{Town, voter_key};

/// The size of the issuers' keys by default, and of the targets.
pub const BITS: ModulusBits = ModulusBits::Rsa3072;
/// Entries in flight from one client within the process: ballots of two issuers have 1.1 kB, so
/// that these are 9 of the 16 MiB that may wait in the engine.
pub const IN_FLIGHT: usize = 8_192;
/// Issued entries in flight, of 25 kB each.
const ISSUED_IN_FLIGHT: usize = 64;
/// Credentials or ballots made by one core at a time.
const MADE_AT_A_TIME: usize = 32;
/// Credentials made between two looks at the progress.
const CREDENTIALS_AT_A_TIME: usize = 1_024;

/// The poll while it is open.
#[derive(Debug)]
pub struct Referendum {
    /// The city.
    pub town: Town,
    /// The issuers' keys, in the order of the definition.
    pub keys: Vec<BareRsa>,
    names: Vec<String>,
    trustees: Trustees,
    open: Arc<OpenPoll>,
    /// Of each voter who has one so far, the signature of each issuer.
    credentials: Vec<Vec<Vec<u8>>>,
    /// The first voter who has not made a ballot yet.
    next: usize,
}

impl Referendum {
    /// A city with so many voters and an open poll with so many issuers.
    pub fn open(path: &Path, voters: usize, issuers: usize) -> Result<Self> {
        let town = Town::enrolled(path, voters)?;
        let names = founding::issuers(issuers);
        town.announce(founding::anonymous_sealed(town.roll_origin(), BITS, &names))?;
        let mut keys = Vec::with_capacity(issuers);
        for name in &names {
            let key = BareRsa::generate(BITS)?;
            let given = IssuerKeys { keys: vec![(DISTRICT.to_owned(), key.modulus())] };
            town.act(&town.poll, &Payload::IssuerKeys(given), &[name])?;
            keys.push(key);
        }
        begin(&town)?;
        let trustees = Trustees::hold_ceremony(&town)?;
        town.decide(&Payload::Open(Open { seen: town.seen(Kind::Open)?, pins: Vec::new() }))?;
        let poll = town.engine.poll(&town.poll).context("the poll is announced")?;
        let open = poll.open.context("the poll is open")?;
        Ok(Self { town, keys, names, trustees, open, credentials: Vec::new(), next: 0 })
    }

    fn begun(&self) -> &Begun {
        self.open.begun().expect("an anonymous poll has begun before it opens")
    }

    /// Makes credentials for this many voters in all, on all cores.
    pub fn make_credentials(&mut self, voters: usize) -> Result<()> {
        let progress = Progress::new("blind-signing", voters);
        while self.credentials.len() < voters {
            let first = self.credentials.len();
            let count = CREDENTIALS_AT_A_TIME.min(voters - first);
            let made = each(count, |place| self.credential(first + place));
            self.credentials.extend(made.into_iter().collect::<Result<Vec<_>>>()?);
            progress.advance(count);
        }
        Ok(())
    }

    fn credential(&self, voter: usize) -> Result<Vec<Vec<u8>>> {
        let key = credential_key(voter).key();
        let prepared = self.begun().prepared(&prefix(voter), 0, &key);
        self.keys.iter().map(|issuer| issuer.sign(&prepared)).collect()
    }

    /// The signatures that the credentials of these voters carry, by issuer.
    pub fn signatures(&self, voters: core::ops::Range<usize>) -> Vec<Vec<&[u8]>> {
        let of = |issuer: usize| {
            self.credentials[voters.clone()]
                .iter()
                .map(|signed| signed[issuer].as_slice())
                .collect()
        };
        (0..self.keys.len()).map(of).collect()
    }

    /// All who have credentials ask for them, and all issuers answer.
    pub fn issue(&self) -> Result<()> {
        let progress = Progress::new("issuing", self.credentials.len());
        let requests = each(self.credentials.len(), |voter| self.request(voter));
        let requests = requests.into_iter().collect::<Result<Vec<_>>>()?;
        let mut indices = vec![0; requests.len()];
        self.town.submit_all(&self.town.poll, &requests, IN_FLIGHT, |voter, recorded| {
            indices[voter] = recorded.index();
            Ok(())
        })?;
        let binding = self.begun().binding();
        for (issuer, name) in self.names.iter().enumerate() {
            let key = founding::key(name);
            let voters: Vec<_> = (0..indices.len()).collect();
            let entries: Vec<_> = voters.chunks(MAX_ITEMS).collect();
            let entries = each(entries.len(), |entry| {
                let answer =
                    |&voter: &usize| (indices[voter], self.credentials[voter][issuer].clone());
                let signatures = entries[entry].iter().map(answer).collect();
                let payload = Payload::Issued(Issued { signatures });
                SignedEntry::sign(&payload, &binding, &[&key]).into_bytes()
            });
            self.town.submit_all(&self.town.poll, &entries, ISSUED_IN_FLIGHT, |_, _| {
                progress.advance(MAX_ITEMS);
                Ok(())
            })?;
        }
        Ok(())
    }

    /// The request of a voter: the encoded message itself, which its signature gives.
    fn request(&self, voter: usize) -> Result<Vec<u8>> {
        let signed = self.keys.iter().zip(&self.credentials[voter]);
        let blinded = signed.map(|(key, signature)| key.raise(signature));
        let payload = Payload::Request(Request { blinded: blinded.collect::<Result<_>>()? });
        let (binding, voter) = (self.begun().binding(), voter_key(voter));
        Ok(SignedEntry::sign(&payload, &binding, &[&voter]).into_bytes())
    }

    /// The first voter who has not made a ballot yet.
    pub fn next(&self) -> usize {
        self.next
    }

    /// The ballots of the next voters, sealed and signed on all cores.
    ///
    /// # Panics
    ///
    /// If fewer have credentials.
    pub fn ballots(&mut self, count: usize) -> Vec<Vec<u8>> {
        let first = self.next;
        self.next += count;
        assert!(self.next <= self.credentials.len(), "credentials were made for all");
        let pieces = each(count.div_ceil(MADE_AT_A_TIME), |piece| {
            let start = first + piece * MADE_AT_A_TIME;
            let voters = start..(start + MADE_AT_A_TIME).min(first + count);
            voters.map(|voter| self.ballot(voter)).collect::<Vec<_>>()
        });
        pieces.into_iter().flatten().collect()
    }

    fn ballot(&self, voter: usize) -> Vec<u8> {
        let key = credential_key(voter);
        let choice = (voter % OPTIONS.len()) as u64;
        let message = selections_bytes(&vec![vec![choice]]);
        let message = PaddedMessage::pad(&message, self.open.definition().sealed_length());
        let message = message.expect("a choice is within what the poll's ballots hold");
        let election_key = self.open.election_key().expect("a sealed poll is open with its key");
        let mut rng = StdRng::seed_from_u64(voter as u64);
        let sealed = seal(&self.open.leaf(), election_key, &key.key(), &message, &mut rng);
        let credential = Credential {
            district: DISTRICT.to_owned(),
            prefix: prefix(voter),
            signatures: self.credentials[voter].clone(),
        };
        let content = Content::Sealed(sealed);
        let ballot = Ballot { turn: 0, content, credential: Some(credential) };
        let binding = self.open.ballot_binding();
        SignedEntry::sign(&Payload::Ballot(ballot), &binding, &[&key]).into_bytes()
    }

    /// The Ed25519 signatures of the ballots of the first voters.
    pub fn signed(&self, voters: usize) -> Result<Vec<Signed>> {
        let ballots = each(voters, |voter| self.ballot(voter));
        Signed::of(&ballots, &self.open.ballot_binding())
    }

    /// What ballots are bound to.
    pub fn open_poll(&self) -> &OpenPoll {
        &self.open
    }

    /// Closes the poll, opens its ballots, and certifies what the server has counted.
    pub fn close(&self) -> Result<()> {
        self.town.close()?;
        self.trustees.open(&self.town)?;
        self.town.certify()
    }
}

/// Officers begin the poll that is announced: its roll is pinned.
pub fn begin(town: &Town) -> Result<()> {
    let pins = town.engine.pins(&town.poll)?;
    town.decide(&Payload::Begin(Open { seen: town.seen(Kind::Begin)?, pins }))
}

/// The one-poll key of a voter, the same in every run.
fn credential_key(voter: usize) -> SigningKey {
    founding::key(&format!("credential {voter}"))
}

fn prefix(voter: usize) -> [u8; PREFIX_LENGTH] {
    sha256(format!("prefix {voter}").as_bytes()).0
}
