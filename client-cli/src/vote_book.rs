//! A voter's book of one poll: the credential, every ballot with what was chosen, every receipt, in
//! one file of secrets ([`veche_keys::encrypted_file`]).
//!
//! It is kept for anonymous and for sealed polls, where a ballot on the disk would tell who cast it
//! or what it says; each change is on the disk before anything is sent that depends on it.
//!
//! ```text
//! book = [ "veche/book/v2", url, instance, register, poll, seen: [ size, root ] / null,
//!          credential / null, [ vote, ... ], claimed: bool ]
//! vote = [ selections: bytes, ballot: bytes, receipt: bytes / null, grown: bytes / null ]
//! ```
//!
//! A book of "veche/book/v1", in whose votes `grown` is not there, is read as well, and written as
//! this one when it changes.
//!
//! Not here: named polls in clear, whose ballots hide nothing ([`crate::vote_files`]).

use std::path::{Path, PathBuf};

use veche_keys::encrypted_file::EncryptedFile;
use veche_protocol::breach::Breach;
use veche_protocol::encoding::{Decoder, Encoder};
use veche_protocol::entry::{Payload, SignedEntry};
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::receipt::Receipt;
use veche_protocol::name::{LogPath, LogType, is_id};
use veche_protocol::poll::acts::Head;
use veche_protocol::poll::ballot::{Selections, parse_selections, selections_bytes};
use veche_protocol::poll::claim::Claim;
use veche_protocol::poll::definition::{MAX_TURN, Revote};
use veche_protocol::signature::SigningKey;
use zeroize::Zeroizing;

use crate::ballot_paper::BallotPaper;
use crate::choices;
use crate::credential::{Answers, Credential};
use crate::error::ClientError;
use crate::log_copy::LogCopy;
use crate::poll_copy::PollCopy;
use crate::trust::Pins;

const KIND: &str = "voter's book";
const FORMAT: &str = "veche/book/v2";
/// The format before receipts could grow.
const FORMAT_1: &str = "veche/book/v1";
/// Longest address or verifier key in a book, in bytes.
const MAX_TEXT: usize = 2_048;
/// Most ballots of a voter: one for each turn, of which [`MAX_TURN`] allows 16.
const MAX_VOTES: usize = 16;
const _: () = assert!(MAX_VOTES as u64 == MAX_TURN + 1);

/// A ballot that was signed, and what became of it.
#[derive(Clone, Debug)]
pub struct Vote {
    /// What it says, which a sealed ballot does not show.
    pub selections: Selections,
    /// The signed ballot, kept before it is sent.
    pub ballot: SignedEntry,
    /// Its receipt, once it was checked.
    pub receipt: Option<Receipt>,
    /// The receipt with what came later.
    pub grown: Option<GrownReceipt>,
}

/// Which poll of which city a book is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookOf {
    /// Address of the server.
    pub url: String,
    /// What identifies the city.
    pub pins: Pins,
    /// Id of the poll.
    pub poll: String,
}

/// A voter's book of one poll, open.
#[derive(Debug)]
pub struct VoteBook {
    file: EncryptedFile,
    of: BookOf,
    /// The head of the poll's log as this voter saw it last.
    seen: Option<Head>,
    credential: Option<Credential>,
    votes: Vec<Vote>,
    claimed: bool,
}

impl VoteBook {
    /// The book beside a voter's file, or in another folder.
    pub fn path_of(voter: &Path, folder: Option<&Path>, poll: &str) -> PathBuf {
        let folder = folder.or_else(|| voter.parent()).unwrap_or_else(|| Path::new(""));
        let name = voter.file_stem().unwrap_or_default().to_string_lossy();
        folder.join(format!("{name}.{poll}.book"))
    }

    /// Begins a book, with the credential of an anonymous poll before its request is sent. It is on
    /// the disk when this returns; one that is there is never replaced.
    pub fn create(
        path: &Path,
        passphrase: Option<&str>,
        of: BookOf,
        credential: Option<Credential>,
    ) -> Result<Self, ClientError> {
        let content = encode(&of, None, credential.as_ref(), &[], false);
        let file = EncryptedFile::create(path, KIND, passphrase, &content)?;
        Ok(Self { file, of, seen: None, credential, votes: Vec::new(), claimed: false })
    }

    /// Opens a book.
    pub fn open(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Zeroizing<String>, ClientError>,
    ) -> Result<Self, ClientError> {
        let (file, content) = EncryptedFile::open(path, KIND, passphrase)?;
        Self::decode(file, &content)
            .map_err(|_| ClientError::content(path, "this is not a voter's book of this version"))
    }

    fn save(&self) -> Result<(), ClientError> {
        let Self { file, of, seen, credential, votes, claimed } = self;
        Ok(file.replace(&encode(of, *seen, credential.as_ref(), votes, *claimed))?)
    }

