//! The ballot paper: what a voter must know of a poll to sign a ballot, read from its log and
//! checked.
//!
//! Of a named and open poll that is its first entries, without everybody's ballots; of any other
//! the whole log, from which election key and crowd follow. Signing is cheap and needs no files: a
//! program that votes for many signs with one paper. Not here: an audit of the poll.

use std::collections::BTreeMap;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::merkle::{inclusion_proof, verify_inclusion};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::tile::{EntriesPath, TILE_WIDTH, split_bundle};
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::{Ballot, Content, Selections, selections_bytes};
use veche_protocol::poll::definition::{Definition, Secrecy};
use veche_protocol::poll::fold::{Evidence, OFFICERS_PER_ACT, PollFold};
use veche_protocol::register::Role;
use veche_protocol::sealing::{ElectionKey, PaddedMessage, seal};
use veche_protocol::signature::{Key, SigningKey};
use zeroize::Zeroizing;

use crate::api::Source;
use crate::city::City;
use crate::credential::Credential;
use crate::error::ClientError;
use crate::log_copy::{read_bundle, read_head};
use crate::poll_copy::PollCopy;
use crate::tiles;

/// Bundles in which Announce and Open are looked for: they are the first entries of every honest
/// log.
const SEARCHED: u64 = 4;

/// What a voter must know of an open poll.
#[derive(Clone, Debug)]
pub struct BallotPaper {
    path: LogPath,
    definition: Definition,
    verifier: VerifierKey,
    instance: Hash,
    open: Hash,
    /// Of an anonymous poll.
    crowd: Option<Crowd>,
    /// Of a sealed poll.
    election_key: Option<ElectionKey>,
}

/// Among whom an anonymous ballot hides.
#[derive(Clone, Debug)]
struct Crowd {
    /// Leaf hash of Begin, under which credentials are issued.
    begin: Hash,
    /// Requests that all issuers have answered, by code of the district.
    issued: BTreeMap<String, u64>,
}

impl BallotPaper {
    /// Reads the poll's Announce and Open: they stand below a signed head, and two poll officers of
    /// this city have signed each. A poll that is anonymous or sealed is read whole.
    pub fn read(source: &impl Source, city: &City, id: &str) -> Result<Self, ClientError> {
        let path = LogPath::Poll(id.to_owned());
        let distrust = |breach| ClientError::distrust(format!("the log {path}"))(breach);
        let head = read_head(source, &path, &city.pins().verifier(&path))?;
        let mut fold = PollFold::new(city.register(), &path, city.hasher());
        let size = head.checkpoint().size;
        for bundle in
            EntriesPath::all(size).take(usize::try_from(SEARCHED).expect("a small number"))
        {
            let bytes = read_bundle(source, &path, bundle)?;
            let first = bundle.index * u64::from(TILE_WIDTH);
            let entries = split_bundle(&bytes, bundle.width).map_err(distrust)?;
            for (index, bytes) in (first..).zip(entries) {
                let Ok(entry) = SignedEntry::decode(path.log_type(), bytes.to_vec()) else {
                    continue;
                };
                if !matches!(entry.payload().kind(), Kind::Announce | Kind::Open) {
                    continue;
                }
                check_inclusion(source, &path, &head, index, &entry)?;
                if fold.definition().is_none() {
                    announce(city, &mut fold, &entry, index);
                    if fold.definition().is_some_and(|d| d.is_anonymous() || d.is_sealed()) {
                        return Self::read_whole(source, city, id);
                    }
                } else if let Some(definition) = fold.definition().cloned()
                    && is_opened(city, &fold, &entry)
                {
                    let verifier = city.pins().verifier(&path);
                    let (instance, open) = (city.pins().instance, entry.leaf());
                    let definition = (*definition).clone();
                    let (crowd, election_key) = (None, None);
                    let paper =
                        Self { path, definition, verifier, instance, open, crowd, election_key };
                    return Ok(paper);
                }
            }
        }
        let missing = match fold.definition() {
            Some(_) => Breach::BallotBeforeOpen,
            None => Breach::NotAnnounced,
        };
        Err(ClientError::unlawful(format!("a ballot for {path}"))(missing))
    }

    fn read_whole(source: &impl Source, city: &City, id: &str) -> Result<Self, ClientError> {
        let poll = PollCopy::read(source, city, id, &mut |_, _| {})?;
        let what = format!("a ballot for {}", poll.log().path());
        Self::of(city, &poll).ok_or_else(|| ClientError::unlawful(what)(Breach::BallotBeforeOpen))
    }

    /// The paper of a poll that was read whole; `None` before Open.
    pub fn of(city: &City, poll: &PollCopy) -> Option<Self> {
        let open = poll.fold().open_poll()?;
        let path = poll.log().path().clone();
        let verifier = city.pins().verifier(&path);
        let crowd = open.begun().map(|begun| {
            let served = poll.fold().requests().served();
            let districts = begun.electorate().eligible().iter().zip(served);
            let issued = districts.map(|((code, _), served)| (code.clone(), served.issued));
            Crowd { begin: begun.binding().under, issued: issued.collect() }
        });
        Some(Self {
            path,
            definition: open.definition().clone(),
            verifier,
            instance: city.pins().instance,
            open: open.leaf(),
            crowd,
            election_key: open.election_key().copied(),
        })
    }

