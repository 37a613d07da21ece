//! Grown receipts: one spelling, and the parts that were read are receipts by themselves.

use veche_protocol::breach::Breach;
use veche_protocol::log::grown_receipt::GrownReceipt;
use veche_protocol::log::receipt::Receipt;

/// The codes that reading may give: of the receipts, and of the heads in them.
const CODES: [Breach; 3] =
    [Breach::ReceiptMalformed, Breach::NoteMalformed, Breach::CheckpointMalformed];

/// The bytes are a grown receipt.
pub fn holds(data: &[u8]) {
    match GrownReceipt::parse(data) {
        // RECEIPT-8
        Err(breach) => assert!(CODES.contains(&breach), "{breach} is not a code of reading"),
        Ok(grown) => {
            assert!(GrownReceipt::is_meant_by(data));
            assert_eq!(grown.to_string().as_bytes(), data);
            // RECEIPT-11: each part stands by itself.
            let parts: Vec<String> = grown.receipts().map(Receipt::to_string).collect();
            assert!(data.ends_with(parts.concat().as_bytes()));
            for (part, receipt) in parts.iter().zip(grown.receipts()) {
                assert_eq!(Receipt::parse(part.as_bytes()).as_ref(), Ok(receipt));
            }
            for bytes in [&[data, b"\n"].concat(), &data[..data.len() - 1]] {
                assert!(GrownReceipt::parse(bytes).is_err());
            }
        }
    }
}
