//! `veche poll show`: a poll, as its log tells it.

use clap::Args;
use veche_protocol::poll::phase::Phase;

use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::error::ClientError;
use crate::words;

/// Show the polls of the city, or one of them: definition, phase, turnout, result.
///
/// Everything is computed here from the poll's log. For the full recount with its report, use
/// `veche-audit recount`.
#[derive(Debug, Args)]
pub(super) struct ShowCommand {
    /// Id of the poll; without it all polls are listed.
    poll: Option<String>,
}

impl ShowCommand {
    pub(super) fn run(self, global: &Global) -> Result<(), ClientError> {
        let mut session = Session::begin(global)?;
        let Some(id) = &self.poll else {
            let city = session.city()?;
            city.logs().for_each(|path| println!("{path}"));
            return Ok(());
        };
        let (_, poll, _) = read_poll(&mut session, id)?;
        let fold = poll.fold();
        println!("{}: {}", poll.log().path(), fold.phase().name());
        if let Some(definition) = fold.definition() {
            let lines = words::definition(definition);
            for line in &lines {
                println!("{}", words::printable(line));
            }
        }
        if let (Some(open), Some(ballots)) = (fold.open_poll(), fold.ballots()) {
            let (voted, eligible) = (ballots.voted().count(), open.electorate().len());
            println!("  {voted} of {eligible} have voted; {} ballots accepted", ballots.accepted());
        }
        if !poll.rejected().is_empty() {
            println!("  {} entries are refused by the law", poll.rejected().len());
        }
        // The count so far is nobody's business before the close, though anyone could make it.
        if matches!(fold.phase(), Phase::Closed | Phase::Certified | Phase::Cancelled)
            && let Some((result, _)) = fold.open_and_count()
        {
            println!("result, counted here:");
            let lines = words::result(&result);
            for line in &lines {
                println!("{}", words::printable(line));
            }
            if let Some(claim) = fold.claim() {
                let differs = result.compare(claim);
                let word = if differs.is_empty() { "the same" } else { "ANOTHER" };
                println!("two officers have certified {word} result");
            }
        }
        Ok(())
    }
}
