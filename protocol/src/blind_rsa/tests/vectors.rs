//! The vectors of `spec/vectors/blind_rsa`: each case in its file's words, and all of RFC 9474.

use openssl::bn::{BigNum, BigNumContext};
use openssl::pkey::PKey;
use openssl::rsa::RsaPrivateKeyBuilder;
use serde_json::Value;

use super::super::{Blinding, IssuerKey, IssuerSecret, ModulusBits, prepare};
use crate::breach::Breach;

const RFC9474: &str = include_str!("../../../../spec/vectors/blind_rsa/rfc9474.json");

fn bytes(value: &Value, name: &str) -> Vec<u8> {
    hex::decode(value[name].as_str().unwrap_or_else(|| panic!("{name} is missing"))).unwrap()
}

fn key(file: &Value, case: &Value) -> Result<IssuerKey, Breach> {
    let own = |name: &str| if case.get(name).is_some() { case } else { file };
    let bits = own("modulus_bits")["modulus_bits"].as_u64().unwrap();
    IssuerKey::parse(ModulusBits::from_bits(bits).unwrap(), &bytes(own("modulus"), "modulus"))
}

/// Whether the case's claim holds. A refusal is by the one code that the law names for it.
fn holds(file: &Value, case: &Value) -> bool {
    let check = case["check"].as_str().unwrap();
    if check == "key" {
        // CRED-1: what may be a key, and nothing else.
        return key(file, case).map_err(|e| assert_eq!(e, Breach::IssuerKeyWeak)).is_ok();
    }
    let key = key(file, case).unwrap();
    let field = |name| bytes(case, name);
    let verdict = match check {
        "signature" => key.verify(&field("message"), &field("signature")), // CRED-3: exact form
        "blinded" => return key.is_blinded(&field("blinded")),             // CRED-4: its range
        "blind-signature" => {
            key.check_blind_signature(&field("blinded"), &field("blind_signature")) // CRED-5: z
        }
        // CRED-11: a claim's factor.
        "factor" => {
            return key.is_blinding_of(&field("signature"), &field("factor"), &field("blinded"));
        }
        other => panic!("no such check: {other}"),
    };
    let expected = match check {
        "signature" => Breach::CredentialInvalid,
        _ if key.is_blinded(&field("blinded")) => Breach::IssuedInvalid,
        _ => Breach::BlindedMessage,
    };
    verdict.map_err(|breach| assert_eq!(breach, expected)).is_ok()
}

fn judge(file: &str, cases: usize) {
    let file: Value = serde_json::from_str(file).unwrap();
    let all = file["cases"].as_array().unwrap();
    assert_eq!(all.len(), cases);
    for case in all {
        assert_eq!(Value::Bool(holds(&file, case)), case["holds"], "{}", case["name"]);
    }
}

#[test]
fn verdicts_on_rfc_9474() {
    judge(RFC9474, 9);
}

#[test]
fn verdicts_on_wycheproof() {
    judge(include_str!("../../../../spec/vectors/blind_rsa/wycheproof_2048.json"), 142);
    judge(include_str!("../../../../spec/vectors/blind_rsa/wycheproof_4096.json"), 142);
    judge(include_str!("../../../../spec/vectors/blind_rsa/wycheproof_other_parameters.json"), 14);
}

#[test]
fn verdicts_on_crafted_cases() {
    judge(include_str!("../../../../spec/vectors/blind_rsa/crafted_3072.json"), 96);
    judge(include_str!("../../../../spec/vectors/blind_rsa/keys.json"), 42);
}

/// The secret key of RFC 9474, appendix A, by way of PKCS #8.
fn issuer(vector: &Value) -> IssuerSecret {
    let number = |name| BigNum::from_slice(&bytes(vector, name)).unwrap();
    let (p, q, d, one) = (number("p"), number("q"), number("d"), BigNum::from_u32(1).unwrap());
    let mut inverse = BigNum::new().unwrap();
    inverse.mod_inverse(&q, &p, &mut BigNumContext::new().unwrap()).unwrap();
    let (dp, dq) = (&d % &(&p - &one), &d % &(&q - &one));
    let rsa = RsaPrivateKeyBuilder::new(number("modulus"), BigNum::from_u32(65_537).unwrap(), d)
        .and_then(|builder| builder.set_factors(p, q))
        .and_then(|builder| builder.set_crt_params(dp, dq, inverse))
        .unwrap()
        .build();
    let der = PKey::from_rsa(rsa).unwrap().private_key_to_pkcs8().unwrap();
    IssuerSecret::from_pkcs8(&der).unwrap()
}

#[test]
fn every_step_of_rfc_9474() {
    let vector: Value = serde_json::from_str(RFC9474).unwrap();
    let field = |name| bytes(&vector, name);
    let secret = issuer(&vector);
    let key = secret.public();
    assert_eq!(key.modulus(), field("modulus"));
    let prepared = prepare(&field("prefix").try_into().unwrap(), &field("message"));
    // The factor is the inverse of its inverse.
    let factor = key.invert(&field("inverse"), &field("blinded")).unwrap();
    let blinding = Blinding::from_bytes(key, &[&factor[..], &field("inverse")].concat()).unwrap();
    let salt = field("salt").try_into().unwrap();
    assert_eq!(key.blind_by(&prepared, &salt, &blinding), Ok(field("blinded")));
    assert_eq!(secret.blind_sign(&field("blinded")), Ok(field("blind_signature")));
    let signature = key.finalize(&prepared, &blinding, &field("blind_signature"));
    assert_eq!(signature, Ok(field("signature")));
}
