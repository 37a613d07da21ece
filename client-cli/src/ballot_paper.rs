//! The ballot paper: what a voter must know of a poll to sign a ballot, read from its log and
//! checked, without reading everybody's ballots.
//!
//! Signing is cheap and needs no files: a program that votes for many signs with one paper. Not
//! here: the pins of the roll and the other ballots, which an audit judges.

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, Kind, Payload, SignedEntry};
use veche_protocol::hash::{Hash, empty_root};
use veche_protocol::log::checkpoint::SignedCheckpoint;
use veche_protocol::log::merkle::{inclusion_proof, verify_inclusion};
use veche_protocol::log::note::VerifierKey;
use veche_protocol::log::tile::{EntriesPath, TILE_WIDTH, split_bundle};
use veche_protocol::name::LogPath;
use veche_protocol::poll::ballot::Ballot;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::fold::{Evidence, OFFICERS_PER_ACT, PollFold};
use veche_protocol::register::Role;
use veche_protocol::signature::SigningKey;

use crate::api::Source;
use crate::city::City;
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
}

impl BallotPaper {
    /// Reads the poll's Announce and Open: they stand below a signed head, and two poll officers of
    /// this city have signed each.
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
                } else if let Some(definition) = fold.definition().cloned()
                    && is_opened(city, &fold, &entry)
                {
                    let verifier = city.pins().verifier(&path);
                    let (instance, open) = (city.pins().instance, entry.leaf());
                    let definition = (*definition).clone();
                    return Ok(Self { path, definition, verifier, instance, open });
                }
            }
        }
        let missing = match fold.definition() {
            Some(_) => Breach::BallotBeforeOpen,
            None => Breach::NotAnnounced,
        };
        Err(ClientError::unlawful(format!("a ballot for {path}"))(missing))
    }

    /// The paper of a poll that was read whole.
    pub fn of(city: &City, poll: &PollCopy) -> Option<Self> {
        let open = poll.fold().entry(Kind::Open)?.leaf;
        let definition = (**poll.fold().definition()?).clone();
        let path = poll.log().path().clone();
        let verifier = city.pins().verifier(&path);
        Some(Self { path, definition, verifier, instance: city.pins().instance, open })
    }

    /// Signs a ballot that the law lets count; `selections` are ascending.
    pub fn sign(
        &self,
        turn: u8,
        selections: Vec<Vec<u64>>,
        key: &SigningKey,
    ) -> Result<SignedEntry, Breach> {
        self.check(turn, &selections)?;
        let payload = Payload::Ballot(Ballot::open(turn, selections));
        Ok(SignedEntry::sign(&payload, &self.binding(), &[key]))
    }

    /// BALLOT-7, BALLOT-8: what would be spoiled is not signed.
    fn check(&self, turn: u8, selections: &[Vec<u64>]) -> Result<(), Breach> {
        if turn > self.definition.revote.max_turn() {
            return Err(Breach::TurnOutOfRange);
        }
        if selections.len() != self.definition.questions.len() {
            return Err(Breach::QuestionCount);
        }
        for (question, selection) in self.definition.questions.iter().zip(selections) {
            let narrow = |&choice| u16::try_from(choice).map_err(|_| Breach::ChoiceOutOfRange);
            let selection = selection.iter().map(narrow).collect::<Result<Vec<_>, _>>()?;
            question.rule.check_selection(question.options.len(), &selection)?;
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
