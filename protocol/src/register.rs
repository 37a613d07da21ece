//! The register: genesis, officers, commission, the announced logs and their anchors
//! (spec/register.md).
//!
//! Here: the entries. What they add up to is in [`fold`], and the anchors of a log in
//! [`anchor_list`].

pub mod anchor_list;
pub mod fold;

use crate::breach::Breach;
use crate::encoding::{Decoder, Encoder};
use crate::hash::Hash;
use crate::name::MAX_ORIGIN_LENGTH;
use crate::name::{MAX_DOMAIN_LENGTH, check_domain};
use crate::signature::Key;

/// Longest label or title, in bytes of UTF-8.
pub const MAX_LABEL_LENGTH: usize = 1_000;
/// Most members of a commission.
pub const MAX_COMMISSION: usize = 32;
/// Most officers at a time.
pub const MAX_OFFICERS: usize = 256;
/// Most heads in one anchor entry: what fits into an entry at 300 bytes a head.
pub const MAX_ANCHORED_HEADS: usize = 218;

/// What an officer may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Role {
    /// Enrols voters, together with an inspector.
    Registrar = 1,
    /// Looks over the registrar's shoulder, and signs as well.
    Inspector = 2,
    /// Announces, opens, closes and certifies polls, two at a time.
    PollOfficer = 3,
    /// Moderates what people write.
    Moderator = 4,
}

impl Role {
    /// Every role, ascending by number.
    pub const ALL: [Self; 4] =
        [Self::Registrar, Self::Inspector, Self::PollOfficer, Self::Moderator];

    /// The name used in files and on command lines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registrar => "registrar",
            Self::Inspector => "inspector",
            Self::PollOfficer => "poll-officer",
            Self::Moderator => "moderator",
        }
    }

    /// The role of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// One officer. The label names a function ("poll officer, north"), never a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Officer {
    /// The officer's key.
    pub key: Key,
    /// The function, as people read it.
    pub label: String,
    /// What the officer may do; ascending, not empty.
    pub roles: Vec<Role>,
}

/// The officers in force, ascending by key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficerList(pub Vec<Officer>);

impl OfficerList {
    /// The officer with this key.
    pub fn find(&self, key: &Key) -> Option<&Officer> {
        self.0.iter().find(|officer| officer.key == *key)
    }

    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(self.0.len());
        for officer in &self.0 {
            encoder.array(3).bytes(&officer.key.0).text(&officer.label).array(officer.roles.len());
            for &role in &officer.roles {
                encoder.uint(role as u64);
            }
        }
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let mut last: Option<Key> = None;
        let officers = decoder.list(1, MAX_OFFICERS, |decoder| {
            decoder.array_of(3)?;
            let key = decode_ascending_key(decoder, &mut last)?;
            let label = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
            Ok(Officer { key, label, roles: decode_roles(decoder)? })
        })?;
        Ok(Self(officers))
    }
}

fn decode_roles(decoder: &mut Decoder<'_>) -> Result<Vec<Role>, Breach> {
    let mut last = 0;
    decoder.list(1, Role::ALL.len(), |decoder| {
        let number = decoder.uint()?;
        let role = Role::ALL.into_iter().find(|&role| role as u64 == number);
        let role = role.filter(|_| number > last).ok_or(Breach::EntryFields)?;
        last = number;
        Ok(role)
    })
}

/// Reads a key that is fit for use and greater than the one before it.
pub(crate) fn decode_ascending_key(
    decoder: &mut Decoder<'_>,
    last: &mut Option<Key>,
) -> Result<Key, Breach> {
    // ENTRY-9: a key is judged where it is appointed.
    let key = Key::parse(&decoder.bytes_of::<32>()?)?;
    if last.is_some_and(|last| last.0 >= key.0) {
        return Err(Breach::EntryFields);
    }
    *last = Some(key);
    Ok(key)
}

/// The commission: who appoints officers, and how many of them must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommissionKeys {
    /// How many must sign.
    pub threshold: u8,
    /// The members' keys, ascending.
    pub keys: Vec<Key>,
}

