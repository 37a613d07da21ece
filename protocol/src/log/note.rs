//! The signed note (C2SP signed-note 1.0): a text and the signatures of named keys under it.
//!
//! ```text
//! note          text, which ends in a newline
//!               (empty line: the last one in the note)
//!               one or more of: — <name> <base64 of key id and signature>
//! key id        the first 4 bytes of SHA-256(name || 0x0A || type || public key)
//! verifier key  <name>+<key id in 8 hex digits>+<base64 of type and public key>
//! ```
//!
//! In scope: parsing, writing, verifying, and signing with Ed25519 (type 0x01). Signatures of types
//! 0x04 and 0x06 are handed on to [`super::cosignature`]. Not here: every other type, and what a
//! text means.

use core::fmt;

use super::cosignature;
use super::text::{base64, parse_base64};
use crate::breach::Breach;
use crate::hash::sha256;
use crate::ml_dsa;
use crate::signature::{self, Key, SIGNATURE_LENGTH, Signature, SigningKey, verify};

/// The longest note, in bytes. The format asks for at least 16 signatures, the largest known being
/// nearly 5,000 bytes: 16 * (5,000 * 4/3 + name of 255) is below 111 kB, the rest is for the text.
pub const MAX_NOTE_LENGTH: usize = 128 * 1024;

/// The most signatures on a note. The format asks for at least 16; a register that is cosigned by
/// all the witnesses of a large network stays below 100.
pub const MAX_SIGNATURES: usize = 100;

/// The longest key name, in bytes; an origin is a key name, and it has the same bound.
pub const MAX_NAME_LENGTH: usize = 255;

/// Type byte of Ed25519 signatures over the text itself.
pub const TYPE_ED25519: u8 = 0x01;

/// Type byte of timestamped Ed25519 cosignatures (C2SP tlog-cosignature).
pub const TYPE_COSIGNATURE: u8 = 0x04;

/// Type byte of timestamped ML-DSA-44 cosignatures (C2SP tlog-cosignature).
pub const TYPE_ML_DSA_44: u8 = 0x06;

/// The length of the public keys of a type, in bytes; `None` for types that are not read.
const fn key_length(kind: u8) -> Option<usize> {
    match kind {
        TYPE_ED25519 | TYPE_COSIGNATURE => Some(signature::KEY_LENGTH),
        TYPE_ML_DSA_44 => Some(ml_dsa::KEY_LENGTH),
        _ => None,
    }
}

/// The first four bytes of the hash of a named key.
pub type KeyId = [u8; 4];

/// The key id of a public key of this type under this name.
pub fn key_id(name: &str, kind: u8, public_key: &[u8]) -> KeyId {
    let mut preimage = Vec::with_capacity(name.len() + 2 + public_key.len());
    preimage.extend_from_slice(name.as_bytes());
    preimage.extend_from_slice(&[b'\n', kind]);
    preimage.extend_from_slice(public_key);
    let [a, b, c, d, ..] = sha256(&preimage).0;
    [a, b, c, d]
}

/// Checks a key name, which is also the form of an origin: not empty, at most
/// [`MAX_NAME_LENGTH`] bytes, without `+`, white space and control characters (Unicode's).
pub fn check_name(name: &str) -> Result<(), Breach> {
    // LOG-3: neither what separates names from other tokens, nor what does not show.
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || c == '+';
    if name.is_empty() || name.len() > MAX_NAME_LENGTH || name.contains(forbidden) {
        return Err(Breach::NoteMalformed);
    }
    Ok(())
}

/// A public key that signs notes, by what its signatures are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicKey {
    /// Type [`TYPE_ED25519`]: signs the text.
    Ed25519(Key),
    /// Type [`TYPE_COSIGNATURE`]: signs a time and the text of a checkpoint.
    Cosignature(Key),
    /// Type [`TYPE_ML_DSA_44`]: signs a time and what the text of a checkpoint says.
    MlDsa44(ml_dsa::Key),
}

impl PublicKey {
    /// Reads the encoded key of a type.
    fn parse(kind: u8, key: &[u8]) -> Result<Self, Breach> {
        match kind {
            // LOG-3, ENTRY-9: a weak key is refused where it is named.
            TYPE_ED25519 => Key::parse(key).map(Self::Ed25519),
            TYPE_COSIGNATURE => Key::parse(key).map(Self::Cosignature),
            TYPE_ML_DSA_44 => {
                ml_dsa::Key::parse(key).map(Self::MlDsa44).ok_or(Breach::NoteMalformed)
            }
            _ => Err(Breach::NoteMalformed),
        }
    }

