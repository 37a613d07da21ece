//! What the terminal is told of an anonymous or sealed poll: credentials by district, trustees.

use std::io::{self, Write};

use veche_protocol::audit::{DistrictCredentials, Recount};

use crate::words::trustees::{Seat, Shared};
use crate::words::{grouped, secrecy, trustees, visible};

/// The columns before the name of the district.
const COLUMNS: [&str; 6] = ["eligible", "requested", "issued", "spent", "effective", "unspent"];

/// All of it; nothing for a poll that is named and open.
pub(super) fn write(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    let warnings = secrecy::warnings(recount);
    write_credentials(out, recount)?;
    write_trustees(out, recount)?;
    for warning in &warnings {
        writeln!(out, "Warning: {warning}")?;
    }
    if warnings.is_empty() { Ok(()) } else { writeln!(out) }
}

fn write_credentials(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    let issuance = recount.definition.as_ref().and_then(|definition| definition.issuance.as_ref());
    let (Some(districts), Some(issuance)) = (&recount.credentials, issuance) else {
        return Ok(());
    };
    writeln!(out, "Credentials, issued by {}:", secrecy::issuer_names(issuance))?;
    writeln!(out, "  {}  district", COLUMNS.join("  "))?;
    // AUDIT-13: the numbers of each district with their gap.
    for district in districts {
        let effective = secrecy::effective_in(recount.result.as_ref(), &district.district);
        write_district(out, district, effective, &visible(&district.district))?;
    }
    if districts.len() > 1 {
        let all = secrecy::all_together(districts);
        let effective = recount.result.as_ref().map(|result| result.effective);
        write_district(out, &all, effective, "(all together)")?;
    }
    let gap = districts.iter().map(DistrictCredentials::gap).sum();
    writeln!(out, "{}", secrecy::gap_sentence(gap))?;
    writeln!(out, "{}", secrecy::margin_sentence(recount))?;
    writeln!(out, "{}", secrecy::issuers_sentence(issuance, gap))?;
    writeln!(out, "{}", secrecy::ghosts_sentence(recount))?;
    writeln!(out, "{}", secrecy::crowd_sentence(issuance, districts))?;
    writeln!(out)
}

fn write_district(
    out: &mut dyn Write,
    counted: &DistrictCredentials,
    effective: Option<u64>,
    name: &str,
) -> io::Result<()> {
    let DistrictCredentials { eligible, requested, issued, spent, .. } = *counted;
    let numbers = [eligible, requested, issued, spent].map(grouped);
    let effective = effective.map_or_else(|| "-".to_owned(), grouped);
    let numbers = numbers.into_iter().chain([effective, grouped(counted.gap())]);
    write!(out, "  ")?;
    for (column, number) in COLUMNS.iter().zip(numbers) {
        write!(out, "{number:>width$}  ", width = column.len())?;
    }
    writeln!(out, "{name}")
}

fn write_trustees(out: &mut dyn Write, recount: &Recount) -> io::Result<()> {
    let (Some(report), Some(definition)) = (&recount.trustees, &recount.definition) else {
        return Ok(());
    };
    writeln!(out, "Trustees: {}", trustees::ceremony_sentence(report, &definition.trustees))?;
    for Seat { label, part, share } in trustees::seats(recount) {
        let share = share.map(Shared::words);
        let share = share.map_or_else(String::new, |share| format!("; {share}"));
        writeln!(out, "  {label}: {part}{share}")?;
    }
    writeln!(out)
}
