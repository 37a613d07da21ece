//! Acts: what people sign, written out and bound to one city, one log and one past.
//!
//! An [`Act`] is built from logs that were read and checked, collects signatures, and becomes an
//! entry. Not here: how it is handed from one signer to the next ([`crate::draft`]).

pub mod check;
pub mod pinning;
pub mod poll;
pub mod register;
pub mod roll;

use veche_protocol::breach::Breach;
use veche_protocol::entry::{Binding, MAX_ENTRY_LENGTH, Payload, SignedEntry};
use veche_protocol::hash::{Hash, sha256};
use veche_protocol::name::LogPath;
use veche_protocol::signature::{Key, Signature, SigningKey, verify};

use crate::error::ClientError;

/// Something to be signed by one or more people.
#[derive(Clone, Debug)]
pub struct Act {
    path: LogPath,
    instance: Hash,
    origin: String,
    under: Hash,
    payload: Payload,
    signatures: Vec<(Key, Signature)>,
}

impl Act {
    /// An act that nobody has signed yet.
    pub fn new(path: LogPath, binding: &Binding<'_>, payload: Payload) -> Self {
        Self {
            path,
            instance: binding.instance,
            origin: binding.origin.to_owned(),
            under: binding.under,
            payload,
            signatures: Vec::new(),
        }
    }

    /// An act that others have begun to sign; their signatures hold for this very binding.
    pub fn of_entry(
        path: LogPath,
        binding: &Binding<'_>,
        entry: &SignedEntry,
    ) -> Result<Self, Breach> {
        entry.verify(binding)?;
        let mut act = Self::new(path, binding, entry.payload().clone());
        act.signatures = entry.signatures().to_vec();
        Ok(act)
    }

    /// Adds a signature; one of the same key is there once.
    pub fn sign(&mut self, key: &SigningKey) {
        let signature = key.sign(&self.message());
        if !self.is_signed_by(&key.key()) {
            self.signatures.push((key.key(), signature));
        }
    }

    /// Adds signatures made elsewhere over the same message.
    pub fn add(&mut self, signatures: &[(Key, Signature)]) -> Result<(), Breach> {
        let message = self.message();
        for (key, signature) in signatures {
            verify(key, &message, signature)?;
            if !self.is_signed_by(key) {
                self.signatures.push((*key, *signature));
            }
        }
        Ok(())
    }

    /// Whether this key has signed.
    pub fn is_signed_by(&self, key: &Key) -> bool {
        self.signatures.iter().any(|(signer, _)| signer == key)
    }

    /// The entry with the signatures so far.
    pub fn entry(&self) -> SignedEntry {
        SignedEntry::sign(&self.payload, &self.binding(), &[]).with_signatures(&self.signatures)
    }

    /// Refuses an act that would not fit into an entry with this many signatures.
    pub fn check_length(&self, signers: usize) -> Result<(), ClientError> {
        /// A key, a signature and the four bytes of CBOR that frame them.
        const SIGNATURE: usize = 4 + 1 + 32 + 64;
        let length = self.entry().bytes().len() + signers * SIGNATURE;
        if length > MAX_ENTRY_LENGTH {
            let what = format!("the entry would have {length} bytes");
            return Err(ClientError::unlawful(what)(Breach::EntryOversized));
        }
        Ok(())
    }

    /// The bytes that each signature covers (ENTRY-11).
    pub fn message(&self) -> Vec<u8> {
        self.binding().message(&self.payload.encode())
    }

    /// The id under which a server keeps the act as a draft (API-8).
    pub fn id(&self) -> Hash {
        sha256(&self.message())
    }

    fn binding(&self) -> Binding<'_> {
        Binding { instance: self.instance, origin: &self.origin, under: self.under }
    }

    /// The log for which it is meant.
    pub const fn path(&self) -> &LogPath {
        &self.path
    }

    /// What it says.
    pub const fn payload(&self) -> &Payload {
        &self.payload
    }

    /// The signatures so far.
    pub fn signatures(&self) -> &[(Key, Signature)] {
        &self.signatures
    }
}

#[cfg(test)]
mod tests;
