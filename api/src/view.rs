//! Shapes of answers in JSON: the law's nouns and names (spec/veche.cddl), hashes in hex.
//!
//! Shapes of one action alone stand at that action. Not here: reading JSON.

pub(crate) mod authorities;
pub(crate) mod definition;
pub(crate) mod receipt;
pub(crate) mod result;
pub(crate) mod rule;
pub(crate) mod time;

use ::base64::Engine as _;
use ::base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use utoipa::ToSchema;
use veche_protocol::name::LogPath;
use veche_protocol::poll::acts::{Head, Pin, Seen};
use veche_protocol::poll::fold::PhaseEntry;
use veche_protocol::register::{CommissionKeys, Officer};
use veche_protocol::roll::District;

/// The name of a roll or id of a poll; the register has its own path.
pub(crate) fn name_of(path: &LogPath) -> &str {
    match path {
        LogPath::Register => "register",
        LogPath::Roll(name) | LogPath::Poll(name) => name,
    }
}

/// Strict base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// A log at one size.
#[derive(Serialize, ToSchema)]
pub(crate) struct HeadView {
    /// Number of entries.
    size: u64,
    /// Root over them, in hex.
    root: String,
}

impl From<Head> for HeadView {
    fn from(head: Head) -> Self {
        Self { size: head.size, root: head.root.to_string() }
    }
}

/// The heads that a phase entry says its officers have seen.
#[derive(Serialize, ToSchema)]
pub(crate) struct SeenView {
    /// Of the poll's own log.
    own: HeadView,
    /// Of the register.
    register: HeadView,
}

impl From<Seen> for SeenView {
    fn from(seen: Seen) -> Self {
        Self { own: seen.own.into(), register: seen.register.into() }
    }
}

/// A phase entry that stands.
#[derive(Serialize, ToSchema)]
pub(crate) struct PhaseEntryView {
    /// Its kind.
    kind: &'static str,
    /// Its index in the poll's log.
    index: u64,
    /// Its leaf hash, in hex.
    leaf: String,
}

impl From<&PhaseEntry> for PhaseEntryView {
    fn from(entry: &PhaseEntry) -> Self {
        Self { kind: entry.kind.name(), index: entry.index, leaf: entry.leaf.to_string() }
    }
}

/// A roll as far as a poll counts it.
#[derive(Serialize, ToSchema)]
pub(crate) struct PinView {
    /// Origin of the roll.
    origin: String,
    /// Its size.
    size: u64,
    /// Its root at that size, in hex.
    root: String,
    /// Voters by district, ascending by code.
    eligible: Vec<EligibleView>,
}

impl From<&Pin> for PinView {
    fn from(pin: &Pin) -> Self {
        Self {
            origin: pin.origin.clone(),
            size: pin.head.size,
            root: pin.head.root.to_string(),
            eligible: pin.eligible.iter().cloned().map(EligibleView::from).collect(),
        }
    }
}

/// The voters of one district.
#[derive(Serialize, ToSchema)]
pub(crate) struct EligibleView {
    /// Code of the district.
    code: String,
    /// How many may vote.
    eligible: u64,
}

impl From<(String, u64)> for EligibleView {
    fn from((code, eligible): (String, u64)) -> Self {
        Self { code, eligible }
    }
}

/// A district.
#[derive(Serialize, ToSchema)]
pub(crate) struct DistrictView {
    /// Its code.
    code: String,
    /// Its name.
    label: String,
}

impl From<&District> for DistrictView {
    fn from(district: &District) -> Self {
        Self { code: district.code.clone(), label: district.label.clone() }
    }
}

/// A commission.
#[derive(Serialize, ToSchema)]
pub(crate) struct CommissionView {
    /// How many members must sign.
    threshold: u8,
    /// Their keys, ascending, in hex.
    keys: Vec<String>,
}

impl From<&CommissionKeys> for CommissionView {
    fn from(commission: &CommissionKeys) -> Self {
        let keys = commission.keys.iter().map(ToString::to_string).collect();
        Self { threshold: commission.threshold, keys }
    }
}

/// An officer.
#[derive(Serialize, ToSchema)]
pub(crate) struct OfficerView {
    /// The officer's key, in hex.
    key: String,
    /// The function, never a person.
    label: String,
    /// What the officer may do.
    #[schema(example = json!(["poll-officer"]))]
    roles: Vec<&'static str>,
}

impl From<&Officer> for OfficerView {
    fn from(officer: &Officer) -> Self {
        Self {
            key: officer.key.to_string(),
            label: officer.label.clone(),
            roles: officer.roles.iter().map(|role| role.name()).collect(),
        }
    }
}
