//! Requests for credentials and what was issued for them, as they stand (spec/credentials.md).
//!
//! The blinded messages of a request are kept until all issuers have answered it. Checking an
//! answer takes long and needs no state beyond its request, so it is a stage of its own:
//!
//! ```text
//! VerifiedIssued -> Requests::look_up -> IssuedCheck -> run (anywhere) -> CheckedIssued -> admit
//! ```
//!
//! Not here: signatures on entries ([`crate::poll::casting`]).

use std::collections::HashMap;
use std::sync::Arc;

use crate::blind_rsa::IssuerKey;
use crate::breach::Breach;
use crate::entry::{Payload, SignedEntry};
use crate::poll::casting::{VerifiedIssued, VerifiedRequest};
use crate::poll::credentials::Begun;

/// What became of a voter's request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answers {
    /// The voter has not asked.
    NotAsked,
    /// By issuer, who has answered: one bit for each, of which there are at most eight.
    Asked(u8),
}

/// How many of one district have asked, and were answered by all issuers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Requests that stand.
    pub requested: u64,
    /// Those of them that all issuers have answered.
    pub issued: u64,
}

/// The requests of an anonymous poll.
#[derive(Clone, Debug, Default)]
pub struct Requests {
    issuers: usize,
    /// By the voters' places in the electorate.
    answers: Vec<Answers>,
    /// Index of each request in the log, ascending, and the voter's place.
    standing: Vec<(u64, u32)>,
    /// The blinded messages of requests that some issuer has not answered.
    blinded: HashMap<u64, Arc<Vec<Vec<u8>>>>,
    /// By place of the district in the electorate.
    served: Vec<Served>,
}

impl Requests {
    /// No requests yet.
    pub(super) fn new(begun: &Begun) -> Self {
        Self {
            issuers: begun.issuance().issuers.len(),
            answers: vec![Answers::NotAsked; begun.electorate().len()],
            standing: Vec::new(),
            blinded: HashMap::new(),
            served: vec![Served::default(); begun.electorate().eligible().len()],
        }
    }

    /// Judges a request without taking it in.
    pub fn check(&self, request: &VerifiedRequest) -> Result<(), Breach> {
        // CRED-7: one for each voter.
        match self.answers[request.voter()] {
            Answers::NotAsked => Ok(()),
            Answers::Asked(_) => Err(Breach::RequestRepeated),
        }
    }

    /// Judges the request at `index` of the log, and takes it in.
    pub(super) fn admit(
        &mut self,
        begun: &Begun,
        request: &VerifiedRequest,
        index: u64,
    ) -> Result<(), Breach> {
        self.check(request)?;
        let voter = request.voter();
        self.answers[voter] = Answers::Asked(0);
        self.standing.push((index, u32::try_from(voter).expect("places fit 32 bits")));
        self.blinded.insert(index, Arc::new(request.blinded().to_vec()));
        self.served[begun.electorate().district(voter)].requested += 1;
        Ok(())
    }

    /// The voter of the request at this index.
    pub fn voter(&self, index: u64) -> Option<usize> {
        let place = self.standing.binary_search_by_key(&index, |&(index, _)| index).ok()?;
        Some(self.standing[place].1 as usize)
    }

    /// Whether the issuer at this place has answered this voter.
    fn has_answered(&self, voter: usize, issuer: usize) -> bool {
        matches!(self.answers[voter], Answers::Asked(answers) if answers & (1 << issuer) != 0)
    }

    /// Gathers what checking an issued entry takes.
    pub fn look_up(&self, begun: &Begun, issued: VerifiedIssued) -> IssuedCheck {
        let place = issued.issuer();
        let signatures = &issued.issued().signatures;
        let lookups = signatures.iter().map(|(index, _)| {
            let voter = self.voter(*index)?;
            let blinded = self.blinded.get(index).map(Arc::clone);
            let key = begun.keys(begun.electorate().district(voter)).get(place).cloned();
            Some((voter, key.zip(blinded)))
        });
        let lookups = lookups.collect();
        IssuedCheck { issued, lookups }
    }

