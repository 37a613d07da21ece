//! Receipts: one spelling, and the parts that were read make the same receipt again.

use veche_protocol::{breach::Breach, log::receipt::Receipt};

/// The codes that reading may give: of the receipt, and of the head that ends it.
const CODES: [Breach; 3] =
    [Breach::ReceiptMalformed, Breach::NoteMalformed, Breach::CheckpointMalformed];

/// The bytes are a receipt.
pub fn holds(data: &[u8]) {
    match Receipt::parse(data) {
        Err(breach) => assert!(CODES.contains(&breach), "{breach} is not a code of reading"),
        Ok(receipt) => {
            assert_eq!(receipt.to_string().as_bytes(), data);
            let note = receipt.note().clone();
            let again = Receipt::new(receipt.index(), receipt.proof().to_vec(), note);
            let again = again.expect("the parts were read");
            let again = match receipt.extra() {
                Some(extra) => again.with_extra(extra.to_vec()),
                None => again,
            };
            assert_eq!(again, receipt);
        }
    }
}