    /// The type byte.
    pub const fn kind(&self) -> u8 {
        match self {
            Self::Ed25519(_) => TYPE_ED25519,
            Self::Cosignature(_) => TYPE_COSIGNATURE,
            Self::MlDsa44(_) => TYPE_ML_DSA_44,
        }
    }

    /// The encoded key, without the type byte.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Ed25519(key) | Self::Cosignature(key) => key.as_bytes(),
            Self::MlDsa44(key) => key.as_bytes(),
        }
    }

    /// The Ed25519 key, where it is one.
    pub const fn key(&self) -> Option<&Key> {
        match self {
            Self::Ed25519(key) | Self::Cosignature(key) => Some(key),
            Self::MlDsa44(_) => None,
        }
    }
}

/// A named public key, as it is handed from one party to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: KeyId,
    public_key: PublicKey,
}

impl VerifierKey {
    /// The key that signs a log's checkpoints under this name.
    pub fn ed25519(name: &str, key: Key) -> Result<Self, Breach> {
        Self::new(name, PublicKey::Ed25519(key))
    }

    /// The key that a witness cosigns with under this name.
    pub fn cosignature(name: &str, key: Key) -> Result<Self, Breach> {
        Self::new(name, PublicKey::Cosignature(key))
    }

    /// The key that a witness cosigns with under this name, or a log signs a second time with under
    /// its origin, so that a quantum computer cannot forge it.
    pub fn ml_dsa_44(name: &str, key: ml_dsa::Key) -> Result<Self, Breach> {
        Self::new(name, PublicKey::MlDsa44(key))
    }

    fn new(name: &str, public_key: PublicKey) -> Result<Self, Breach> {
        check_name(name)?;
        let id = key_id(name, public_key.kind(), public_key.bytes());
        Ok(Self { name: name.to_owned(), id, public_key })
    }

    /// Reads `<name>+<8 hex>+<base64>`; the hex digits are lower case and must be the key's id.
    pub fn parse(text: &str) -> Result<Self, Breach> {
        let (name, rest) = text.split_once('+').ok_or(Breach::NoteMalformed)?;
        let (id, key) = rest.split_once('+').ok_or(Breach::NoteMalformed)?;
        let typed = parse_base64(key).ok_or(Breach::NoteMalformed)?;
        let (&kind, key) = typed.split_first().ok_or(Breach::NoteMalformed)?;
        check_name(name)?;
        // LOG-3: the key has the length of its type, and the id is that of this name and key; form
        // comes before worth.
        let is_formed = key_length(kind) == Some(key.len());
        if !is_formed || id != hex::encode(key_id(name, kind, key)) {
            return Err(Breach::NoteMalformed);
        }
        Self::new(name, PublicKey::parse(kind, key)?)
    }

    /// The name of the key.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The key itself.
    pub const fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Whether a signature is, by name and id, one of this key.
    pub fn claims(&self, signature: &NoteSignature) -> bool {
        self.id == signature.id && self.name == signature.name
    }

    /// Verifies a signature of this key under a text.
    fn verify(&self, text: &str, blob: &[u8]) -> Result<(), Breach> {
        match &self.public_key {
            PublicKey::Ed25519(key) => Signature::parse(blob)
                .and_then(|signature| verify(key, text.as_bytes(), &signature)),
            PublicKey::Cosignature(key) => cosignature::verify(key, text, blob).map(|_| ()),
            PublicKey::MlDsa44(key) => {
                cosignature::verify_ml_dsa(key, &self.name, text, blob).map(|_| ())
            }
        }
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[self.public_key.kind()], self.public_key.bytes()].concat();
        write!(f, "{}+{}+{}", self.name, hex::encode(self.id), base64(&key))
    }
}

/// One signature line of a note.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    name: String,
    id: KeyId,
    blob: Vec<u8>,
}

impl NoteSignature {
    /// The line of a key of this name and id; the blob, what follows the id, is not empty.
    pub fn new(name: &str, id: KeyId, blob: Vec<u8>) -> Result<Self, Breach> {
        check_name(name)?;
        if blob.is_empty() {
            return Err(Breach::NoteMalformed);
        }
        Ok(Self { name: name.to_owned(), id, blob })
    }

    /// Reads one line, without its newline.
    pub fn parse(line: &str) -> Result<Self, Breach> {
        let rest = line.strip_prefix("— ").ok_or(Breach::NoteMalformed)?;
        let (name, payload) = rest.split_once(' ').ok_or(Breach::NoteMalformed)?;
        let payload = parse_base64(payload).ok_or(Breach::NoteMalformed)?;
        let (&id, blob) = payload.split_first_chunk().ok_or(Breach::NoteMalformed)?;
        Self::new(name, id, blob.to_vec())
    }

