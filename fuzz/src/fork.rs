//! Fork proofs: one spelling, and the parts that were read make the same proof again.

use veche_protocol::{breach::Breach, log::fork::ForkProof};

/// The codes that reading may give: of the proof, and of the heads in it.
const CODES: [Breach; 3] =
    [Breach::ForkMalformed, Breach::NoteMalformed, Breach::CheckpointMalformed];

/// The bytes are a fork proof.
pub fn holds(data: &[u8]) {
    match ForkProof::parse(data) {
        // FORK-1
        Err(breach) => assert!(CODES.contains(&breach), "{breach} is not a code of reading"),
        Ok(proof) => {
            assert_eq!(proof.to_string().as_bytes(), data);
            // FORK-2: what convicts convicts by the one key, and none that is not known.
            let verdict = proof.verify();
            assert_eq!(proof.verify_known(&[]), verdict);
            assert_eq!(proof.verify_known(std::slice::from_ref(proof.key())), verdict);
            for bytes in [&[data, b"\n"].concat(), &data[..data.len() - 1]] {
                assert!(ForkProof::parse(bytes).is_err());
            }
        }
    }
}
