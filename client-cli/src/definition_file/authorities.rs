//! The issuers and trustees of a poll as officers write them.
//!
//! ```toml
//! identity = "anonymous"                    or "named", which is the default
//! secrecy = "sealed"                        or "open", which is the default
//!
//! [issuers]                                 of an anonymous poll
//! modulus = 3072                            bits: 2048, 3072 (the default), 4096
//! issuing = "until-open"                    (the default) or "until-close"
//! members = [{ key = "<hex>", label = "Bar association" }]
//!
//! [trustees]                                of a sealed poll
//! threshold = 2                             how many open the ballots
//! members = [{ key = "<hex>", label = "University" }]
//! ```
//!
//! The order of members has no meaning: the law has them ascending by key. Not here: what else
//! makes a definition lawful (the protocol's check).

use serde::{Deserialize, Serialize};
use veche_protocol::blind_rsa::ModulusBits;
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing, MAX_ISSUERS, Trustees};
use veche_protocol::poll::definition::{Identity, Secrecy};
use veche_protocol::signature::Key;

/// The size of a modulus where the file does not say.
const DEFAULT_MODULUS: u64 = ModulusBits::Rsa3072 as u64;

/// Issuers as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct IssuersFile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub modulus: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuing: Option<String>,
    pub members: Vec<MemberFile>,
}

/// Trustees as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct TrusteesFile {
    pub threshold: u8,
    pub members: Vec<MemberFile>,
}

/// An organisation and its public key, in hex.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the fields are those of the grammar, shown in the module's head")]
pub struct MemberFile {
    pub key: String,
    pub label: String,
}

impl MemberFile {
    /// Reads `LABEL=KEY`, as a command line gives it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let (label, key) = text.rsplit_once('=').ok_or("expected LABEL=KEY, the key in hex")?;
        key_of(key).ok_or_else(|| format!("{key:?} is no public key in hex"))?;
        Ok(Self { key: key.to_owned(), label: label.to_owned() })
    }
}

/// Whose name a ballot carries, and who issues credentials.
pub(super) fn identity(
    name: Option<&str>,
    issuers: Option<&IssuersFile>,
) -> Result<(Identity, Option<Issuance>), String> {
    match (name, issuers) {
        (None | Some("named"), None) => Ok((Identity::Named, None)),
        (None | Some("named"), Some(_)) => {
            Err("issuers: they go with identity = \"anonymous\"".to_owned())
        }
        (Some("anonymous"), Some(issuers)) => Ok((Identity::Anonymous, Some(issuance(issuers)?))),
        (Some("anonymous"), None) => Err("identity: \"anonymous\" needs [issuers]".to_owned()),
        (Some(other), _) => {
            Err(format!("identity: {other:?} is neither \"named\" nor \"anonymous\""))
        }
    }
}

fn issuance(file: &IssuersFile) -> Result<Issuance, String> {
    let bits = file.modulus.unwrap_or(DEFAULT_MODULUS);
    let bits = ModulusBits::from_bits(bits)
        .ok_or_else(|| format!("issuers.modulus: {bits} is none of 2048, 3072, 4096"))?;
    let issuing = match file.issuing.as_deref() {
        None | Some("until-open") => Issuing::UntilOpen,
        Some("until-close") => Issuing::UntilClose,
        Some(other) => {
            let text = "is neither \"until-open\" nor \"until-close\"";
            return Err(format!("issuers.issuing: {other:?} {text}"));
        }
    };
    let issuers = members("issuers", &file.members)?;
    if !(1..=MAX_ISSUERS).contains(&issuers.len()) {
        let count = issuers.len();
        return Err(format!("issuers.members: there are {count}; 1 to {MAX_ISSUERS} can issue"));
    }
    Ok(Issuance { bits, issuing, issuers })
}

/// When a ballot can be read, and who opens it.
pub(super) fn secrecy(
    name: Option<&str>,
    trustees: Option<&TrusteesFile>,
) -> Result<(Secrecy, Trustees), String> {
    match (name, trustees) {
        (None | Some("open"), None) => Ok((Secrecy::Open, Trustees::default())),
        (None | Some("open"), Some(_)) => {
            Err("trustees: they go with secrecy = \"sealed\"".to_owned())
        }
        (Some("sealed"), Some(file)) => {
            let members = members("trustees", &file.members)?;
            let trustees = Trustees { threshold: file.threshold, members };
            let (threshold, count) = (file.threshold, trustees.members.len());
            // POLL-10: one alone must not open, and all of them must be able to.
            if threshold < 2 || usize::from(threshold) > count {
                return Err(format!(
                    "trustees.threshold: {threshold} of {count} trustees; from 2 to all of them"
                ));
            }
            Ok((Secrecy::Sealed, trustees))
        }
        (Some("sealed"), None) => Err("secrecy: \"sealed\" needs [trustees]".to_owned()),
        (Some(other), _) => Err(format!("secrecy: {other:?} is neither \"open\" nor \"sealed\"")),
    }
}

fn members(field: &str, files: &[MemberFile]) -> Result<Vec<Authority>, String> {
    let mut members = Vec::with_capacity(files.len());
    for (place, file) in (1..).zip(files) {
        let key = key_of(&file.key).ok_or_else(|| {
            format!("{field}.members: the key of number {place} is no public key in hex")
        })?;
        members.push(Authority { key, label: file.label.clone() });
    }
    members.sort_by_key(|member| member.key);
    match members.windows(2).find(|pair| pair[0].key == pair[1].key) {
        None => Ok(members),
        Some(pair) => {
            let (one, other) = (&pair[0].label, &pair[1].label);
            Err(format!("{field}.members: {one:?} and {other:?} have one key"))
        }
    }
}

fn key_of(text: &str) -> Option<Key> {
    Key::parse(&hex::decode(text).ok()?).ok()
}
