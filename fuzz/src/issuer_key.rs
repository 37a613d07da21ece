//! Moduli that an issuer puts on the log, whatever they are: what is taken can be used, and what is
//! no number below it is refused.

use veche_protocol::{
    blind_rsa::{IssuerKey, ModulusBits},
    breach::Breach,
};

use crate::input::Input;

/// The first byte chooses the length, then come the modulus and a number.
pub fn holds(data: &[u8]) {
    let mut input = Input::new(data);
    let bits = ModulusBits::ALL[usize::from(input.byte()) % ModulusBits::ALL.len()];
    let modulus = input.take(bits.length());
    let key = match IssuerKey::parse(bits, modulus) {
        Ok(key) => key,
        Err(breach) => return assert_eq!(breach, Breach::IssuerKeyWeak),
    };
    assert_eq!((key.modulus(), key.length()), (modulus, bits.length()));
    for other in ModulusBits::ALL.iter().filter(|other| **other != bits) {
        assert!(IssuerKey::parse(*other, modulus).is_err(), "a modulus has one length");
    }
    let number = input.rest();
    // CRED-4: above 0 and below the modulus, in its length.
    let is_number = number.len() == modulus.len() && number < modulus;
    assert_eq!(key.is_blinded(number), is_number && number.iter().any(|&byte| byte != 0));
    assert!(!key.is_blinded(modulus) && !key.is_blinded(&vec![0; modulus.len()]));
    if let Err(breach) = key.verify(b"a prepared message", number) {
        assert_eq!(breach, Breach::CredentialInvalid);
    }
    let refusal =
        if key.is_blinded(number) { Breach::IssuedInvalid } else { Breach::BlindedMessage };
    if let Err(breach) = key.check_blind_signature(number, number) {
        assert_eq!(breach, refusal);
    }
    // CRED-5: 1 is its own signature under every key.
    let mut one = vec![0; modulus.len()];
    one[modulus.len() - 1] = 1;
    assert_eq!(key.check_blind_signature(&one, &one), Ok(()));
    assert!(key.is_blinding_of(&one, &one, &one));
}
