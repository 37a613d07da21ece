//! The registrar's list of people to enrol: a CSV file, read with every defect named by its line.
//!
//! ```text
//! enrolment,district,replaces,<further columns>
//! veche1.<...>,north,,"Ivanova, 1980-01-02"
//! ```
//!
//! `enrolment` is the line of the voter's own tool, `district` a code of the roll; `replaces`, a
//! voter id in hex, may be missing. All further columns are the census record, to which the roll
//! holds a salted commitment; record and salt stay in the registrar's private file.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::path::Path;

use veche_keys::key_file::random_bytes;
use veche_keys::private_file;
use veche_protocol::entry::Binding;
use veche_protocol::roll::fold::RollFold;
use veche_protocol::roll::{Enrolment, RollHeader, VoterId, census_commitment};
use zeroize::Zeroizing;

use crate::enrolment_line::EnrolmentLine;
use crate::error::ClientError;

/// Most rows of one file: a city's electorate; more come in several files.
pub const MAX_ROWS: usize = 2_000_000;

/// One person to enrol.
#[derive(Clone, Debug)]
pub struct CensusRow {
    /// Line of the file, from 1.
    pub line: u64,
    /// What the voter handed in.
    pub enrolment: EnrolmentLine,
    /// Place of the district in the roll's list.
    pub district: usize,
    /// The id that this one replaces.
    pub replaces: Option<VoterId>,
    /// The census record, as one CSV line.
    pub record: Zeroizing<Vec<u8>>,
}

/// What is wrong with one row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defect {
    /// Line of the file, from 1.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

/// The file, read and checked against the roll as far as that can be done before signing.
#[derive(Clone, Debug, Default)]
pub struct Census {
    /// Rows without a defect, in the order of the file.
    pub rows: Vec<CensusRow>,
    /// Everything wrong, ascending by line.
    pub defects: Vec<Defect>,
}

impl Census {
    /// Reads a census file for this roll.
    pub fn read(path: &Path, roll: &RollFold) -> Result<Self, ClientError> {
        let Some(header) = roll.header() else {
            return Err(ClientError::usage("the roll has no header yet: begin it with `roll new`"));
        };
        let mut reader = csv::ReaderBuilder::new()
            .trim(csv::Trim::All)
            .from_path(path)
            .map_err(|error| ClientError::content(path, error))?;
        let columns = Columns::find(reader.headers().map_err(|e| ClientError::content(path, e))?)
            .map_err(|reason| ClientError::content(path, reason))?;
        let mut census = Self::default();
        let mut lines_of: HashMap<Vec<u8>, u64> = HashMap::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    census.defects.push(Defect { line, reason: error.to_string() });
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let row = columns.row(line, &record, header, roll);
            match row.and_then(|row| row.check_new(roll, &mut lines_of).map(|()| row)) {
                Ok(row) => census.rows.push(row),
                Err(reason) => census.defects.push(Defect { line, reason }),
            }
            if census.rows.len() > MAX_ROWS {
                return Err(ClientError::content(path, format!("more than {MAX_ROWS} rows")));
            }
        }
        Ok(census)
    }

    /// Rows by district code.
    pub fn totals<'h>(&self, header: &'h RollHeader) -> BTreeMap<&'h str, u64> {
        let codes = header.districts.iter().map(|district| district.code.as_str());
        let mut totals: BTreeMap<_, _> = codes.map(|code| (code, 0)).collect();
        for row in &self.rows {
            let code = header.districts[row.district].code.as_str();
            *totals.entry(code).or_default() += 1;
        }
        totals
    }

    /// Commits to every record under a fresh salt, and keeps salts and records in the registrar's
    /// private file, on the disk before this returns.
    pub fn commit(&self, private: &Path) -> Result<Vec<Enrolment>, ClientError> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.rows.len() * 200));
        let mut enrolments = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            // ROLL-10: a fresh salt for each enrolment, so that nobody can try out records.
            let salt = Zeroizing::new(
                random_bytes::<32>().map_err(|error| ClientError::usage(error.to_string()))?,
            );
            let EnrolmentLine { voter, key, possession } = row.enrolment;
            let ids = format!("{},{},", hex::encode(voter.0), hex::encode(*salt));
            text.extend_from_slice(ids.as_bytes());
            text.extend_from_slice(&row.record);
            text.push(b'\n');
            enrolments.push(Enrolment {
                voter,
                key,
                district: row.district as u64,
                possession,
                census: census_commitment(&salt, &row.record),
                replaces: row.replaces,
            });
        }
        let mut file = private_file::append(private)?;
        file.write_all(&text)
            .and_then(|()| file.sync_all())
            .map_err(|error| ClientError::file(private, error))?;
        Ok(enrolments)
    }
}

