//! The issuers' keys of an anonymous poll, and what is fixed from Begin on (spec/credentials.md).
//!
//! Not here: requests and what was issued for them ([`crate::poll::requests`]), ballots
//! ([`crate::poll::casting`]).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::blind_rsa::{IssuerKey, PREFIX_LENGTH, prepare};
use crate::breach::Breach;
use crate::encoding::Encoder;
use crate::entry::Binding;
use crate::hash::{Hash, tag};
use crate::poll::authorities::Issuance;
use crate::poll::ballot::Credential;
use crate::poll::definition::Definition;
use crate::poll::electorate::Electorate;
use crate::poll::issuing::IssuerKeys;
use crate::signature::Key;

/// The fewest voters of a district among whom an anonymous ballot can hide.
pub const MIN_CROWD: u64 = 50;

/// The issuers' keys as they have been given so far.
#[derive(Clone, Debug, Default)]
pub struct IssuerTable {
    /// By code of the district, then by place of the issuer.
    keys: BTreeMap<String, BTreeMap<usize, IssuerKey>>,
    moduli: BTreeSet<Vec<u8>>,
}

impl IssuerTable {
    /// Judges the keys that the issuer at this place gives, and takes them in if all are lawful.
    pub(super) fn admit(
        &mut self,
        definition: &Definition,
        issuance: &Issuance,
        issuer: usize,
        given: &IssuerKeys,
    ) -> Result<(), Breach> {
        let mut next = self.clone();
        for (code, modulus) in &given.keys {
            // CRED-6: a district that votes, once, with a key that nobody else has.
            if !definition.admits(code) {
                return Err(Breach::RollDistrict);
            }
            let district = next.keys.entry(code.clone()).or_default();
            if district.contains_key(&issuer) {
                return Err(Breach::IssuerKeyRepeated);
            }
            district.insert(issuer, IssuerKey::parse(issuance.bits, modulus)?);
            if !next.moduli.insert(modulus.clone()) {
                return Err(Breach::IssuerKeyRepeated);
            }
        }
        *self = next;
        Ok(())
    }

    /// The key of an issuer for a district.
    pub fn get(&self, code: &str, issuer: usize) -> Option<&IssuerKey> {
        self.keys.get(code)?.get(&issuer)
    }

    /// The keys of all issuers by place of the district in the electorate; none for a district
    /// where nobody may vote.
    fn by_district(
        &self,
        issuance: &Issuance,
        electorate: &Electorate,
    ) -> Result<Vec<Vec<IssuerKey>>, Breach> {
        let eligible = electorate.eligible();
        // POLL-23: first that all can hide, then that all can be served.
        if eligible.iter().any(|(_, voters)| (1..MIN_CROWD).contains(voters)) {
            return Err(Breach::CrowdTooSmall);
        }
        let keys = eligible.iter().map(|(code, voters)| {
            let issuers = if *voters == 0 { 0 } else { issuance.issuers.len() };
            let keys = (0..issuers).map(|issuer| self.get(code, issuer).cloned());
            keys.collect::<Option<Vec<_>>>().ok_or(Breach::IssuerKeyMissing)
        });
        keys.collect()
    }
}

/// What is fixed from Begin on, and shared by all who issue, ask, and check credentials.
#[derive(Clone, Debug)]
pub struct Begun {
    instance: Hash,
    origin: String,
    leaf: Hash,
    issuance: Issuance,
    electorate: Arc<Electorate>,
    /// By place of the district in the electorate, then of the issuer.
    keys: Vec<Vec<IssuerKey>>,
}

impl Begun {
    /// A poll whose Begin has this leaf hash and pins this electorate.
    pub(super) fn new(
        binding: &Binding<'_>,
        leaf: Hash,
        issuance: &Issuance,
        electorate: Arc<Electorate>,
        table: &IssuerTable,
    ) -> Result<Self, Breach> {
        Ok(Self {
            instance: binding.instance,
            origin: binding.origin.to_owned(),
            leaf,
            issuance: issuance.clone(),
            keys: table.by_district(issuance, &electorate)?,
            electorate,
        })
    }

    /// What requests and issued entries are bound to.
    pub fn binding(&self) -> Binding<'_> {
        // ENTRY-12: they act under Begin.
        Binding { instance: self.instance, origin: &self.origin, under: self.leaf }
    }

    /// Who may ask.
    pub const fn electorate(&self) -> &Arc<Electorate> {
        &self.electorate
    }

    /// Who issues.
    pub const fn issuance(&self) -> &Issuance {
        &self.issuance
    }

    /// The issuers' keys for the district at this place of the electorate; none where nobody may
    /// vote.
    pub fn keys(&self, district: usize) -> &[IssuerKey] {
        self.keys.get(district).map_or(&[], Vec::as_slice)
    }

    /// The place in the electorate of a district where someone may vote.
    pub fn district(&self, code: &str) -> Option<usize> {
        let eligible = self.electorate.eligible();
        let place = eligible.binary_search_by(|(other, _)| other.as_str().cmp(code)).ok()?;
        (!self.keys(place).is_empty()).then_some(place)
    }

    /// The message that all issuers sign for a credential key of a district.
    pub fn prepared(&self, prefix: &[u8; PREFIX_LENGTH], district: usize, key: &Key) -> Vec<u8> {
        // CRED-2: bound to the city, the poll, its Begin and the district.
        let (code, _) = &self.electorate.eligible()[district];
        let mut encoder = Encoder::with_capacity(128 + self.origin.len() + code.len());
        encoder.array(6).text(tag::CREDENTIAL).bytes(self.instance.as_bytes());
        encoder.text(&self.origin).bytes(self.leaf.as_bytes()).text(code).bytes(key.as_bytes());
        prepare(prefix, &encoder.finish())
    }

    /// Whether every issuer has signed for this key, in this district.
    pub fn check_credential(
        &self,
        credential: &Credential,
        district: usize,
        key: &Key,
    ) -> Result<(), Breach> {
        // BALLOT-14: all of them, from the left.
        let prepared = self.prepared(&credential.prefix, district, key);
        let mut signatures = self.keys(district).iter().zip(&credential.signatures);
        signatures.try_for_each(|(issuer, signature)| issuer.verify(&prepared, signature))
    }
}
