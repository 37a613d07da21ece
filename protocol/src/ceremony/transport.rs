//! How a dealt share goes from one trustee to another in public: encrypted under the secret that
//! only the two of them (and whoever a complaint tells) can compute.
//!
//! ```text
//! info   = CBOR ["veche/dealing/v1", Announce, ceremony, i, j, X_i, X_j]
//! 48 bytes: f_i(j), 32 bytes little endian, as one message under x_i X_j and info
//! ```
//!
//! Not here: the dealing that a share must agree with.

use core::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand::CryptoRng;
use zeroize::Zeroizing;

use super::{CeremonyContext, CheckedDealing, TrusteeIndex};
use crate::breach::Breach;
use crate::encoding::Encoder;
use crate::hash::tag;
use crate::sealing::cipher::{self, TAG_LENGTH};
use crate::sealing::group::{self, ENCODED_LENGTH};

/// An encrypted share on the wire.
pub type EncryptedShare = [u8; ENCODED_LENGTH + TAG_LENGTH];

/// A trustee's public key of one ceremony, by which others deal to it.
#[derive(Clone, Copy)]
pub struct TransportKey {
    bytes: [u8; ENCODED_LENGTH],
    pub(super) point: RistrettoPoint,
}

impl TransportKey {
    /// Reads a key: a canonical encoding, not of the identity, else [`Breach::TransportKeyWeak`].
    pub fn parse(bytes: &[u8; ENCODED_LENGTH]) -> Result<Self, Breach> {
        // CEREMONY-2: canonical, not the identity.
        let point = group::key_element(bytes).ok_or(Breach::TransportKeyWeak)?;
        Ok(Self { bytes: *bytes, point })
    }

    /// The bytes of the key.
    pub const fn as_bytes(&self) -> &[u8; ENCODED_LENGTH] {
        &self.bytes
    }
}

impl PartialEq for TransportKey {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for TransportKey {}

impl fmt::Debug for TransportKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportKey({})", hex::encode(self.bytes))
    }
}

/// The secret of a transport key, fresh in every ceremony. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct TransportSecret(pub(super) Zeroizing<Scalar>);

impl TransportSecret {
    /// A fresh secret.
    pub fn generate<R: CryptoRng>(rng: &mut R) -> Self {
        Self(group::random_scalar(rng))
    }

    /// Reads a secret back: a canonical scalar, not zero, else [`Breach::TransportKeyWeak`].
    pub fn from_bytes(bytes: &[u8; ENCODED_LENGTH]) -> Result<Self, Breach> {
        let secret = group::scalar(bytes).filter(|scalar| *scalar != Scalar::ZERO);
        secret.map(|scalar| Self(Zeroizing::new(scalar))).ok_or(Breach::TransportKeyWeak)
    }

    /// The bytes of the secret, for a keystore.
    pub fn to_bytes(&self) -> Zeroizing<[u8; ENCODED_LENGTH]> {
        Zeroizing::new(self.0.to_bytes())
    }

    /// The public key.
    pub fn key(&self) -> TransportKey {
        let point = RistrettoPoint::mul_base(&self.0);
        TransportKey { bytes: point.compress().to_bytes(), point }
    }
}

impl fmt::Debug for TransportSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TransportSecret of {:?}", self.key())
    }
}

/// The way of one share: from a dealer to another trustee, in one ceremony.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    context: CeremonyContext,
    dealer: TrusteeIndex,
    pub(super) dealer_key: TransportKey,
    recipient: TrusteeIndex,
    pub(super) recipient_key: TransportKey,
}

impl Channel {
    /// The channel from `dealer` to `recipient`, each with its transport key; none from a trustee
    /// to itself, who needs none.
    pub fn new(
        context: CeremonyContext,
        (dealer, dealer_key): (TrusteeIndex, TransportKey),
        (recipient, recipient_key): (TrusteeIndex, TransportKey),
    ) -> Option<Self> {
        let channel = Self { context, dealer, dealer_key, recipient, recipient_key };
        (dealer != recipient).then_some(channel)
    }

    /// The trustee who deals.
    pub const fn dealer(&self) -> TrusteeIndex {
        self.dealer
    }

    /// The trustee who receives.
    pub const fn recipient(&self) -> TrusteeIndex {
        self.recipient
    }

    /// Encrypts a share, by the dealer.
    ///
    /// A channel carries one share in its life: two under one key would tell their difference.
    pub(super) fn encrypt(&self, own: &TransportSecret, share: &Scalar) -> EncryptedShare {
        let secret = group::encode_secret(self.recipient_key.point * *own.0);
        let message = Zeroizing::new(share.to_bytes());
        self.encrypt_bytes(&secret, &message)
    }

    pub(super) fn encrypt_bytes(
        &self,
        secret: &[u8; ENCODED_LENGTH],
        message: &[u8; ENCODED_LENGTH],
    ) -> EncryptedShare {
        let ciphertext = cipher::encrypt(secret, &self.info(), message);
        ciphertext.try_into().expect("a scalar's bytes and a tag")
    }

    /// Decrypts a share, by its recipient, and checks it against what the dealer committed to;
    /// [`Breach::ShareInvalid`] is a reason to complain.
    ///
    /// # Panics
    ///
    /// When `dealing` is another trustee's.
    pub fn receive(
        &self,
        own: &TransportSecret,
        encrypted: &EncryptedShare,
        dealing: &CheckedDealing,
    ) -> Result<DealtShare, Breach> {
        let secret = group::encode_secret(self.dealer_key.point * *own.0);
        self.open(&secret, encrypted, dealing)
    }

    /// The share that this channel's secret element, encoded, decrypts; if it is right.
    pub(super) fn open(
        &self,
        secret: &[u8; ENCODED_LENGTH],
        encrypted: &EncryptedShare,
        dealing: &CheckedDealing,
    ) -> Result<DealtShare, Breach> {
        assert_eq!(dealing.dealer(), self.dealer, "a share is checked by its own dealing");
        // CEREMONY-5: it decrypts, is a canonical scalar, and is right.
        let message =
            cipher::decrypt(secret, &self.info(), encrypted).ok_or(Breach::ShareInvalid)?;
        let bytes = message.as_slice().try_into().expect("48 bytes less a tag of 16");
        let share = Zeroizing::new(group::scalar(bytes).ok_or(Breach::ShareInvalid)?);
        let is_right = RistrettoPoint::mul_base(&share) == dealing.share_commitment(self.recipient);
        if is_right { Ok(DealtShare(share)) } else { Err(Breach::ShareInvalid) }
    }

    fn info(&self) -> Vec<u8> {
        self.begin(7, tag::DEALING).finish()
    }

    /// The first seven items of an array of `length` items about this channel.
    pub(super) fn begin(&self, length: usize, tag: &str) -> Encoder {
        let mut encoder = self.context.begin(length, tag);
        encoder.uint(u64::from(self.dealer.get())).uint(u64::from(self.recipient.get()));
        encoder.bytes(&self.dealer_key.bytes).bytes(&self.recipient_key.bytes);
        encoder
    }
}

/// A share that agrees with its dealer's commitments. It is wiped from memory when dropped.
#[derive(Clone)]
pub struct DealtShare(pub(super) Zeroizing<Scalar>);

impl fmt::Debug for DealtShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DealtShare")
    }
}
