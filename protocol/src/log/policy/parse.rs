//! Reads a policy file line by line, and says which line is wrong and why.
//!
//! Not here: what a policy means (the parent module).

use std::collections::{BTreeMap, BTreeSet};

use super::{Definition, Log, MAX_POLICY_LENGTH, Policy, Quorum, Witness};
use crate::breach::Breach;
use crate::log::note::{TYPE_COSIGNATURE, TYPE_ED25519, TYPE_ML_DSA_44, VerifierKey};
use crate::log::text::parse_decimal;

/// Why a policy file was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("policy, line {line}: {reason}")]
pub struct PolicyError {
    /// The line, counted from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong with it.
    pub reason: &'static str,
}

impl From<PolicyError> for Breach {
    fn from(_: PolicyError) -> Self {
        Self::PolicyMalformed
    }
}

type Reason = &'static str;

/// Reads a policy file.
pub(super) fn parse(bytes: &[u8]) -> Result<Policy, PolicyError> {
    // LOG-14: one pass, and what a line refers to stands above it.
    let whole = |reason| PolicyError { line: 0, reason };
    if bytes.len() > MAX_POLICY_LENGTH {
        return Err(whole("the file is too long"));
    }
    let Some(lines) = bytes.strip_suffix(b"\n") else {
        return Err(whole("the file does not end in a newline"));
    };
    let mut builder = Builder::default();
    for (index, line) in lines.split(|&byte| byte == b'\n').enumerate() {
        builder.line(line).map_err(|reason| PolicyError { line: index + 1, reason })?;
    }
    let quorum = builder.quorum.ok_or(whole("there is no quorum line"))?;
    let Builder { logs, witnesses, definitions, .. } = builder;
    Ok(Policy { logs, witnesses, definitions, quorum })
}

/// The policy so far, with what makes later lines wrong.
#[derive(Default)]
struct Builder<'a> {
    logs: Vec<Log>,
    witnesses: Vec<Witness>,
    definitions: Vec<Definition>,
    quorum: Option<Quorum>,
    /// Names of witnesses and groups, one space of names, to their definitions.
    names: BTreeMap<&'a [u8], usize>,
    /// Definitions that are members of a group.
    members: BTreeSet<usize>,
}

impl<'a> Builder<'a> {
    fn line(&mut self, line: &'a [u8]) -> Result<(), Reason> {
        if line.iter().any(|&byte| byte == 0x7f || (byte < b' ' && byte != b'\t')) {
            return Err("a control character other than tab");
        }
        let mut tokens =
            line.split(|byte| matches!(byte, b' ' | b'\t')).filter(|token| !token.is_empty());
        let Some(keyword) = tokens.next() else { return Ok(()) };
        let arguments: Vec<&[u8]> = tokens.collect();
        match (keyword, arguments.as_slice()) {
            ([b'#', ..], _) => Ok(()),
            (b"log", [key, url @ ..]) => self.log(key, url),
            (b"witness", [name, key, url @ ..]) => self.witness(name, key, url),
            (b"group", [name, threshold, members @ ..]) => self.group(name, threshold, members),
            (b"quorum", [name]) => self.quorum(name),
            (b"log" | b"witness" | b"group" | b"quorum", _) => Err("too few or too many words"),
            _ => Err("the line begins with none of log, witness, group, quorum and #"),
        }
    }

    fn log(&mut self, key: &[u8], url: &[&[u8]]) -> Result<(), Reason> {
        let key = parse_key(key, TYPE_ED25519)?;
        let bytes = key.public_key().bytes();
        if self.logs.iter().any(|log| log.key.public_key().bytes() == bytes) {
            return Err("another log has this key");
        }
        self.logs.push(Log { key, url: parse_url(url)? });
        Ok(())
    }

    fn witness(&mut self, name: &'a [u8], key: &[u8], url: &[&[u8]]) -> Result<(), Reason> {
        let key = parse_key(key, TYPE_COSIGNATURE)?;
        let bytes = key.public_key().bytes();
        if self.witnesses.iter().any(|witness| witness.key.public_key().bytes() == bytes) {
            return Err("another witness has this key");
        }
        self.define(name, Definition::Witness(self.witnesses.len()))?;
        self.witnesses.push(Witness { name: name.to_vec(), key, url: parse_url(url)? });
        Ok(())
    }

    fn group(&mut self, name: &'a [u8], threshold: &[u8], members: &[&[u8]]) -> Result<(), Reason> {
        let threshold = match threshold {
            b"all" => members.len(),
            b"any" => 1,
            k => core::str::from_utf8(k)
                .ok()
                .and_then(parse_decimal)
                .and_then(|k| usize::try_from(k).ok())
                .ok_or("the threshold is not all, any or a decimal")?,
        };
        // This refuses the group without members too, whatever its threshold.
        if !(1..=members.len()).contains(&threshold) {
            return Err("the threshold is not between 1 and the number of members");
        }
        let members = members.iter().map(|member| self.member(member)).collect::<Result<_, _>>()?;
        self.define(name, Definition::Group { threshold, members })
    }

    fn member(&mut self, name: &[u8]) -> Result<usize, Reason> {
        let member = *self.names.get(name).ok_or("a member is not defined above")?;
        if self.members.insert(member) {
            Ok(member)
        } else {
            Err("a member stands in a group twice")
        }
    }

    fn define(&mut self, name: &'a [u8], definition: Definition) -> Result<(), Reason> {
        if name == b"none" {
            return Err("the name none is taken by the format");
        }
        if self.names.insert(name, self.definitions.len()).is_some() {
            return Err("the name is defined above");
        }
        self.definitions.push(definition);
        Ok(())
    }

    fn quorum(&mut self, name: &[u8]) -> Result<(), Reason> {
        if self.quorum.is_some() {
            return Err("a second quorum line");
        }
        self.quorum = Some(match self.names.get(name) {
            Some(&definition) => Quorum::Definition(definition),
            None if name == b"none" => Quorum::None,
            None => return Err("the quorum is not defined above"),
        });
        Ok(())
    }
}

/// Reads a key of the type that its line asks for. A key of type ML-DSA-44 may stand in either
/// line: it cosigns as a witness's, and signs a second time as a log's.
fn parse_key(text: &[u8], kind: u8) -> Result<VerifierKey, Reason> {
    let key = core::str::from_utf8(text)
        .ok()
        .and_then(|text| VerifierKey::parse(text).ok())
        .ok_or("the key is not a verifier key")?;
    if [kind, TYPE_ML_DSA_44].contains(&key.public_key().kind()) {
        Ok(key)
    } else {
        Err("the key is of a type that does not sign here")
    }
}

fn parse_url(url: &[&[u8]]) -> Result<Option<String>, Reason> {
    match url {
        [] => Ok(None),
        [url] => {
            let url = core::str::from_utf8(url).map_err(|_| "the URL is not UTF-8")?;
            Ok(Some(url.to_owned()))
        }
        _ => Err("too few or too many words"),
    }
}