    /// Which poll it is for.
    pub const fn of(&self) -> &BookOf {
        &self.of
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// The credential; `None` in a named poll.
    pub const fn credential(&self) -> Option<&Credential> {
        self.credential.as_ref()
    }

    /// The ballots, in the order in which they were signed.
    pub fn votes(&self) -> &[Vote] {
        &self.votes
    }

    /// That the poll's log extends what this voter saw of it before; remembers its head.
    pub fn check_and_note(&mut self, log: &LogCopy) -> Result<(), ClientError> {
        if let Some(seen) = self.seen {
            if log.size() < seen.size {
                let what = format!("the log {}, of which more was seen before", log.path());
                return Err(ClientError::distrust(what)(Breach::EntryMissing));
            }
            log.check_contains(seen.size, &seen.root)?;
        }
        if self.seen != Some(log.head()) {
            self.seen = Some(log.head());
            self.save()?;
        }
        Ok(())
    }

    /// Takes the issuers' answers; gives the places of those who have not answered yet.
    pub fn collect(
        &mut self,
        poll: &PollCopy,
        answers: &Answers,
    ) -> Result<Vec<usize>, ClientError> {
        let Some(credential) = &mut self.credential else { return Ok(Vec::new()) };
        let was_ready = credential.is_ready();
        let missing = credential.collect(poll, answers)?;
        if credential.is_ready() && !was_ready {
            self.save()?;
        }
        Ok(missing)
    }

    /// The latest ballot, if it has no receipt and says just this. One that says something else may
    /// stand already: where the first counts, that is an error.
    pub fn pending(
        &self,
        selections: &Selections,
        revote: Revote,
    ) -> Result<Option<SignedEntry>, ClientError> {
        let Some(vote) = self.votes.last().filter(|vote| vote.receipt.is_none()) else {
            return Ok(None);
        };
        if vote.selections == *selections {
            return Ok(Some(vote.ballot.clone()));
        }
        if revote == Revote::First {
            return Err(ClientError::usage(
                "you have signed another ballot before, and it may stand already; this poll counts \
                 the first. Run the command with that choice to send it again",
            ));
        }
        Ok(None)
    }

    /// The turn after the last one used, or one above it that is asked for.
    pub fn next_turn(&self, asked: Option<u8>, revote: Revote) -> Result<u8, ClientError> {
        let unlawful = |breach| ClientError::unlawful("the ballot")(breach);
        let next = self.votes.last().map_or(0, |vote| choices::turn(&vote.ballot) + 1);
        let turn = asked.unwrap_or(next);
        match revote {
            // BALLOT-9, BALLOT-10: what would be spoiled is not signed.
            Revote::First if next > 0 => Err(unlawful(Breach::AlreadyVoted)),
            Revote::Last { .. } if turn < next => Err(unlawful(Breach::StaleTurn)),
            _ => Ok(turn),
        }
    }

    /// Signs a ballot and keeps it, on the disk when this returns: by the credential in an
    /// anonymous poll, by the voter's own key in a named one.
    pub fn sign(
        &mut self,
        paper: &BallotPaper,
        turn: u8,
        selections: Selections,
        voter: Option<&SigningKey>,
    ) -> Result<SignedEntry, ClientError> {
        let unlawful = |breach| ClientError::unlawful("the ballot")(breach);
        if self.claimed {
            // CRED-11: whoever hands a claim in does not vote with the credential any more.
            return Err(ClientError::usage("you have claimed that this credential is unspent"));
        }
        let ballot = match (&self.credential, voter) {
            (Some(credential), _) => paper.sign_with(turn, selections.clone(), credential),
            (None, Some(key)) => paper.sign(turn, selections.clone(), key),
            (None, None) => Err(Breach::CredentialMissing),
        };
        let ballot = ballot.map_err(unlawful)?;
        self.votes.push(Vote { selections, ballot: ballot.clone(), receipt: None, grown: None });
        self.save()?;
        Ok(ballot)
    }

    /// Keeps the receipt of a ballot, which was checked.
    pub fn keep_receipt(
        &mut self,
        ballot: &SignedEntry,
        receipt: &Receipt,
    ) -> Result<(), ClientError> {
        let vote = self.votes.iter_mut().find(|vote| vote.ballot == *ballot);
        if let Some(vote) = vote {
            vote.receipt = Some(receipt.clone().with_extra(ballot.bytes().to_vec()));
        }
        self.save()
    }

    /// Keeps a ballot's receipt as it has grown; the first is in it, and stays.
    pub fn keep_grown(
        &mut self,
        ballot: &SignedEntry,
        grown: GrownReceipt,
    ) -> Result<(), ClientError> {
        let vote = self.votes.iter_mut().find(|vote| vote.ballot == *ballot);
        if let Some(vote) = vote {
            vote.grown = Some(grown);
        }
        self.save()
    }

    /// The head of the poll's log that this voter saw last.
    pub const fn seen(&self) -> Option<Head> {
        self.seen
    }

    /// Claims that the credential is not spent; from then on no ballot is signed with it.
    pub fn claim(&mut self, poll: &PollCopy, voter: &SigningKey) -> Result<Claim, ClientError> {
        let unlawful = |breach| ClientError::unlawful("the claim")(breach);
        let credential = self.credential.as_ref();
        let credential = credential.ok_or_else(|| unlawful(Breach::EntryNotOfPoll))?;
        // CRED-11: a ballot that was signed may be cast, by this file or by what was sent.
        if !self.votes.is_empty() {
            return Err(unlawful(Breach::CredentialSpent));
        }
        let claim = credential.claim(poll, voter)?;
        self.claimed = true;
        self.save()?;
        Ok(claim)
    }

    fn decode(file: EncryptedFile, content: &[u8]) -> Result<Self, Breach> {
        let mut decoder = Decoder::payload(content);
        decoder.array_of(9)?;
        let decode_vote = match decoder.text(1, FORMAT.len())? {
            FORMAT => decode_vote,
            FORMAT_1 => decode_vote_1,
            _ => return Err(Breach::EntryFields),
        };
        let url = decoder.text(1, MAX_TEXT)?.to_owned();
        let instance = decoder.hash()?.to_string();
        let register = decoder.text(1, MAX_TEXT)?;
        let pins = Pins::parse(&instance, register).ok_or(Breach::EntryFields)?;
        let poll = decoder.text(1, MAX_TEXT)?.to_owned();
        if !is_id(&poll) {
            return Err(Breach::EntryFields);
        }
        let seen = decoder.optional(|decoder| {
            decoder.array_of(2)?;
            Ok(Head { size: decoder.uint()?, root: decoder.hash()? })
        })?;
        let credential = decoder.optional(Credential::decode)?;
        let votes = decoder.list(0, MAX_VOTES, decode_vote)?;
        let claimed = decoder.boolean()?;
        decoder.finish()?;
        Ok(Self { file, of: BookOf { url, pins, poll }, seen, credential, votes, claimed })
    }
}

impl BookOf {
    /// The poll's log.
    pub fn log(&self) -> LogPath {
        LogPath::Poll(self.poll.clone())
    }
}

fn encode(
    of: &BookOf,
    seen: Option<Head>,
    credential: Option<&Credential>,
    votes: &[Vote],
    claimed: bool,
) -> Zeroizing<Vec<u8>> {
    let mut encoder = Encoder::new();
    encoder.array(9).text(FORMAT).text(&of.url).bytes(of.pins.instance.as_bytes());
    encoder.text(&of.pins.register.to_string()).text(&of.poll);
    match seen {
        Some(head) => encoder.array(2).uint(head.size).bytes(head.root.as_bytes()),
        None => encoder.null(),
    };
    match credential {
        Some(credential) => credential.encode(&mut encoder),
        None => {
            encoder.null();
        }
    }
    encoder.list(votes, |encoder, vote| {
        encoder.array(4).bytes(&selections_bytes(&vote.selections)).bytes(vote.ballot.bytes());
        let receipt = vote.receipt.as_ref().map(Receipt::to_string);
        encoder.optional_bytes(receipt.as_ref().map(String::as_bytes));
        let grown = vote.grown.as_ref().map(GrownReceipt::to_string);
        encoder.optional_bytes(grown.as_ref().map(String::as_bytes));
    });
    encoder.boolean(claimed);
    Zeroizing::new(encoder.finish())
}

fn decode_vote(decoder: &mut Decoder<'_>) -> Result<Vote, Breach> {
    decoder.array_of(4)?;
    let vote = decode_parts(decoder)?;
    let grown = decoder.optional(|decoder| GrownReceipt::parse(decoder.bytes()?))?;
    Ok(Vote { grown, ..vote })
}

fn decode_vote_1(decoder: &mut Decoder<'_>) -> Result<Vote, Breach> {
    decoder.array_of(3)?;
    decode_parts(decoder)
}

fn decode_parts(decoder: &mut Decoder<'_>) -> Result<Vote, Breach> {
    let selections = parse_selections(decoder.bytes()?)?;
    let ballot = SignedEntry::decode(LogType::Poll, decoder.bytes()?.to_vec())?;
    if !matches!(ballot.payload(), Payload::Ballot(_)) {
        return Err(Breach::EntryUnknownKind);
    }
    let receipt = decoder.optional(|decoder| Receipt::parse(decoder.bytes()?))?;
    Ok(Vote { selections, ballot, receipt, grown: None })
}

#[cfg(test)]
mod tests;