    /// The name of the key that claims to have signed.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The id of the key that claims to have signed.
    pub const fn id(&self) -> KeyId {
        self.id
    }

    /// The signature in the form of its type, without the key id.
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }
}

impl fmt::Display for NoteSignature {
    /// Writes the line with its newline.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let payload = [&self.id, self.blob.as_slice()].concat();
        writeln!(f, "— {} {}", self.name, base64(&payload))
    }
}

/// A text and the signatures under it, none of which is verified yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    text: String,
    signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a note. What is accepted is written back byte for byte by its `Display`.
    pub fn parse(bytes: &[u8]) -> Result<Self, Breach> {
        // LOG-4: bounds first, then UTF-8, the last empty line, the text, the lines.
        if bytes.len() > MAX_NOTE_LENGTH {
            return Err(Breach::NoteMalformed);
        }
        let note = core::str::from_utf8(bytes).map_err(|_| Breach::NoteMalformed)?;
        let split = note.rfind("\n\n").ok_or(Breach::NoteMalformed)? + 1;
        let (text, lines) = (&note[..split], &note[split + 1..]);
        check_text(text)?;
        let lines = lines.strip_suffix('\n').ok_or(Breach::NoteMalformed)?;
        if lines.split('\n').nth(MAX_SIGNATURES).is_some() {
            return Err(Breach::NoteMalformed);
        }
        let signatures = lines.split('\n').map(NoteSignature::parse).collect::<Result<_, _>>()?;
        Ok(Self { text: text.to_owned(), signatures })
    }

    /// Signs a text, which ends in a newline, with an Ed25519 key under this name.
    pub fn sign(text: &str, key: &SigningKey, name: &str) -> Result<Self, Breach> {
        check_text(text)?;
        let mut note = Self { text: text.to_owned(), signatures: Vec::with_capacity(1) };
        note.add_signature(sign_text(text, key, name)?)?;
        Ok(note)
    }

    /// Adds a signature line, unverified, below the others.
    pub fn add_signature(&mut self, signature: NoteSignature) -> Result<(), Breach> {
        if self.signatures.len() == MAX_SIGNATURES {
            return Err(Breach::NoteMalformed);
        }
        self.signatures.push(signature);
        Ok(())
    }

    /// The text, with the newline that ends it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The signature lines in their order.
    pub fn signatures(&self) -> &[NoteSignature] {
        &self.signatures
    }

    /// Verifies the signatures of the known keys; returns the indices in `known` of those that
    /// signed, ascending, each once and at least one.
    ///
    /// Signatures of other keys are ignored. A signature that bears name and id of a known key and
    /// does not verify is [`Breach::NoteSignatureInvalid`], whatever else the note carries; no
    /// signature of a known key is [`Breach::NoteUnsigned`].
    pub fn verify(&self, known: &[VerifierKey]) -> Result<Vec<usize>, Breach> {
        let mut signers = Vec::new();
        for (index, key) in known.iter().enumerate() {
            // LOG-5: a known name and id must verify, all others are passed over.
            for signature in self.signatures.iter().filter(|signature| key.claims(signature)) {
                key.verify(&self.text, &signature.blob)
                    .map_err(|_| Breach::NoteSignatureInvalid)?;
                if signers.last() != Some(&index) {
                    signers.push(index);
                }
            }
        }
        // LOG-5: nobody vouches for the text.
        if signers.is_empty() { Err(Breach::NoteUnsigned) } else { Ok(signers) }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        self.signatures.iter().try_for_each(|signature| signature.fmt(f))
    }
}

/// The signature line of an Ed25519 key under a text.
pub fn sign_text(text: &str, key: &SigningKey, name: &str) -> Result<NoteSignature, Breach> {
    let id = key_id(name, TYPE_ED25519, key.key().as_bytes());
    let signature: [u8; SIGNATURE_LENGTH] = key.sign(text.as_bytes()).0;
    NoteSignature::new(name, id, signature.to_vec())
}

/// A text ends in a newline and holds no other control character (those below U+0020).
fn check_text(text: &str) -> Result<(), Breach> {
    let control = |byte: u8| byte < b' ' && byte != b'\n';
    if !text.ends_with('\n') || text.bytes().any(control) {
        return Err(Breach::NoteMalformed);
    }
    Ok(())
}

#[cfg(test)]
mod tests;
