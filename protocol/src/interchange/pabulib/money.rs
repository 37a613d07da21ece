//! Amounts of money as files write them: decimals with a point or a comma.
//!
//! Not here: the currency, which only META knows.

use super::Reason;

/// Most decimals of an amount: no currency has more than 4, and some files have averages.
const MAX_DECIMALS: usize = 6;

/// An amount: `digits` in units of 10^-`decimals`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amount {
    digits: u64,
    pub(super) decimals: u8,
}

impl Amount {
    /// Reads digits, and decimals after a point or a comma; zeros at their end say nothing.
    pub(super) fn parse(text: &str) -> Result<Self, Reason> {
        let bad = || Reason::NotAmount(text.to_owned());
        let (whole, decimals) = text.split_once(['.', ',']).unwrap_or((text, "0"));
        let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let kept = decimals.trim_end_matches('0');
        if !is_digits(whole) || !is_digits(decimals) || kept.len() > MAX_DECIMALS {
            return Err(bad());
        }
        let digits = format!("{whole}{kept}").parse().map_err(|_| bad())?;
        let decimals = u8::try_from(kept.len()).expect("at most MAX_DECIMALS");
        Ok(Self { digits, decimals })
    }

    /// The amount in units of 10^-`decimals`, which are at least its own.
    pub(super) fn in_units(self, decimals: u8) -> Option<u64> {
        let factor = 10_u64.checked_pow(u32::from(decimals.checked_sub(self.decimals)?))?;
        self.digits.checked_mul(factor)
    }
}

/// Writes an amount of 10^-`decimals` units.
pub(super) fn written(amount: u64, decimals: u8) -> String {
    let places = usize::from(decimals);
    let digits = format!("{amount:0>width$}", width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        for (text, decimals, units, again) in [
            ("0", 0, 0, "0"),
            ("1200", 0, 1_200, "1200"),
            ("1200.00", 0, 1_200, "1200"),
            ("1200,5", 2, 120_050, "1200.5"),
            ("0.07", 2, 7, "0.07"),
            ("3.125", 3, 3_125, "3.125"),
        ] {
            let amount = Amount::parse(text).unwrap();
            assert!(amount.decimals <= decimals);
            assert_eq!(amount.in_units(decimals), Some(units), "{text}");
            assert_eq!(written(units, decimals), again);
        }
        assert_eq!(Amount::parse("18446744073709551615").unwrap().in_units(1), None);
        assert_eq!(Amount::parse("1.5").unwrap().in_units(0), None);
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in
            ["", ".", "1.", ".5", "+1", "-1", "1 000", "1.2.3", "1e3", "99999999999999999999"]
        {
            assert_eq!(Amount::parse(text), Err(Reason::NotAmount(text.to_owned())));
        }
        assert!(Amount::parse("0.1234567").is_err());
    }
}
