//! The issuers of anonymous polls on paper, and what their voters get of them.
//!
//! The RSA keys are files under `tests/data/`, made once and worth nothing: so every blind
//! signature is the same in every run. Not here: entries on a log.

use std::sync::LazyLock;

use veche_protocol::blind_rsa::{Blinding, IssuerSecret, ModulusBits, PREFIX_LENGTH, prepare};
use veche_protocol::encoding::Encoder;
use veche_protocol::hash::Hash;
use veche_protocol::name::LogPath;
use veche_protocol::poll::authorities::{Authority, Issuance, Issuing};
use veche_protocol::poll::ballot::Credential;
use veche_protocol::poll::claim::Statement;
use veche_protocol::signature::{Key, SigningKey};

use super::{City, Draws, key};

/// The RSA keys of the issuers, by issuer and district, in PKCS #8.
const FILES: [(&str, &str, &[u8]); 5] = [
    ("issuer-1", "north", include_bytes!("../../data/issuer-1-north.p8")),
    ("issuer-1", "south", include_bytes!("../../data/issuer-1-south.p8")),
    ("issuer-2", "north", include_bytes!("../../data/issuer-2-north.p8")),
    ("issuer-2", "south", include_bytes!("../../data/issuer-2-south.p8")),
    // A key that no honest issuer has given.
    ("issuer-1", "spare", include_bytes!("../../data/issuer-spare.p8")),
];

/// In the order of [`FILES`].
static SECRETS: LazyLock<Vec<IssuerSecret>> = LazyLock::new(|| {
    let read = |der: &[u8]| IssuerSecret::from_pkcs8(der).expect("a key of an issuer");
    FILES.iter().map(|(.., der)| read(der)).collect()
});

/// The key by which this issuer signs for voters of a district.
pub fn issuer_secret(issuer: &str, district: &str) -> &'static IssuerSecret {
    let is_wanted = |(of, serves, _): &(&str, &str, _)| *of == issuer && *serves == district;
    &SECRETS[FILES.iter().position(is_wanted).expect("an issuer and a district on paper")]
}

/// These names in the order of their keys, as a definition lists them.
pub fn by_key(names: &[&'static str]) -> Vec<&'static str> {
    let mut names = names.to_vec();
    names.sort_by_key(|name| key(name).key().0);
    names
}

/// Organisations by the names of their keys, as a definition lists them.
pub fn authorities(names: &[&'static str]) -> Vec<Authority> {
    let authority = |name: &str| Authority { key: key(name).key(), label: name.to_owned() };
    by_key(names).into_iter().map(authority).collect()
}

/// The issuance of a poll with these issuers.
pub fn issuance(names: &[&'static str], issuing: Issuing) -> Issuance {
    Issuance { bits: ModulusBits::Rsa2048, issuing, issuers: authorities(names) }
}

/// A voter's credential on paper: all that the voter keeps, and the issuers' secrets at hand.
#[derive(Clone, Debug)]
pub struct Wallet {
    instance: Hash,
    origin: String,
    /// Code of the voter's district.
    pub district: String,
    /// The credential key.
    pub key: SigningKey,
    /// What the signed message begins with.
    pub prefix: [u8; PREFIX_LENGTH],
    /// What is signed.
    pub prepared: Vec<u8>,
    /// Of each issuer the name, the blinding and the blinded message.
    blinded: Vec<(&'static str, Blinding, Vec<u8>)>,
}

/// The message that issuers sign for a credential key (CRED-2), without its prefix.
pub fn credential_message(
    (instance, origin, begin): (Hash, &str, Hash),
    district: &str,
    key: &Key,
) -> Vec<u8> {
    let mut encoder = Encoder::new();
    encoder.array(6).text("veche/credential/v1").bytes(&instance.0).text(origin);
    encoder.bytes(&begin.0).text(district).bytes(key.as_bytes());
    encoder.finish()
}

impl City {
    /// The credential that a voter of this name would make for a poll, with the key of this name.
    pub fn wallet(
        &self,
        (poll, begin): (&LogPath, Hash),
        issuers: &[&'static str],
        district: &str,
        (name, credential_key): (&str, &SigningKey),
    ) -> Wallet {
        let origin = poll.origin(&self.domain);
        let place = (self.instance, origin.as_str(), begin);
        let message = credential_message(place, district, &credential_key.key());
        let mut draws = Draws::of(&format!("credential of {name} in {origin} under {begin}"));
        let prefix = draws.bytes();
        let prepared = prepare(&prefix, &message);
        let blinded = by_key(issuers).into_iter().map(|issuer| {
            let public = issuer_secret(issuer, district).public();
            let (blinding, blinded) = public.blind(&prepared, &mut draws).expect("a sound key");
            (issuer, blinding, blinded)
        });
        Wallet {
            instance: self.instance,
            blinded: blinded.collect(),
            origin,
            district: district.to_owned(),
            key: credential_key.clone(),
            prefix,
            prepared,
        }
    }
}

impl Wallet {
    /// The blinded messages of the request, in the order of the definition.
    pub fn blinded(&self) -> Vec<Vec<u8>> {
        self.blinded.iter().map(|(.., blinded)| blinded.clone()).collect()
    }

    /// What the issuer of this name answers.
    pub fn answer(&self, issuer: &str) -> Vec<u8> {
        let found = self.blinded.iter().find(|(name, ..)| *name == issuer);
        let (_, _, blinded) = found.expect("an issuer of the poll");
        issuer_secret(issuer, &self.district).blind_sign(blinded).expect("a blinded message")
    }

    /// The credential, once all issuers have answered.
    pub fn credential(&self) -> Credential {
        let signatures = self.blinded.iter().map(|(issuer, blinding, _)| {
            let public = issuer_secret(issuer, &self.district).public();
            let signature = public.finalize(&self.prepared, blinding, &self.answer(issuer));
            signature.expect("an honest answer")
        });
        let (district, prefix) = (self.district.clone(), self.prefix);
        Credential { district, prefix, signatures: signatures.collect() }
    }

    /// What a claim of the credential says, if the request stands at this index.
    pub fn statement(&self, request: u64) -> Statement {
        let factors = self.blinded.iter().map(|(_, blinding, _)| blinding.factor().to_vec());
        Statement {
            instance: self.instance,
            origin: self.origin.clone(),
            request,
            key: self.key.key(),
            prefix: self.prefix,
            pairs: self.credential().signatures.into_iter().zip(factors).collect(),
        }
    }
}
