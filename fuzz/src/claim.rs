//! Claims of unused credentials: what is read is the one encoding of what it says.

use veche_protocol::{
    breach::Breach,
    entry::{Binding, MAX_ENTRY_LENGTH},
    hash::Hash,
    poll::claim::Claim,
};

/// The bytes are a claim.
pub fn holds(data: &[u8]) {
    match Claim::parse(data) {
        // CRED-11: whatever the defect, it is one code.
        Err(breach) => assert_eq!(breach, Breach::ClaimMalformed),
        Ok(claim) => {
            assert!(data.len() <= MAX_ENTRY_LENGTH);
            assert_eq!(claim.to_bytes(), data);
            for bytes in [&[data, &[0]].concat(), &data[..data.len() - 1]] {
                assert_eq!(Claim::parse(bytes), Err(Breach::ClaimMalformed));
            }
            let statement = claim.statement();
            let (instance, origin) = (statement.instance, statement.origin.as_str());
            let binding = Binding { instance, origin, under: Hash::ZERO };
            assert!(claim.is_of(&binding));
            assert!(!claim.is_of(&Binding { origin: "", ..binding }));
        }
    }
}
