//! The secret of a log's second key at rest: ML-DSA-44 in PKCS #8, by its seed alone (RFC 9881,
//! section 6), in clear or encrypted like every key file.
//!
//! ```text
//! PrivateKeyInfo { 2.16.840.1.101.3.4.3.17, [0] IMPLICIT OCTET STRING of 32 bytes }
//! ```
//!
//! Not here: Ed25519 keys ([`crate::key_file`]).

use pkcs8::der::asn1::OctetStringRef;
use pkcs8::der::pem::PemLabel as _;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{
    EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef, SecretDocument,
};
use rand::TryRng as _;
use rand::rngs::SysRng;
use veche_protocol::ml_dsa::{SEED_LENGTH, SigningKey};
use zeroize::Zeroizing;

use crate::key_file::{KeyFileError, encrypt, is_encrypted};

/// ML-DSA-44 (RFC 9881, section 2).
const ML_DSA_44: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17");
/// Tag and length before the seed: `[0]`, 32 bytes.
const SEED_HEAD: [u8; 2] = [0x80, 32];
const _: () = assert!(SEED_LENGTH == 32, "the head says how long the seed is");

/// A fresh key from the system's randomness.
pub fn generate() -> Result<SigningKey, KeyFileError> {
    let mut seed = Zeroizing::new([0; SEED_LENGTH]);
    SysRng.try_fill_bytes(seed.as_mut_slice()).map_err(|_| KeyFileError::Randomness)?;
    Ok(SigningKey::from_seed(&seed))
}

/// Writes a key, under a passphrase if one is given.
pub fn write(
    key: &SigningKey,
    passphrase: Option<&str>,
) -> Result<Zeroizing<String>, KeyFileError> {
    let seed = Zeroizing::new([SEED_HEAD.as_slice(), key.seed().as_slice()].concat());
    let algorithm = AlgorithmIdentifierRef { oid: ML_DSA_44, parameters: None };
    let seed = OctetStringRef::new(&seed).expect("34 bytes fit the format");
    let document = SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, seed));
    let document = document.expect("34 bytes fit the format");
    match passphrase {
        Some(passphrase) => encrypt(document.as_bytes(), passphrase),
        None => Ok(document
            .to_pem(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)
            .expect("a document that was just encoded is written")),
    }
}

/// Reads a key; the passphrase is only looked at if the file is encrypted.
pub fn read(pem: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
    let (_, document) =
        SecretDocument::from_pem(pem.trim_start()).map_err(|_| KeyFileError::Malformed)?;
    let document = if is_encrypted(pem) {
        let passphrase = passphrase.ok_or(KeyFileError::PassphraseMissing)?;
        let encrypted = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes());
        let encrypted = encrypted.map_err(|_| KeyFileError::Malformed)?;
        encrypted.decrypt(passphrase).map_err(|_| KeyFileError::PassphraseWrong)?
    } else {
        document
    };
    let malformed = if is_encrypted(pem) {
        // A wrong passphrase may by chance leave valid padding, and then garbage is parsed.
        KeyFileError::PassphraseWrong
    } else {
        KeyFileError::Malformed
    };
    let info = PrivateKeyInfoRef::try_from(document.as_bytes()).map_err(|_| malformed)?;
    let is_ml_dsa_44 = info.algorithm.oid == ML_DSA_44 && info.algorithm.parameters.is_none();
    let seed = info.private_key.as_bytes().strip_prefix(&SEED_HEAD).filter(|_| is_ml_dsa_44);
    let seed: [u8; SEED_LENGTH] = seed.and_then(|seed| seed.try_into().ok()).ok_or(malformed)?;
    Ok(SigningKey::from_seed(&Zeroizing::new(seed)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The form of RFC 9881, appendix C.1, with its seed: the bytes 0 to 31.
    const EXAMPLE: &str = "-----BEGIN PRIVATE KEY-----\n\
        MDQCAQAwCwYJYIZIAWUDBAMRBCKAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ\n\
        GhscHR4f\n\
        -----END PRIVATE KEY-----\n";

    fn example() -> SigningKey {
        SigningKey::from_seed(&core::array::from_fn(|place| u8::try_from(place).unwrap()))
    }

    #[test]
    fn the_form_of_the_standard_is_read_and_written() {
        assert_eq!(write(&example(), None).unwrap().as_str(), EXAMPLE);
        assert_eq!(read(EXAMPLE, None).unwrap().key(), example().key());
    }

    #[test]
    fn an_encrypted_key_opens_with_its_passphrase_alone() {
        let key = generate().unwrap();
        let pem = write(&key, Some("a passphrase")).unwrap();
        assert_eq!(read(&pem, Some("a passphrase")).unwrap().key(), key.key());
        assert_eq!(read(&pem, Some("another")).unwrap_err(), KeyFileError::PassphraseWrong);
        assert_eq!(read(&pem, None).unwrap_err(), KeyFileError::PassphraseMissing);
    }

    #[test]
    fn another_key_is_none() {
        let ed25519 = crate::key_file::write_plain(&crate::key_file::generate().unwrap());
        assert_eq!(read(&ed25519, None).unwrap_err(), KeyFileError::Malformed);
        assert_eq!(read("no key", None).unwrap_err(), KeyFileError::Malformed);
        let other = crate::key_file::read(EXAMPLE, None);
        assert_eq!(other.unwrap_err(), KeyFileError::Malformed);
    }
}
