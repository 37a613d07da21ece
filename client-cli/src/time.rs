//! Times as people write them (RFC 3339 in UTC) and as the law counts them: seconds since 1970.
//!
//! Not here: other zones, leap seconds, fractions. A time without a zone is refused, since an
//! hour's misunderstanding decides who can vote.

use std::time::{SystemTime, UNIX_EPOCH};

/// Seconds of a day.
const DAY: u64 = 86_400;
/// The last year that four digits write.
const LAST_YEAR: u64 = 9_999;

/// Seconds since 1970 by this machine's clock.
pub fn now() -> u64 {
    // A clock set before 1970 gives 0, and every check against it fails closed.
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

/// Reads `2026-11-23` (midnight), `2026-11-23T10:00Z` or `2026-11-23T10:00:00Z`.
pub fn parse(text: &str) -> Option<u64> {
    let (date, time) = match text.split_once('T') {
        None => (text, "00:00:00"),
        Some((date, time)) => (date, time.strip_suffix('Z')?),
    };
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = match time.len() {
        5 => numbers(&format!("{time}:00"), ':', [2, 2, 2])?,
        _ => numbers(time, ':', [2, 2, 2])?,
    };
    let is_date = year >= 1970
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    if !is_date || hour >= 24 || minute >= 60 || second >= 60 {
        return None;
    }
    let days = days_before_year(year) + days_before_month(year, month) + day - 1;
    Some(days * DAY + hour * 3600 + minute * 60 + second)
}

/// Writes `2026-11-23T10:00:00Z`; a time after the year 9999 as plain seconds.
pub fn format(time: u64) -> String {
    let (mut days, seconds) = (time / DAY, time % DAY);
    let mut year = 1970 + days / 366;
    while year <= LAST_YEAR && days_before_year(year + 1) <= days {
        year += 1;
    }
    if year > LAST_YEAR {
        return format!("{time} s");
    }
    days -= days_before_year(year);
    let month = (1..=12).rev().find(|&month| days_before_month(year, month) <= days).unwrap_or(1);
    let day = days - days_before_month(year, month) + 1;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Writes a length of time in the largest unit that divides it: `90 s`, `2 min`, `1 h`, `3 d`.
pub fn length(seconds: u64) -> String {
    let units = [(DAY, "d"), (3600, "h"), (60, "min")];
    match units.into_iter().find(|(unit, _)| seconds > 0 && seconds.is_multiple_of(*unit)) {
        Some((unit, name)) => format!("{} {name}", seconds / unit),
        None => format!("{seconds} s"),
    }
}

/// Numbers of exactly these widths between separators.
fn numbers<const N: usize>(text: &str, separator: char, widths: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, width) in numbers.iter_mut().zip(widths) {
        let part = parts.next().filter(|part| part.len() == width)?;
        let digits = part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| digits)?;
    }
    parts.next().is_none().then_some(numbers)
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

/// Days from 1970-01-01 to the first day of a year from 1970 on.
const fn days_before_year(year: u64) -> u64 {
    (year - 1970) * 365 + leap_years_before(year) - leap_years_before(1970)
}

/// Leap years of the calendar from its first year on.
const fn leap_years_before(year: u64) -> u64 {
    let last = year - 1;
    last / 4 - last / 100 + last / 400
}

fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

fn days_before_month(year: u64, month: u64) -> u64 {
    (1..month).map(|month| days_in_month(year, month)).sum()
}

#[cfg(test)]
mod tests {
    use super::{format, length, parse};

    #[test]
    fn times_round_trip() {
        for (text, seconds) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1972-02-29T23:59:59Z", 68_255_999),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-23T10:00:00Z", 1_795_428_000),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(parse(text), Some(seconds), "{text}");
            assert_eq!(format(seconds), text);
        }
        assert_eq!(parse("2026-11-23"), parse("2026-11-23T00:00Z"));
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2026",
            "2026-1-1",
            "2026-13-01",
            "2026-02-29",
            "2026-11-23T10:00:00",
            "2026-11-23T24:00:00Z",
            "2026-11-23T10:60Z",
            "1969-12-31",
            "2026-00-10",
            "2026-01-00",
            "2026-11-23T10:00:00+03:00",
            "+026-11-23",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn lengths_have_the_largest_unit_that_divides_them() {
        let lengths = [0, 59, 60, 90, 3600, 5400, 86_400, 90_000];
        let written = ["0 s", "59 s", "1 min", "90 s", "1 h", "90 min", "1 d", "25 h"];
        assert_eq!(lengths.map(length), written);
    }
}
