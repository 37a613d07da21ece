//! `veche roll enrol`: enrol the people of a census file.

use std::path::PathBuf;

use clap::Args;

use crate::acts::check::Target;
use crate::acts::roll;
use crate::census::Census;
use crate::commands::Global;
use crate::commands::roll_new::roll_path;
use crate::commands::session::{Session, reading};
use crate::commands::signing::SigningArgs;
use crate::error::ClientError;

/// Defects that are shown one by one.
const SHOWN_DEFECTS: usize = 50;

/// Enrol the people of a census file. A registrar and an inspector sign.
///
/// The file is CSV with the columns `enrolment` (the line of the voter's own tool), `district` (its
/// code) and, where a voter takes the place of one revoked, `replaces` (that voter's id). All other
/// columns are the census record. Only a salted hash of the record goes to the roll; salts and
/// records are kept in the private file, for the inspectors' samples.
///
/// Rows, totals and defects are shown before anything is signed, and nothing is signed while there
/// is a defect.
#[derive(Debug, Args)]
#[command(mut_arg("key", |key| key.required(false).required_unless_present("preview")))]
pub(super) struct EnrolCommand {
    /// Name of the roll.
    #[arg(long)]
    name: String,
    /// The census file.
    #[arg(long, value_name = "FILE")]
    census: PathBuf,
    /// Show rows, totals and defects, and do nothing.
    #[arg(long)]
    preview: bool,
    /// Where salts and records are kept; by default beside the census file, with `.salts` added.
    #[arg(long, value_name = "FILE")]
    private: Option<PathBuf>,
    #[command(flatten)]
    signing: SigningArgs,
}

impl EnrolCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let path = roll_path(&self.name)?;
        let city = session.city()?;
        let mut target = Target::read(&session.api, &city, &path, &mut reading(&path.to_string()))?;
        let Target::Roll(roll) = &target else {
            return Err(ClientError::Usage(format!(
                "there is no {path}: begin it with `roll new`"
            )));
        };
        session.note(roll.log())?;
        let census = Census::read(&self.census, roll.fold())?;
        preview(&census, roll.fold().header());
        if !census.defects.is_empty() {
            let text = format!("{} rows have defects; nothing was signed", census.defects.len());
            return Err(ClientError::content(&self.census, text));
        }
        if self.preview {
            return Ok(());
        }
        let private = self.private.unwrap_or_else(|| {
            let mut name = self.census.clone().into_os_string();
            name.push(".salts");
            PathBuf::from(name)
        });
        let enrolments = census.commit(&private)?;
        println!("salts and records are kept in {}", private.display());
        let acts = roll::enrol(&path, roll.fold(), &enrolments);
        self.signing.finish(&session, &city, &mut target, acts)
    }
}

fn preview(census: &Census, header: Option<&veche_protocol::roll::RollHeader>) {
    println!("{} rows to enrol, {} with defects", census.rows.len(), census.defects.len());
    for (code, total) in header.map(|header| census.totals(header)).unwrap_or_default() {
        println!("  {code}: {total}");
    }
    for defect in census.defects.iter().take(SHOWN_DEFECTS) {
        println!("  line {}: {}", defect.line, defect.reason);
    }
    if census.defects.len() > SHOWN_DEFECTS {
        println!("  and {} more", census.defects.len() - SHOWN_DEFECTS);
    }
}