/// Places of the columns that have a meaning.
struct Columns {
    enrolment: usize,
    district: usize,
    replaces: Option<usize>,
}

impl Columns {
    fn find(headers: &csv::StringRecord) -> Result<Self, String> {
        let place = |name: &str| headers.iter().position(|header| header == name);
        let needed = |name: &str| place(name).ok_or_else(|| format!("there is no column {name}"));
        Ok(Self {
            enrolment: needed("enrolment")?,
            district: needed("district")?,
            replaces: place("replaces"),
        })
    }

    fn row(
        &self,
        line: u64,
        record: &csv::StringRecord,
        header: &RollHeader,
        roll: &RollFold,
    ) -> Result<CensusRow, String> {
        let enrolment = EnrolmentLine::parse(&record[self.enrolment])
            .ok_or("the enrolment line is malformed, or its key is weak")?;
        check_possession(&enrolment, &roll.binding())?;
        let code = &record[self.district];
        let district = header.districts.iter().position(|district| district.code == code);
        let district = district.ok_or_else(|| format!("the roll has no district {code:?}"))?;
        let replaces = match self.replaces.map(|place| &record[place]).filter(|id| !id.is_empty()) {
            None => None,
            Some(id) => {
                let id = hex::decode(id).ok().and_then(|id| id.try_into().ok()).map(VoterId);
                Some(id.ok_or("the id in `replaces` is not 32 hex digits")?)
            }
        };
        let meaning = [Some(self.enrolment), Some(self.district), self.replaces];
        let rest = record.iter().enumerate().filter(|(place, _)| !meaning.contains(&Some(*place)));
        Ok(CensusRow { line, enrolment, district, replaces, record: csv_line(rest.map(|f| f.1)) })
    }
}

fn check_possession(enrolment: &EnrolmentLine, roll: &Binding<'_>) -> Result<(), String> {
    if enrolment.is_proven(roll) {
        return Ok(());
    }
    Err("the voter's proof of holding the key does not verify for this roll".to_owned())
}

impl CensusRow {
    /// That neither id nor key stands on the roll or earlier in the file.
    fn check_new(&self, roll: &RollFold, lines: &mut HashMap<Vec<u8>, u64>) -> Result<(), String> {
        let EnrolmentLine { voter, key, .. } = self.enrolment;
        if roll.find(&voter).is_some() {
            return Err("the voter id is on the roll already".to_owned());
        }
        for (what, bytes) in [("voter id", voter.0.to_vec()), ("key", key.0.to_vec())] {
            if let Some(line) = lines.insert(bytes, self.line) {
                return Err(format!("the {what} stands on line {line} already"));
            }
        }
        Ok(())
    }
}

/// Fields as one CSV line, without its newline.
fn csv_line<'a>(fields: impl Iterator<Item = &'a str>) -> Zeroizing<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(fields).expect("a line in memory is always written");
    let mut line = writer.into_inner().expect("a line in memory is always written");
    while line.last() == Some(&b'\n') {
        line.pop();
    }
    Zeroizing::new(line)
}

#[cfg(test)]
mod tests;
