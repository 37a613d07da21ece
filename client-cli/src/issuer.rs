//! An issuer of credentials at work (spec/credentials.md): it reads the log itself, gives its keys,
//! and answers requests with blind signatures, each voter once.
//!
//! ```text
//! announced     keys made, stored, given
//! begun, open   requests -> recorded, on the disk -> signed -> handed in
//! after that    keys wiped
//! ```
//!
//! Each [`Issuer::step`] looks once and does what there is to do; after a crash at any point the
//! next one goes on. Signing again gives the same bytes again. Not here: when to look
//! (the command), and what a head must carry ([`crate::authority::watch`]).

pub mod journal;
mod signing;
pub mod state;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use veche_protocol::blind_rsa::{IssuerSecret, ModulusBits};
use veche_protocol::breach::Breach;
use veche_protocol::entry::{Kind, Payload, SignedEntry};
use veche_protocol::hash::sha256;
use veche_protocol::name::LogPath;
use veche_protocol::poll::authorities::{Issuance, Issuing};
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::issuing::{IssuerKeys, MAX_ITEMS};
use veche_protocol::poll::phase::Phase;
use veche_protocol::signature::SigningKey;

use crate::api::Source;
use crate::authority::desk::Desk;
use crate::authority::pace::is_passing;
use crate::authority::step::{Deed, Ending, Step, Waiting};
use crate::authority::watch::PollWatch;
use crate::error::ClientError;
use crate::issuer::journal::{MAX_BATCH, Record};
use crate::issuer::signing::{Question, answer, on_all_cores};
use crate::issuer::state::{IssuerState, Office};
use crate::poll_copy::PollCopy;
use crate::roll_copy::RollCopy;

/// An issuer of one poll.
#[derive(Debug)]
pub struct Issuer {
    watch: PollWatch,
    key: SigningKey,
    state: IssuerState,
    /// Districts for which keys are made, once all rolls are there.
    districts: Option<BTreeSet<String>>,
    /// Signed, and not handed in yet.
    pending: Vec<SignedEntry>,
    /// Index of the last keys that were handed in and do not show in the log that was read.
    awaited: Option<u64>,
    /// Requests whose answers were handed in, and do not show in the log that was read.
    answered: HashSet<u64>,
}

impl Issuer {
    /// An issuer who acts under this key in the poll that `watch` has read.
    pub fn new(watch: PollWatch, key: SigningKey, state: IssuerState) -> Self {
        let (pending, answered) = (Vec::new(), HashSet::new());
        Self { watch, key, state, districts: None, pending, awaited: None, answered }
    }

    /// Reads on, and does what there is to do.
    pub fn step(&mut self, source: &impl Source, desk: &impl Desk) -> Result<Step, ClientError> {
        self.watch.read_on(source)?;
        let Some(poll) = self.watch.poll() else { return Ok(Step::Waits(Waiting::Announcement)) };
        let fold = poll.fold();
        let Some((definition, announce)) = fold.definition().zip(fold.entry(Kind::Announce)) else {
            return Ok(Step::Waits(Waiting::Announcement));
        };
        let unlawful = |breach| ClientError::unlawful(self.watch.path().to_string())(breach);
        let definition = Arc::clone(definition);
        let issuance = definition.issuance.as_ref();
        let issuance = issuance.ok_or(Breach::EntryNotOfPoll).map_err(unlawful)?;
        let own = self.key.key();
        let place = issuance.find(&own).ok_or(Breach::IssuerUnknown).map_err(unlawful)?;
        // CRED-9: up to a head that the policy accepts, nothing beyond it.
        if !self.watch.is_accepted()? {
            return Ok(Step::Waits(Waiting::Witnesses));
        }
        let origin = fold.origin().to_owned();
        let office = Office { origin, announce: announce.leaf, issuer: own };
        match (fold.phase(), issuance.issuing) {
            (Phase::Announced, _) => {
                self.state.take_office(&office)?;
                self.give_keys(source, desk, &definition, issuance, place)
            }
            (Phase::Begun, _) | (Phase::Open, Issuing::UntilClose) => {
                self.state.take_office(&office)?;
                self.issue(desk, place)
            }
            _ => self.end(&office),
        }
    }

    fn end(&mut self, office: &Office) -> Result<Step, ClientError> {
        self.state.note(self.watch.trust())?;
        self.pending.clear();
        if self.state.has_keys() {
            self.state.take_office(office)?;
            self.state.wipe()?;
        }
        Ok(Step::Ended(Ending::IssuingOver))
    }

    fn fold(&self) -> Option<&PollFold> {
        self.watch.poll().map(PollCopy::fold)
    }

