//! Secret keys at rest: PKCS #8 (RFC 5958) in PEM, encrypted by PBES2 with scrypt (RFC 7914), the
//! form that other tools read too.
//!
//! ```text
//! -----BEGIN ENCRYPTED PRIVATE KEY-----      or, where the user asks for it, PRIVATE KEY
//! ```
//!
//! Not here: where files lie (the programs), and who is asked for a passphrase
//! ([`crate::passphrase`]).

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::pbes2;
use pkcs8::pkcs5::scrypt;
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef};
use rand::TryRng as _;
use rand::rngs::SysRng;
use thiserror::Error;
use veche_protocol::signature::{SEED_LENGTH, SigningKey};
use zeroize::Zeroizing;

/// Cost of scrypt: N = 2^14, r = 8, p = 5 takes 16 MiB and costs as much as N = 2^17, p = 1; a
/// larger N would pass the 32 MiB that OpenSSL allows, and its users could not open the file.
const LOG_N: u8 = 14;
const BLOCK: u32 = 8;
const LANES: u32 = 5;

/// Why a key file cannot be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// It is no PKCS #8 file of an Ed25519 key.
    #[error("this is not a key file (PKCS #8 in PEM, Ed25519)")]
    Malformed,
    /// It is encrypted, and there is no passphrase.
    #[error("the key file is encrypted, and no passphrase is given")]
    PassphraseMissing,
    /// It is encrypted, and the passphrase does not open it.
    #[error("the passphrase does not open this key")]
    PassphraseWrong,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness,
}

/// A fresh secret key from the system's randomness.
pub fn generate() -> Result<SigningKey, KeyFileError> {
    let mut seed = Zeroizing::new([0; SEED_LENGTH]);
    SysRng.try_fill_bytes(seed.as_mut_slice()).map_err(|_| KeyFileError::Randomness)?;
    Ok(SigningKey::from_seed(&seed))
}

/// Random bytes from the system, for ids and salts.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], KeyFileError> {
    let mut bytes = [0; N];
    SysRng.try_fill_bytes(&mut bytes).map_err(|_| KeyFileError::Randomness)?;
    Ok(bytes)
}

/// What trying one passphrase costs.
pub fn cost() -> scrypt::Params {
    scrypt::Params::new(LOG_N, BLOCK, LANES).expect("constants within scrypt's bounds")
}

/// Writes a key in clear.
pub fn write_plain(key: &SigningKey) -> Zeroizing<String> {
    keypair(key).to_pkcs8_pem(LineEnding::LF).expect("32 bytes fit every length of the format")
}

/// Writes a key under a passphrase.
pub fn write_encrypted(
    key: &SigningKey,
    passphrase: &str,
) -> Result<Zeroizing<String>, KeyFileError> {
    let plain = keypair(key).to_pkcs8_der().expect("32 bytes fit every length of the format");
    encrypt(plain.as_bytes(), passphrase)
}

/// Encrypts a key that is encoded already.
pub(crate) fn encrypt(plain: &[u8], passphrase: &str) -> Result<Zeroizing<String>, KeyFileError> {
    let (salt, iv) = (random_bytes::<16>()?, random_bytes::<16>()?);
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(cost(), &salt, iv)
        .expect("a salt of 16 bytes is within the format's bounds");
    let encrypted = PrivateKeyInfoRef::try_from(plain)
        .and_then(|info| info.encrypt_with_params(parameters, passphrase))
        .and_then(|document| {
            Ok(document.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?)
        });
    Ok(encrypted.expect("a key that was just encoded is read and encrypted"))
}

/// Whether reading this file asks for a passphrase.
pub fn is_encrypted(pem: &str) -> bool {
    pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
}

/// Reads a key; the passphrase is only looked at if the file is encrypted.
pub fn read(pem: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
    let pem = pem.trim_start();
    let keypair = if is_encrypted(pem) {
        let passphrase = passphrase.ok_or(KeyFileError::PassphraseMissing)?;
        KeypairBytes::from_pkcs8_encrypted_pem(pem, passphrase).map_err(|error| match error {
            pkcs8::Error::EncryptedPrivateKey(_) => KeyFileError::PassphraseWrong,
            // A wrong passphrase may by chance leave valid padding, and then garbage is parsed.
            _ if has_encrypted_form(pem) => KeyFileError::PassphraseWrong,
            _ => KeyFileError::Malformed,
        })?
    } else {
        KeypairBytes::from_pkcs8_pem(pem).map_err(|_| KeyFileError::Malformed)?
    };
    let key = SigningKey::from_seed(&keypair.secret_key);
    let stated = keypair.public_key.as_ref().map(|public| public.0);
    match stated {
        Some(stated) if stated != *key.key().as_bytes() => Err(KeyFileError::Malformed),
        _ => Ok(key),
    }
}

fn has_encrypted_form(pem: &str) -> bool {
    pkcs8::SecretDocument::from_pem(pem).is_ok_and(|(_, document)| {
        EncryptedPrivateKeyInfoRef::try_from(document.as_bytes()).is_ok()
    })
}

/// The form without the public key, which every reader of PKCS #8 knows.
fn keypair(key: &SigningKey) -> KeypairBytes {
    KeypairBytes { secret_key: *key.seed(), public_key: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410, section 10.3: the key of the example without a public key.
    const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn the_example_of_the_standard_is_read_and_written() {
        let key = read(RFC_8410, None).unwrap();
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(key.key().to_string(), public);
        assert_eq!(write_plain(&key).as_str(), RFC_8410);
    }

    #[test]
    fn an_encrypted_key_opens_with_its_passphrase_alone() {
        let key = generate().unwrap();
        let pem = write_encrypted(&key, "correct horse").unwrap();
        assert!(is_encrypted(&pem));
        assert_eq!(read(&pem, Some("correct horse")).unwrap().key(), key.key());
        for wrong in ["", "correct hors", "Correct horse"] {
            assert_eq!(read(&pem, Some(wrong)).unwrap_err(), KeyFileError::PassphraseWrong);
        }
        assert_eq!(read(&pem, None).unwrap_err(), KeyFileError::PassphraseMissing);
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for text in ["", "key", &RFC_8410.replace("MC4", "MC5"), &RFC_8410[..90]] {
            assert_eq!(read(text, None).unwrap_err(), KeyFileError::Malformed, "{text}");
        }
    }

    #[test]
    fn keys_are_fresh() {
        assert_ne!(generate().unwrap().key(), generate().unwrap().key());
    }
}