    /// Judges an issued entry without taking it in.
    pub fn check_issued(&self, issued: &CheckedIssued) -> Result<(), Breach> {
        let mut answered = Vec::with_capacity(issued.answers.len());
        for answer in &issued.answers {
            // CRED-8: item by item, and in each in this order.
            let voter = answer.voter.ok_or(Breach::RequestUnknown)?;
            if self.has_answered(voter, issued.issuer()) || answered.contains(&voter) {
                return Err(Breach::IssuedTwice);
            }
            if !answer.holds {
                return Err(Breach::IssuedInvalid);
            }
            answered.push(voter);
        }
        Ok(())
    }

    /// Judges an issued entry, and takes it in.
    pub(super) fn admit_issued(
        &mut self,
        begun: &Begun,
        issued: &CheckedIssued,
    ) -> Result<(), Breach> {
        self.check_issued(issued)?;
        let all = u8::MAX >> (u8::BITS as usize - self.issuers);
        for (answer, (index, _)) in issued.answers.iter().zip(&issued.issued.issued().signatures) {
            let voter = answer.voter.expect("an answer that passed has a voter");
            let Answers::Asked(answers) = &mut self.answers[voter] else { continue };
            *answers |= 1 << issued.issuer();
            if *answers == all {
                self.blinded.remove(index);
                self.served[begun.electorate().district(voter)].issued += 1;
            }
        }
        Ok(())
    }

    /// By place of the district in the electorate, how many were served.
    pub fn served(&self) -> &[Served] {
        &self.served
    }

    /// The requests that the issuer at this place has not answered, by their indices.
    pub fn unanswered(&self, issuer: usize) -> impl Iterator<Item = u64> {
        self.standing
            .iter()
            .filter(move |&&(_, voter)| !self.has_answered(voter as usize, issuer))
            .map(|&(index, _)| index)
    }

    /// The blinded messages of a request that some issuer has not answered.
    pub fn blinded(&self, index: u64) -> Option<&[Vec<u8>]> {
        self.blinded.get(&index).map(|blinded| blinded.as_slice())
    }

    /// The index of this voter's request.
    pub fn of_voter(&self, voter: usize) -> Option<u64> {
        let request = self.standing.iter().find(|&&(_, place)| place as usize == voter);
        request.map(|&(index, _)| index)
    }
}

/// An item of an issued entry: the voter who asked, and what is needed to check the answer as long
/// as the request is not answered by all.
type Lookup = Option<(usize, Option<(IssuerKey, Arc<Vec<Vec<u8>>>)>)>;

/// An issued entry, ready to be checked.
#[derive(Debug)]
pub struct IssuedCheck {
    issued: VerifiedIssued,
    lookups: Vec<Lookup>,
}

impl IssuedCheck {
    /// Checks every blind signature: an RSA operation for each.
    pub fn run(self) -> CheckedIssued {
        let place = self.issued.issuer();
        let signatures = &self.issued.issued().signatures;
        let answers = self.lookups.iter().zip(signatures).map(|(lookup, (_, signature))| {
            let Some((voter, question)) = lookup else {
                return Answer { voter: None, holds: false };
            };
            let holds = question.as_ref().is_some_and(|(key, blinded)| {
                // CRED-5: anyone can see that what was asked for was signed.
                blinded.get(place).is_some_and(|z| key.check_blind_signature(z, signature).is_ok())
            });
            Answer { voter: Some(*voter), holds }
        });
        let answers = answers.collect();
        CheckedIssued { issued: self.issued, answers }
    }
}

/// An item of an issued entry after its check.
#[derive(Clone, Copy, Debug)]
struct Answer {
    /// The voter whose request it answers.
    voter: Option<usize>,
    /// Whether the blind signature holds; `false` as well where the request needs no more answers.
    holds: bool,
}

/// An issued entry whose blind signatures are checked.
#[derive(Debug)]
pub struct CheckedIssued {
    issued: VerifiedIssued,
    answers: Vec<Answer>,
}

impl CheckedIssued {
    /// The issuer's place in the definition.
    pub const fn issuer(&self) -> usize {
        self.issued.issuer()
    }

    /// The entry.
    pub const fn entry(&self) -> &SignedEntry {
        self.issued.entry()
    }

    /// The indices of the requests that it answers.
    pub fn requests(&self) -> impl Iterator<Item = u64> {
        let issued = match self.entry().payload() {
            Payload::Issued(issued) => issued.signatures.as_slice(),
            _ => &[],
        };
        issued.iter().map(|&(index, _)| index)
    }
}
