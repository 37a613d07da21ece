//! Seconds since 1970 as a date and time that people read, in UTC.

use core::fmt;

const DAY: u64 = 24 * 60 * 60;
/// Days of 400 years of the Gregorian calendar, after which it repeats.
const ERA: u64 = 146_097;
/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: u64 = 719_468;
/// 9999-12-31T23:59:59Z: what lies behind it has no four-digit year.
const LATEST: u64 = 253_402_300_799;

/// A time in seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Utc(pub(crate) u64);

impl Utc {
    /// As RFC 3339 has it.
    pub(crate) fn machine(self) -> String {
        let (year, month, day, hour, minute) = self.parts();
        let second = self.0.min(LATEST) % 60;
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }

    /// Year, month, day, hour, minute. Years are counted from March, so that the leap day is the
    /// last, and months then have 153 days in every five.
    fn parts(self) -> (u64, u64, u64, u64, u64) {
        let seconds = self.0.min(LATEST);
        let days = seconds / DAY + EPOCH;
        let (era, day_of_era) = (days / ERA, days % ERA);
        let leaps = day_of_era / 1_460 + day_of_era / 146_096;
        let year_of_era = (day_of_era + day_of_era / 36_524 - leaps) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month + 2) / 5 + 1;
        let (month, january) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era * 400 + year_of_era + january;
        (year, month, day, seconds % DAY / 3_600, seconds % 3_600 / 60)
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, hour, minute) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02} UTC")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (LATEST, "9999-12-31T23:59:59Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(Utc(seconds).machine(), text);
        }
        assert_eq!(Utc(951_782_459).to_string(), "2000-02-29 00:00 UTC");
    }
}
