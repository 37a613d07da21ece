//! What a roll adds up to: who is on it, with which key, in which district (spec/roll.md).

use std::hash::RandomState;

use rand::CryptoRng;

use crate::breach::Breach;
use crate::entry::{Binding, Payload, SignedEntry};
use crate::hash::Hash;
use crate::key_table::KeyTable;
use crate::register::Role;
use crate::register::fold::RegisterFold;
use crate::roll::{Enrolment, MAX_ROLL_LIFE, Revocation, RevocationReason, RollHeader, VoterId};
use crate::signature::{Claim, Key, verify_batch};

/// Where an enrolled voter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Active,
    Left,
    /// Revoked to be replaced, and nobody has taken the place yet.
    Awaited,
    Replaced,
}

/// The header as the fold keeps it.
#[derive(Clone, Debug)]
struct Headed {
    leaf: Hash,
    header: RollHeader,
}

/// An entry of a roll with the verdicts on all its signatures. Only [`RollFold::examine`] makes it.
#[derive(Clone, Debug)]
pub struct ExaminedEntry {
    entry: SignedEntry,
    signatures_hold: bool,
    possessions_hold: bool,
}

impl ExaminedEntry {
    /// The entry.
    pub const fn entry(&self) -> &SignedEntry {
        &self.entry
    }

    /// Gives the entry away.
    pub fn into_entry(self) -> SignedEntry {
        self.entry
    }
}

/// The officers before whom a roll's acts are judged: the register up to a size.
#[derive(Clone, Copy, Debug)]
pub struct RollJury<'a> {
    /// The register.
    pub register: &'a RegisterFold,
    // ROLL-9: the size is the poll's, not the moment's.
    /// Entries of the register that count: what the poll's Open had seen.
    pub size: u64,
}

impl RollJury<'_> {
    /// One registrar and another inspector signed, and nobody else. Signatures are not verified.
    pub fn check_signers(&self, entry: &SignedEntry) -> Result<(), Breach> {
        // ROLL-2: exactly two officers, each with a key of their own.
        let [(first, _), (second, _)] = entry.signatures() else {
            return Err(Breach::OfficersTooFew);
        };
        let held = |key: &Key, role| self.register.ever_held(key, role, self.size);
        let unknown = [first, second].iter().any(|key| held(key, Role::Registrar).is_none());
        if unknown {
            return Err(Breach::OfficerUnknown);
        }
        let pair = |registrar: &Key, inspector: &Key| {
            held(registrar, Role::Registrar) == Some(true)
                && held(inspector, Role::Inspector) == Some(true)
        };
        if pair(first, second) || pair(second, first) { Ok(()) } else { Err(Breach::OfficerRole) }
    }
}

/// A roll up to some size. Entries that are refused leave no trace in it.
#[derive(Clone, Debug)]
pub struct RollFold {
    instance: Hash,
    origin: String,
    headed: Option<Headed>,
    ids: KeyTable<16>,
    /// At the same places as `ids`.
    keys: KeyTable<32>,
    districts: Vec<u16>,
    standings: Vec<Standing>,
}

impl RollFold {
    /// The roll before its first entry.
    pub fn new(instance: Hash, origin: String, hasher: &RandomState) -> Self {
        Self {
            instance,
            origin,
            headed: None,
            ids: KeyTable::new(hasher.clone()),
            keys: KeyTable::new(hasher.clone()),
            districts: Vec::new(),
            standings: Vec::new(),
        }
    }

