//! Secret keys at rest: PKCS #8 (RFC 5958) in PEM, in clear or encrypted by PBES2 with scrypt (RFC
//! 7914), as other tools read and write them.
//!
//! Not here: where the files lie ([`crate::data_directory`]).

use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use pkcs8::der::pem::PemLabel as _;
use pkcs8::pkcs5::{pbes2, scrypt};
use pkcs8::{EncryptedPrivateKeyInfoRef, LineEnding, PrivateKeyInfoRef};
use rand::TryRng as _;
use rand::rngs::SysRng;
use thiserror::Error;
use veche_protocol::signature::{SEED_LENGTH, SigningKey};
use zeroize::Zeroizing;

/// Cost of scrypt: N = 2^14, r = 8, p = 5 takes 16 MiB, within the 32 MiB that OpenSSL allows.
const LOG_N: u8 = 14;
const BLOCK: u32 = 8;
const LANES: u32 = 5;

/// Why a key cannot be read or made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyFileError {
    /// It is no PKCS #8 file of an Ed25519 key.
    #[error("this is not a key file (PKCS #8 in PEM, Ed25519)")]
    Malformed,
    /// It is encrypted, and there is no passphrase.
    #[error("the key file is encrypted, and no passphrase file is given")]
    PassphraseMissing,
    /// It is encrypted, and the passphrase does not open it.
    #[error("the passphrase does not open the key file")]
    PassphraseWrong,
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    Randomness,
}

/// A fresh key from the system's randomness.
pub fn generate() -> Result<SigningKey, KeyFileError> {
    Ok(SigningKey::from_seed(&*random::<SEED_LENGTH>()?))
}

/// Writes a key, under a passphrase if one is given.
pub fn write(
    key: &SigningKey,
    passphrase: Option<&str>,
) -> Result<Zeroizing<String>, KeyFileError> {
    // Without the public key: the form that every reader of PKCS #8 knows.
    let pair = Zeroizing::new(*key.seed());
    let pair = KeypairBytes { secret_key: *pair, public_key: None };
    let Some(passphrase) = passphrase else {
        return Ok(pair.to_pkcs8_pem(LineEnding::LF).expect("32 bytes fit the format"));
    };
    let cost = scrypt::Params::new(LOG_N, BLOCK, LANES).expect("constants within scrypt's bounds");
    let (salt, vector) = (random::<16>()?, random::<16>()?);
    let parameters = pbes2::Parameters::generate_scrypt_aes256cbc(cost, &*salt, *vector)
        .expect("a salt of 16 bytes is within the format's bounds");
    let plain = pair.to_pkcs8_der().expect("32 bytes fit the format");
    let encrypted = PrivateKeyInfoRef::try_from(plain.as_bytes())
        .and_then(|info| info.encrypt_with_params(parameters, passphrase))
        .and_then(|document| {
            Ok(document.to_pem(EncryptedPrivateKeyInfoRef::PEM_LABEL, LineEnding::LF)?)
        });
    Ok(encrypted.expect("a key that was just encoded is encrypted"))
}

/// Reads a key; the passphrase is only looked at if the file is encrypted.
pub fn read(pem: &str, passphrase: Option<&str>) -> Result<SigningKey, KeyFileError> {
    let pem = pem.trim_start();
    let pair = if pem.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") {
        let passphrase = passphrase.ok_or(KeyFileError::PassphraseMissing)?;
        // A wrong passphrase may by chance leave valid padding, and then garbage is parsed: so
        // every failure of a file of this form is told as one of the passphrase.
        KeypairBytes::from_pkcs8_encrypted_pem(pem, passphrase)
            .map_err(|_| KeyFileError::PassphraseWrong)?
    } else {
        KeypairBytes::from_pkcs8_pem(pem).map_err(|_| KeyFileError::Malformed)?
    };
    let seed = Zeroizing::new(pair.secret_key);
    Ok(SigningKey::from_seed(&seed))
}

fn random<const N: usize>() -> Result<Zeroizing<[u8; N]>, KeyFileError> {
    let mut bytes = Zeroizing::new([0; N]);
    SysRng.try_fill_bytes(bytes.as_mut_slice()).map_err(|_| KeyFileError::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8410, section 10.3: the example without a public key.
    const RFC_8410: &str = "-----BEGIN PRIVATE KEY-----\n\
        MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n\
        -----END PRIVATE KEY-----\n";

    #[test]
    fn the_example_of_the_standard_is_read_and_written() {
        let key = read(RFC_8410, None).unwrap();
        let public = "19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1";
        assert_eq!(key.key().to_string(), public);
        assert_eq!(write(&key, None).unwrap().as_str(), RFC_8410);
    }

    #[test]
    fn an_encrypted_key_opens_with_its_passphrase_alone() {
        let key = generate().unwrap();
        let pem = write(&key, Some("a passphrase")).unwrap();
        assert_eq!(read(&pem, Some("a passphrase")).unwrap().key(), key.key());
        assert_eq!(read(&pem, Some("another")).unwrap_err(), KeyFileError::PassphraseWrong);
        assert_eq!(read(&pem, None).unwrap_err(), KeyFileError::PassphraseMissing);
        assert_eq!(read("no key", None).unwrap_err(), KeyFileError::Malformed);
    }
}
