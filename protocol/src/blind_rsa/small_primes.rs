//! The primes below 2^16, and whether one of them divides a modulus.
//!
//! A modulus with a small factor would let the issuer, or anyone, tell blinded messages apart by
//! their residues. Not here: any claim that a modulus is a product of two primes.

use std::sync::LazyLock;

use openssl::bn::BigNumRef;

/// The bound below which a modulus has no prime factor.
const BOUND: u32 = 1 << 16;

/// The odd primes below [`BOUND`], each once, multiplied in pairs: a product of two fits 32 bits,
/// so that one division of the modulus serves both.
static PAIRS: LazyLock<Vec<[u32; 2]>> = LazyLock::new(|| {
    let primes: Vec<u32> = odd_primes().collect();
    primes.chunks(2).map(|pair| [pair[0], pair.get(1).copied().unwrap_or(1)]).collect()
});

/// The sieve of Eratosthenes, over odd numbers.
fn odd_primes() -> impl Iterator<Item = u32> {
    let mut composite = vec![false; BOUND as usize];
    for candidate in (3..=BOUND.isqrt() as usize).step_by(2) {
        if !composite[candidate] {
            for multiple in (candidate * candidate..BOUND as usize).step_by(2 * candidate) {
                composite[multiple] = true;
            }
        }
    }
    (3..BOUND).step_by(2).filter(move |&odd| !composite[odd as usize])
}

/// Whether an odd prime below 2^16 divides the number.
pub(super) fn divide(number: &BigNumRef) -> bool {
    PAIRS.iter().any(|&[low, high]| {
        let residue = number.mod_word(low * high).expect("a divisor is not zero");
        residue.is_multiple_of(low.into()) || (high > 1 && residue.is_multiple_of(high.into()))
    })
}

#[cfg(test)]
mod tests {
    use openssl::bn::BigNum;

    use super::{divide, odd_primes};

    #[test]
    fn the_sieve_finds_every_odd_prime_and_nothing_else() {
        let primes: Vec<u32> = odd_primes().collect();
        assert_eq!(primes.len(), 6_541); // 6,542 primes below 2^16 (OEIS A007053), without 2
        assert_eq!((primes[0], primes[6_540]), (3, 65_521));
        assert!(primes.iter().all(|prime| {
            (2..*prime).take_while(|d| d * d <= *prime).all(|divisor| prime % divisor != 0)
        }));
    }

    #[test]
    fn each_small_factor_is_seen_and_no_greater_one() {
        let factor = BigNum::from_u32(65_537).unwrap(); // the least prime above the bound
        assert!(!divide(&factor));
        for prime in odd_primes() {
            let product = &factor * &BigNum::from_u32(prime).unwrap();
            assert!(divide(&product), "{prime}");
        }
    }
}
