//! `veche roll sample`: whose census commitments inspectors have opened.

use clap::Args;

use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::error::ClientError;
use crate::sample;

/// Draw the voters of a poll whose census records the registrar shows to inspectors.
///
/// The draw is by the first anchor that the register holds of the poll after its rolls were pinned,
/// so nobody could choose whom it meets, and everyone draws the same. Each line has the voter's id,
/// the roll, the index of the entry that enrols the voter, and the census commitment.
#[derive(Debug, Args)]
pub(super) struct SampleCommand {
    /// Id of the poll.
    poll: String,
    /// How many voters, as the city has announced.
    #[arg(long, value_name = "NUMBER")]
    count: usize,
}

impl SampleCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let (city, poll, _) = read_poll(&mut session, &self.poll)?;
        let sample = sample::draw(&city, &poll, self.count)?;
        eprintln!("drawn by entry {} of the register, {}", sample.anchor, sample.seed);
        for drawn in &sample.drawn {
            let (voter, census) = (hex::encode(drawn.voter.0), drawn.census);
            println!("{voter} {} {} {census}", drawn.roll, drawn.index);
        }
        Ok(())
    }
}