    fn give_keys(
        &mut self,
        source: &impl Source,
        desk: &impl Desk,
        definition: &Definition,
        issuance: &Issuance,
        place: usize,
    ) -> Result<Step, ClientError> {
        let Some(districts) = self.districts(source, definition)? else {
            return Ok(Step::Waits(Waiting::Rolls));
        };
        let missing = districts.iter().filter(|code| self.state.secret(code).is_none()).cloned();
        let missing: Vec<_> = missing.collect();
        // CRED-6: fresh keys for this poll and district, on the disk before the log has them.
        if !missing.is_empty() {
            self.check_nothing_lost(&missing, place)?;
            self.state.add(generate(&missing, issuance.bits))?;
        }
        let Some(fold) = self.fold() else { return Ok(Step::Waits(Waiting::Announcement)) };
        let mut waiting = Vec::new();
        for code in &districts {
            let Some(secret) = self.state.secret(code) else { continue };
            match fold.issuer_keys().get(code, place) {
                None => waiting.push((code.clone(), secret.public().modulus().to_vec())),
                Some(given) if given == secret.public() => {}
                Some(_) => return Err(lost(code)),
            }
        }
        if waiting.is_empty() {
            return Ok(Step::Waits(Waiting::Begin));
        }
        // RECEIPT-12: what is public lags behind what was promised; nothing is handed in twice.
        let size = self.watch.poll().map_or(0, |poll| poll.log().size());
        if self.awaited.is_some_and(|index| index >= size) {
            return Ok(Step::Waits(Waiting::OwnEntry));
        }
        self.state.note(self.watch.trust())?;
        let binding = fold.binding(Kind::IssuerKeys);
        let entries = waiting.chunks(MAX_ITEMS).map(|keys| {
            let payload = Payload::IssuerKeys(IssuerKeys { keys: keys.to_vec() });
            SignedEntry::sign(&payload, &binding, &[&self.key])
        });
        for entry in entries.collect::<Vec<_>>() {
            match desk.submit(self.watch.path(), entry.bytes()) {
                Ok(receipt) => {
                    self.awaited = Some(self.watch.check_receipt(&receipt, &entry)?);
                }
                // Given already, as a log that was read later will show.
                Err(ClientError::Refused(problem)) if problem.code == "issuer-key-repeated" => {
                    return Ok(Step::Waits(Waiting::OwnEntry));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(Step::Did(Deed::GaveKeys(waiting.len())))
    }

    /// The districts whose voters may ask; `None` as long as a roll is not begun.
    fn districts(
        &mut self,
        source: &impl Source,
        definition: &Definition,
    ) -> Result<Option<BTreeSet<String>>, ClientError> {
        if self.districts.is_none() {
            self.districts = self.read_districts(source, definition)?;
        }
        Ok(self.districts.clone())
    }

    fn read_districts(
        &self,
        source: &impl Source,
        definition: &Definition,
    ) -> Result<Option<BTreeSet<String>>, ClientError> {
        if !definition.districts.is_empty() {
            return Ok(Some(definition.districts.iter().cloned().collect()));
        }
        let city = self.watch.city();
        let mut codes = BTreeSet::new();
        for origin in &definition.rolls {
            let Some(LogPath::Roll(name)) = LogPath::of_origin(origin, city.pins().domain()) else {
                return Ok(None);
            };
            if !city.has_log(&LogPath::Roll(name.clone())) {
                return Ok(None);
            }
            let roll = RollCopy::read(source, city, &name, &mut |_, _| {})?;
            let Some(header) = roll.fold().header() else { return Ok(None) };
            codes.extend(header.districts.iter().map(|district| district.code.clone()));
        }
        Ok(Some(codes))
    }

    /// That no key stands on the log of which the secret is not here.
    fn check_nothing_lost(&self, missing: &[String], place: usize) -> Result<(), ClientError> {
        let keys = self.fold().map(PollFold::issuer_keys);
        let is_given = |code: &&String| keys.is_some_and(|keys| keys.get(code, place).is_some());
        missing.iter().find(is_given).map_or(Ok(()), |code| Err(lost(code)))
    }

    fn issue(&mut self, desk: &impl Desk, place: usize) -> Result<Step, ClientError> {
        let Some(begun) = self.fold().and_then(PollFold::begun).map(Arc::clone) else {
            return Ok(Step::Waits(Waiting::Begin));
        };
        let questions = self.questions(place)?;
        if questions.is_empty() && self.pending.is_empty() {
            return Ok(Step::Waits(Waiting::Requests));
        }
        if !questions.is_empty() {
            self.state.note(self.watch.trust())?;
            let records: Vec<_> = questions.iter().map(Question::record).collect();
            // CRED-9: on the disk before anything is signed.
            let under = begun.binding().under;
            self.state.journal(under, &self.key.key())?.record(&records)?;
        }
        let signed = questions.len();
        let handing_in = std::mem::take(&mut self.pending);
        let (state, key, path) = (&self.state, &self.key, self.watch.path());
        // The next are signed while the ones before are on their way.
        let (entries, answers) = std::thread::scope(|scope| {
            let signing = scope.spawn(|| answer(&questions, state, key, &begun.binding()));
            let answers = desk.submit_all(path, &handing_in);
            (signing.join().expect("signing does not panic"), answers)
        });
        let handed_in = self.take_answers(handing_in, answers);
        self.pending.extend(entries?);
        match handed_in? {
            Some(posted) => Ok(Step::Did(Deed::Issued { signed, posted })),
            None => Ok(Step::Waits(Waiting::OwnEntry)),
        }
    }

    /// The oldest requests that stand and were not answered, as many as are recorded at once.
    fn questions(&mut self, place: usize) -> Result<Vec<Question>, ClientError> {
        let Some(fold) = self.watch.poll().map(PollCopy::fold) else { return Ok(Vec::new()) };
        let Some(begun) = fold.begun() else { return Ok(Vec::new()) };
        let requests = fold.requests();
        let unanswered: Vec<u64> = requests.unanswered(place).collect();
        self.answered.retain(|request| unanswered.binary_search(request).is_ok());
        let mut in_hand: HashSet<u64> = self.answered.clone();
        in_hand.extend(self.pending.iter().flat_map(answered_by));
        let fresh = unanswered.into_iter().filter(|request| !in_hand.contains(request));
        let mut questions = Vec::new();
        for request in fresh.take(MAX_BATCH) {
            let asked = requests.voter(request).zip(requests.blinded(request));
            let Some((voter, blinded)) = asked else { continue };
            let district = begun.electorate().district(voter);
            let (code, _) = &begun.electorate().eligible()[district];
            let given = begun.keys(district).get(place);
            if self.state.secret(code).map(IssuerSecret::public) != given {
                return Err(lost(code));
            }
            let Some(blinded) = blinded.get(place) else { continue };
            questions.push(Question {
                request,
                voter: begun.electorate().key(voter),
                code: code.clone(),
                blinded: blinded.clone(),
            });
        }
        Ok(questions)
    }

    /// What became of entries that were handed in: how many requests they answer that now stand;
    /// `None` if the log is ahead of what was read. What may pass later is kept.
    fn take_answers(
        &mut self,
        entries: Vec<SignedEntry>,
        answers: Vec<Result<veche_protocol::log::receipt::Receipt, ClientError>>,
    ) -> Result<Option<usize>, ClientError> {
        let (mut posted, mut is_behind, mut failure) = (0, false, None);
        for (entry, answer) in entries.into_iter().zip(answers) {
            let checked = answer.and_then(|receipt| self.watch.check_receipt(&receipt, &entry));
            match checked {
                Ok(_) => {
                    self.answered.extend(answered_by(&entry));
                    posted += answered_by(&entry).count();
                }
                // Answered before a crash, as the log will show; the rest is asked for again.
                Err(ClientError::Refused(problem)) if problem.code == "issued-twice" => {
                    is_behind = true;
                }
                Err(error) => {
                    if is_passing(&error) {
                        self.pending.push(entry);
                    }
                    failure = Some(error);
                }
            }
        }
        match failure {
            Some(error) => Err(error),
            None if is_behind && posted == 0 => Ok(None),
            None => Ok(Some(posted)),
        }
    }
}

fn lost(code: &str) -> ClientError {
    ClientError::Usage(format!(
        "another key of this issuer stands on the log for district {code}: the folder is not the \
         one that gave it, so the poll must be cancelled and announced anew"
    ))
}

fn answered_by(entry: &SignedEntry) -> impl Iterator<Item = u64> {
    let signatures = match entry.payload() {
        Payload::Issued(issued) => issued.signatures.as_slice(),
        _ => &[],
    };
    signatures.iter().map(|&(request, _)| request)
}

fn generate(codes: &[String], bits: ModulusBits) -> Vec<(String, IssuerSecret)> {
    on_all_cores(codes, |code| (code.clone(), IssuerSecret::generate(bits)))
}

impl Question {
    fn record(&self) -> Record {
        Record { request: self.request, voter: self.voter, message: sha256(&self.blinded) }
    }
}