    /// What the next entry is bound to: the instance for the header, the header for the rest.
    pub fn binding(&self) -> Binding<'_> {
        let under = self.headed.as_ref().map_or(self.instance, |headed| headed.leaf);
        Binding { instance: self.instance, origin: &self.origin, under }
    }

    /// Verifies all signatures of `entries` together, as entries that follow the header. Changes
    /// nothing, so that parts of a roll can be examined side by side.
    pub fn examine<R: CryptoRng>(
        &self,
        entries: Vec<SignedEntry>,
        rng: &mut R,
    ) -> Vec<ExaminedEntry> {
        let binding = self.binding();
        let mut claims: Vec<Claim> = Vec::new();
        for entry in &entries {
            claims.extend(entry.claims(&binding));
            if let Payload::Enrol(batch) = entry.payload() {
                claims.extend(batch.iter().map(|enrolment| enrolment.possession_claim(&binding)));
            }
        }
        let verdicts = verify_batch(&claims, rng);
        let mut rest = verdicts.as_slice();
        let mut all_hold = |count: usize| {
            let (own, others) = rest.split_at(count);
            rest = others;
            own.iter().all(|&holds| holds)
        };
        entries
            .into_iter()
            .map(|entry| {
                let signatures_hold = all_hold(entry.signatures().len());
                let possessions_hold = match entry.payload() {
                    Payload::Enrol(batch) => all_hold(batch.len()),
                    _ => true,
                };
                ExaminedEntry { entry, signatures_hold, possessions_hold }
            })
            .collect()
    }

    /// Judges the entry at `index`, and takes it in if the law allows it: as a whole, or not at
    /// all.
    pub fn admit(
        &mut self,
        examined: &ExaminedEntry,
        index: u64,
        jury: &RollJury<'_>,
    ) -> Result<(), Breach> {
        let entry = &examined.entry;
        // ROLL-1: where entry 0 was refused, no later header takes its place.
        if matches!(entry.payload(), Payload::Roll(_)) && index != 0 {
            return Err(Breach::RollHeader);
        }
        self.check(examined, jury)?;
        match entry.payload() {
            Payload::Roll(header) => {
                self.headed = Some(Headed { leaf: entry.leaf(), header: header.clone() });
            }
            Payload::Enrol(batch) => {
                for enrolment in batch {
                    self.enrol(enrolment);
                }
            }
            Payload::Revoke(batch) => {
                for revocation in batch {
                    self.revoke(revocation);
                }
            }
            _ => unreachable!("`check` lets only the three kinds of a roll through"),
        }
        Ok(())
    }

    /// Judges the next entry without taking it in: for a server, which must store it in between.
    pub fn check(&self, examined: &ExaminedEntry, jury: &RollJury<'_>) -> Result<(), Breach> {
        let entry = &examined.entry;
        // ROLL-1, ROLL-8: place, signers, signatures, contents, possessions, in this order.
        let is_header = matches!(entry.payload(), Payload::Roll(_));
        if is_header == self.headed.is_some() {
            return Err(Breach::RollHeader);
        }
        jury.check_signers(entry)?;
        if !examined.signatures_hold {
            return Err(Breach::SignatureInvalid);
        }
        match entry.payload() {
            Payload::Roll(header) => check_header(header),
            Payload::Enrol(batch) => {
                self.check_enrolments(batch)?;
                // ROLL-5: every enrolled key is shown to be held by the voter.
                if examined.possessions_hold { Ok(()) } else { Err(Breach::PossessionInvalid) }
            }
            Payload::Revoke(batch) => self.check_revocations(batch),
            _ => Err(Breach::EntryUnknownKind),
        }
    }

    fn check_enrolments(&self, batch: &[Enrolment]) -> Result<(), Breach> {
        let header = &self.headed.as_ref().ok_or(Breach::RollHeader)?.header;
        for (place, enrolment) in batch.iter().enumerate() {
            let before = &batch[..place];
            Key::parse(&enrolment.key.0)?;
            if enrolment.district >= header.districts.len() as u64 {
                return Err(Breach::RollDistrict);
            }
            // ROLL-4: an id keeps one key for ever, and a key one id.
            let same_id = |other: &Enrolment| other.voter == enrolment.voter;
            if self.ids.find(&enrolment.voter.0).is_some() || before.iter().any(same_id) {
                return Err(Breach::VoterIdTaken);
            }
            let same_key = |other: &Enrolment| other.key == enrolment.key;
            if self.keys.find(&enrolment.key.0).is_some() || before.iter().any(same_key) {
                return Err(Breach::VoterKeyTaken);
            }
            // ROLL-6: a replacement takes a place that was made free for it, once.
            if let Some(replaced) = enrolment.replaces {
                let again = before.iter().any(|other| other.replaces == Some(replaced));
                if self.standing(&replaced) != Some(Standing::Awaited) || again {
                    return Err(Breach::ReplacementInvalid);
                }
            }
        }
        Ok(())
    }

    fn check_revocations(&self, batch: &[Revocation]) -> Result<(), Breach> {
        for (place, revocation) in batch.iter().enumerate() {
            let again = batch[..place].iter().any(|other| other.voter == revocation.voter);
            // ROLL-7: on the roll, and not taken off before.
            match self.standing(&revocation.voter) {
                None => return Err(Breach::VoterUnknown),
                Some(Standing::Active) if !again => {}
                Some(_) => return Err(Breach::VoterRevoked),
            }
        }
        Ok(())
    }

    fn enrol(&mut self, enrolment: &Enrolment) {
        self.ids.insert(&enrolment.voter.0).expect("the id was checked to be free");
        self.keys.insert(&enrolment.key.0).expect("the key was checked to be free");
        let district = u16::try_from(enrolment.district).expect("fewer than MAX_DISTRICTS");
        self.districts.push(district);
        self.standings.push(Standing::Active);
        if let Some(place) = enrolment.replaces.and_then(|id| self.ids.find(&id.0)) {
            self.standings[place] = Standing::Replaced;
        }
    }

    fn revoke(&mut self, revocation: &Revocation) {
        let place = self.ids.find(&revocation.voter.0).expect("the id was checked to be there");
        self.standings[place] = match revocation.reason {
            RevocationReason::Replaced => Standing::Awaited,
            RevocationReason::Left => Standing::Left,
        };
    }

    fn standing(&self, voter: &VoterId) -> Option<Standing> {
        self.ids.find(&voter.0).map(|place| self.standings[place])
    }

    /// Origin of the roll.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The header, once it is admitted.
    pub fn header(&self) -> Option<&RollHeader> {
        self.headed.as_ref().map(|headed| &headed.header)
    }

    /// Leaf hash of the header, once it is admitted.
    pub fn header_leaf(&self) -> Option<Hash> {
        self.headed.as_ref().map(|headed| headed.leaf)
    }

    /// The voters who may vote: id, key, place of the district; in the order of enrolment.
    pub fn active(&self) -> impl Iterator<Item = (VoterId, Key, usize)> {
        let places = (0..self.ids.len()).filter(|&place| self.standings[place] == Standing::Active);
        places.map(|place| {
            let district = usize::from(self.districts[place]);
            (VoterId(self.ids.keys()[place]), Key(self.keys.keys()[place]), district)
        })
    }

    /// How many may vote, by place of the district.
    pub fn eligible(&self) -> Vec<u64> {
        let districts = self.header().map_or(0, |header| header.districts.len());
        let mut eligible = vec![0; districts];
        self.active().for_each(|(_, _, district)| eligible[district] += 1);
        eligible
    }

    /// Key and district code of the active voter with this id.
    pub fn find(&self, voter: &VoterId) -> Option<(Key, &str)> {
        let place = self.ids.find(&voter.0)?;
        let header = &self.headed.as_ref()?.header;
        let district = &header.districts[usize::from(self.districts[place])];
        let active = self.standings[place] == Standing::Active;
        active.then(|| (Key(self.keys.keys()[place]), district.code.as_str()))
    }
}

fn check_header(header: &RollHeader) -> Result<(), Breach> {
    // ROLL-3: a year at most, and each district once.
    let life = header.until.checked_sub(header.since).ok_or(Breach::RollLife)?;
    if life == 0 || life > MAX_ROLL_LIFE {
        return Err(Breach::RollLife);
    }
    let mut codes: Vec<_> = header.districts.iter().map(|district| &district.code).collect();
    codes.sort_unstable();
    if codes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Breach::RollDistrict);
    }
    Ok(())
}
