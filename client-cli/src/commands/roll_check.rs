//! `veche roll check`: the voter's own check of the roll.

use std::path::PathBuf;

use clap::Args;
use veche_protocol::breach::Breach;

use crate::api::Connections;
use crate::city::City;
use crate::commands::Global;
use crate::commands::session::reading;
use crate::error::ClientError;
use crate::roll_copy::RollCopy;
use crate::voter_file::VoterFile;

/// Check that your key stands on the roll.
///
/// The whole roll is read and hashed, and held against its signed head. A registrar who put another
/// key in your place is found here, and by nobody else.
#[derive(Debug, Args)]
pub(super) struct CheckCommand {
    /// Your voter's file.
    #[arg(long, value_name = "FILE")]
    voter: PathBuf,
}

impl CheckCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let voter = VoterFile::load(&self.voter)?;
        let api = global.api(&voter.url, Connections::Kept)?;
        let city = City::read(&api, &voter.pins)?;
        let what = format!("roll/{}", voter.roll);
        let roll = RollCopy::read(&api, &city, &voter.roll, &mut reading(&what))?;
        if roll.fold().header_leaf() != Some(voter.header) {
            return Err(ClientError::distrust(what)(Breach::RollHeader));
        }
        let size = roll.log().size();
        match roll.fold().find(&voter.voter) {
            Some((key, district)) if key == voter.key => {
                println!("your key stands on {what}, in the district {district}");
                println!(
                    "checked: all {size} entries hash to the head signed by the city's log key"
                );
                Ok(())
            }
            Some((key, _)) => {
                println!("{what} has the key {key} under your id {}", hex::encode(voter.voter.0));
                println!("it is not yours: somebody else could vote in your place");
                Err(ClientError::distrust(what)(Breach::VoterKeyTaken))
            }
            None => {
                println!("your id {} does not stand on {what}", hex::encode(voter.voter.0));
                println!("either you were not enrolled yet, or you were taken off the roll");
                Err(ClientError::unlawful(what)(Breach::VoterUnknown))
            }
        }
    }
}