    /// Signs a ballot of a named poll that the law lets count, sealed if the poll is; `selections`
    /// are ascending.
    pub fn sign(
        &self,
        turn: u8,
        selections: Selections,
        key: &SigningKey,
    ) -> Result<SignedEntry, Breach> {
        // BALLOT-12: in an anonymous poll the voter's own name is never signed with.
        if self.crowd.is_some() {
            return Err(Breach::CredentialMissing);
        }
        let content = self.content(turn, selections, &key.key())?;
        Ok(self.entry(Ballot { turn, content, credential: None }, key))
    }

    /// Signs a ballot of an anonymous poll likewise, by the credential's own key.
    pub fn sign_with(
        &self,
        turn: u8,
        selections: Selections,
        credential: &Credential,
    ) -> Result<SignedEntry, Breach> {
        let crowd = self.crowd.as_ref().ok_or(Breach::CredentialUnexpected)?;
        let brought = credential.of_ballot().filter(|_| crowd.begin == credential.begin());
        let brought = brought.ok_or(Breach::CredentialInvalid)?;
        let content = self.content(turn, selections, &credential.key())?;
        let ballot = Ballot { turn, content, credential: Some(brought) };
        Ok(self.entry(ballot, credential.signing_key()))
    }

    fn entry(&self, ballot: Ballot, key: &SigningKey) -> SignedEntry {
        SignedEntry::sign(&Payload::Ballot(ballot), &self.binding(), &[key])
    }

    fn content(&self, turn: u8, selections: Selections, key: &Key) -> Result<Content, Breach> {
        self.check(turn, &selections)?;
        match self.definition.secrecy {
            Secrecy::Open => Ok(Content::Open(selections)),
            Secrecy::Sealed => {
                let election_key = self.election_key.ok_or(Breach::CeremonyIncomplete)?;
                let message = Zeroizing::new(selections_bytes(&selections));
                let message = PaddedMessage::pad(&message, self.definition.sealed_length());
                // SEAL-2: what BALLOT-8 allows has room; anything else is not sealed.
                let message = message.ok_or(Breach::SealedLength)?;
                let rng = &mut rand::rng();
                Ok(Content::Sealed(seal(&self.open, &election_key, key, &message, rng)))
            }
            Secrecy::Secret => Err(Breach::DefinitionInvalid),
        }
    }

    /// BALLOT-7, BALLOT-8, BALLOT-17: what would be spoiled is not signed.
    fn check(&self, turn: u8, selections: &[Vec<u64>]) -> Result<(), Breach> {
        if turn > self.definition.revote.max_turn() {
            return Err(Breach::TurnOutOfRange);
        }
        if selections.len() != self.definition.questions.len() {
            return Err(Breach::QuestionCount);
        }
        for (question, selection) in self.definition.questions.iter().zip(selections) {
            question.rule.form().check(question.options.len(), selection)?;
        }
        Ok(())
    }

    fn binding(&self) -> Binding<'_> {
        Binding { instance: self.instance, origin: self.verifier.name(), under: self.open }
    }

    /// The poll's log.
    pub const fn path(&self) -> &LogPath {
        &self.path
    }

    /// What is asked, and how it is counted.
    pub const fn definition(&self) -> &Definition {
        &self.definition
    }

    /// How many of a district have credentials, among whom a ballot of theirs hides; `None` in a
    /// named poll.
    pub fn crowd(&self, district: &str) -> Option<u64> {
        let crowd = self.crowd.as_ref()?;
        Some(crowd.issued.get(district).copied().unwrap_or(0))
    }

    /// The key that signs the heads of the poll's log.
    pub const fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }
}

fn check_inclusion(
    source: &impl Source,
    path: &LogPath,
    head: &SignedCheckpoint,
    index: u64,
    entry: &SignedEntry,
) -> Result<(), ClientError> {
    let checkpoint = head.checkpoint();
    let reader = tiles::reader(source, path, checkpoint.size);
    let proof = inclusion_proof(&reader, index, checkpoint.size)?;
    // LOG-7: the entry stands below the head that the log's key has signed.
    verify_inclusion(&entry.leaf(), index, checkpoint.size, &proof, &checkpoint.root)
        .map_err(ClientError::distrust(format!("the entry {index} of {path}")))
}

/// Takes the entry in if it is an Announce that stands.
fn announce(city: &City, fold: &mut PollFold, entry: &SignedEntry, index: u64) {
    let Payload::Announce(announce) = entry.payload() else { return };
    let evidence = Evidence {
        register: city.register(),
        register_root: city.log().root_at(announce.seen.register.size),
        own_root: Some(empty_root()),
        rolls: &[],
    };
    // ENTRY-13: one that is refused changes nothing, and a later one may stand.
    let _refused = fold.admit(entry, index, &evidence);
}

/// Whether two poll officers have opened the poll that was announced.
fn is_opened(city: &City, fold: &PollFold, entry: &SignedEntry) -> bool {
    let Payload::Open(open) = entry.payload() else { return false };
    let seen = open.seen.register;
    let known = city.log().root_at(seen.size) == Some(seen.root);
    let officers = city.register().officers_at(seen.size).filter(|_| known);
    // POLL-3, POLL-4: two poll officers in the register that they had seen.
    let holds = |key| {
        let officer = officers.and_then(|officers| officers.find(key));
        officer.is_some_and(|officer| officer.roles.contains(&Role::PollOfficer))
    };
    entry.signatures().len() >= OFFICERS_PER_ACT
        && entry.signers().all(holds)
        && entry.verify(&fold.binding(Kind::Open)).is_ok()
}