impl CommissionKeys {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(2).uint(u64::from(self.threshold)).array(self.keys.len());
        for key in &self.keys {
            encoder.bytes(&key.0);
        }
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        decoder.array_of(2)?;
        let threshold = decoder.uint_up_to(MAX_COMMISSION as u64)?;
        let threshold = u8::try_from(threshold).ok().filter(|&t| t >= 1);
        let threshold = threshold.ok_or(Breach::EntryFields)?;
        let mut last = None;
        let keys =
            decoder.list(1, MAX_COMMISSION, |decoder| decode_ascending_key(decoder, &mut last))?;
        // ENTRY-6: a threshold above the number of members could never be reached again.
        if usize::from(threshold) > keys.len() {
            return Err(Breach::EntryFields);
        }
        Ok(Self { threshold, keys })
    }
}

/// The first entry of the register, whose leaf hash is the instance id of the city.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Genesis {
    /// The domain, with which every origin of the city begins.
    pub domain: String,
    /// The city's name, as people read it.
    pub city: String,
    /// The key that signs the heads of all logs of the city.
    pub log_key: Key,
    /// The first commission.
    pub commission: CommissionKeys,
    /// The first officers.
    pub officers: OfficerList,
}

impl Genesis {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.text(&self.domain).text(&self.city).bytes(&self.log_key.0);
        self.commission.encode(encoder);
        self.officers.encode(encoder);
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let domain = decoder.text(1, MAX_DOMAIN_LENGTH)?.to_owned();
        check_domain(&domain)?;
        let city = decoder.text(1, MAX_LABEL_LENGTH)?.to_owned();
        let log_key = Key::parse(&decoder.bytes_of::<32>()?)?;
        let commission = CommissionKeys::decode(decoder)?;
        // ENTRY-6, ENTRY-8: the operator's key never acts for the commission or an officer; judged
        // as soon as each of them has been read.
        if commission.keys.contains(&log_key) {
            return Err(Breach::EntryFields);
        }
        let officers = OfficerList::decode(decoder)?;
        if officers.find(&log_key).is_some() {
            return Err(Breach::EntryFields);
        }
        Ok(Self { domain, city, log_key, commission, officers })
    }
}

/// The register's word that a log exists and how it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogAnnouncement {
    /// Origin of the log.
    pub origin: String,
    /// Leaf hash of its entry 0.
    pub first: Hash,
}

impl LogAnnouncement {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.text(&self.origin).bytes(self.first.as_bytes());
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let origin = decoder.text(1, MAX_ORIGIN_LENGTH)?.to_owned();
        Ok(Self { origin, first: decoder.hash()? })
    }
}

/// The head of one log at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchoredHead {
    /// Origin of the log.
    pub origin: String,
    /// Its size, in entries.
    pub size: u64,
    /// Its root at that size.
    pub root: Hash,
}

/// The heads of the logs that moved, and the last public head of the register itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchors {
    /// Ascending by origin.
    pub heads: Vec<AnchoredHead>,
    /// A signed checkpoint of the register from before this entry, verbatim.
    pub register_checkpoint: Option<Vec<u8>>,
}

impl Anchors {
    pub(crate) fn encode(&self, encoder: &mut Encoder) {
        encoder.array(self.heads.len());
        for head in &self.heads {
            encoder.array(3).text(&head.origin).uint(head.size).bytes(head.root.as_bytes());
        }
        encoder.optional_bytes(self.register_checkpoint.as_deref());
    }

    pub(crate) fn decode(decoder: &mut Decoder<'_>) -> Result<Self, Breach> {
        let heads = decoder.list(0, MAX_ANCHORED_HEADS, |decoder| {
            decoder.array_of(3)?;
            let origin = decoder.text(1, MAX_ORIGIN_LENGTH)?.to_owned();
            Ok(AnchoredHead { origin, size: decoder.uint()?, root: decoder.hash()? })
        })?;
        let checkpoint = decoder.optional(|decoder| decoder.bytes().map(<[u8]>::to_vec))?;
        Ok(Self { heads, register_checkpoint: checkpoint })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::SigningKey;

    #[test]
    fn a_commission_with_the_log_key_is_refused_before_the_officers_are_read() {
        // ENTRY-8: the relation is judged when the later of the two has been read.
        let key = SigningKey::from_seed(&[7; 32]).key();
        let mut encoder = Encoder::new();
        encoder.text("a.org").text("A").bytes(&key.0);
        CommissionKeys { threshold: 1, keys: vec![key] }.encode(&mut encoder);
        encoder.array(1).array(3).bytes(&[0; 32]);
        let bytes = encoder.finish();
        let refused = Genesis::decode(&mut Decoder::payload(&bytes));
        assert_eq!(refused, Err(Breach::EntryFields));
    }
}
