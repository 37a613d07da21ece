//! A non-negative fraction in lowest terms, for what a count reports.
//!
//! Not here: the arithmetic of the count; `equal_shares` works over common denominators and only
//! its results become fractions.

use core::fmt;

use num_bigint::BigUint;

/// A non-negative rational number in lowest terms, exact.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fraction {
    numerator: BigUint,
    denominator: BigUint,
}

impl Fraction {
    /// `numerator / denominator` in lowest terms, or `None` if the denominator is 0.
    pub fn new(numerator: BigUint, denominator: BigUint) -> Option<Self> {
        let zero = BigUint::ZERO;
        if denominator == zero {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.clone(), denominator.clone());
        Some(Self { numerator: numerator / &divisor, denominator: denominator / &divisor })
    }

    /// The numerator in lowest terms.
    pub const fn numerator(&self) -> &BigUint {
        &self.numerator
    }

    /// The denominator in lowest terms, at least 1.
    pub const fn denominator(&self) -> &BigUint {
        &self.denominator
    }

    /// The value with `places` digits after the point, rounded half up. For people to read.
    pub fn to_decimal(&self, places: u32) -> String {
        let scale = BigUint::from(10_u8).pow(places);
        let scaled = &self.numerator * &scale * 2_u8 + &self.denominator;
        let rounded = scaled / (&self.denominator * 2_u8);
        let whole = &rounded / &scale;
        if places == 0 {
            return whole.to_string();
        }
        let rest = (&rounded % &scale).to_string();
        format!("{whole}.{rest:0>width$}", width = places as usize)
    }
}

impl fmt::Display for Fraction {
    /// `n/d`, or `n` alone for an integer.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.denominator == BigUint::from(1_u8) {
            write!(f, "{}", self.numerator)
        } else {
            write!(f, "{}/{}", self.numerator, self.denominator)
        }
    }
}

/// Euclid's algorithm; the divisor of 0 and n is n.
fn greatest_common_divisor(mut a: BigUint, mut b: BigUint) -> BigUint {
    while b != BigUint::ZERO {
        (a, b) = (b.clone(), a % b);
    }
    a
}

#[cfg(test)]
mod tests {
    use super::Fraction;

    fn fraction(numerator: u64, denominator: u64) -> Fraction {
        Fraction::new(numerator.into(), denominator.into()).unwrap()
    }

    #[test]
    fn fractions_stand_in_lowest_terms() {
        assert_eq!(fraction(6, 4), fraction(3, 2));
        assert_eq!(fraction(6, 4).to_string(), "3/2");
        assert_eq!(fraction(8, 4).to_string(), "2");
        assert_eq!(fraction(0, 7), fraction(0, 1));
        assert_eq!(Fraction::new(1_u8.into(), 0_u8.into()), None);
    }

    #[test]
    fn decimals_round_half_up() {
        assert_eq!(fraction(1, 3).to_decimal(4), "0.3333");
        assert_eq!(fraction(2, 3).to_decimal(2), "0.67");
        assert_eq!(fraction(1, 8).to_decimal(2), "0.13");
        assert_eq!(fraction(1999, 1000).to_decimal(2), "2.00");
        assert_eq!(fraction(7, 2).to_decimal(0), "4");
        assert_eq!(fraction(1, 100).to_decimal(3), "0.010");
    }
}
