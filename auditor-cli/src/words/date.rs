//! Days and times as machines and as people write them, in UTC.
//!
//! Not here: a clock. All times are those of the record.

/// Seconds since 1970 as a date and time of day, for machines and protocols.
pub fn utc(seconds: u64) -> String {
    let Moment { year, month, day, hours, minutes, seconds } = Moment::at(seconds);
    format!("{year:04}-{month:02}-{day:02} {hours:02}:{minutes:02}:{seconds:02} UTC")
}

/// Seconds since 1970 as people write a day and a time of day.
pub fn spoken_utc(seconds: u64) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let Moment { year, month, day, hours, minutes, .. } = Moment::at(seconds);
    let month = usize::try_from(month).ok().and_then(|month| MONTHS.get(month - 1));
    format!("{day} {} {year}, {hours:02}:{minutes:02} UTC", month.expect("a month is 1 to 12"))
}

/// From when to when, as people write it.
pub fn spoken_period(from: u64, to: u64) -> String {
    let (first, last) = (spoken_utc(from), spoken_utc(to));
    match (first.split_once(", "), last.split_once(", ")) {
        (Some((day, time)), Some((same, end))) if day == same => {
            format!("{day}, {} to {end}", time.trim_end_matches(" UTC"))
        }
        _ => format!("{first} to {last}"),
    }
}

/// A time in UTC, by the proleptic Gregorian calendar.
struct Moment {
    year: u128,
    month: u128,
    day: u128,
    hours: u64,
    minutes: u64,
    seconds: u64,
}

impl Moment {
    fn at(seconds: u64) -> Self {
        let (days, rest) = (seconds / 86_400, seconds % 86_400);
        // Days are counted from 1 March of a year 0, so that the leap day ends the year, in eras of
        // 400 years = 146,097 days; 1970-01-01 is day 719,468.
        let day = u128::from(days) + 719_468;
        let (era, day) = (day / 146_097, day % 146_097);
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = era * 400 + year + u128::from(month <= 2);
        Self { year, month, day, hours: rest / 3_600, minutes: rest / 60 % 60, seconds: rest % 60 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, date) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_399, "2000-02-28 23:59:59 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (951_868_800, "2000-03-01 00:00:00 UTC"),
            (1_800_000_000, "2027-01-15 08:00:00 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(seconds), date);
        }
        assert_eq!(spoken_utc(951_782_400), "29 February 2000, 00:00 UTC");
        assert_eq!(spoken_utc(1_798_761_599), "31 December 2026, 23:59 UTC");
        assert_eq!(spoken_period(0, 3_600), "1 January 1970, 00:00 to 01:00 UTC");
        let days = spoken_period(0, 86_400);
        assert_eq!(days, "1 January 1970, 00:00 UTC to 2 January 1970, 00:00 UTC");
    }
}
