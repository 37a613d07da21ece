//! `veche poll show`: a poll, as its log tells it.

use clap::Args;
use veche_protocol::poll::fold::PollFold;
use veche_protocol::poll::phase::Phase;
use veche_protocol::poll::requests::Served;

use crate::commands::Global;
use crate::commands::poll_close::read_poll;
use crate::commands::session::Session;
use crate::error::ClientError;
use crate::words;

/// Show the polls of the city, or one of them: definition, phase, turnout, result.
///
/// Of an anonymous poll also how many of each district have asked for a credential, have got one
/// and have voted; of a sealed one what its trustees have done and for whom they wait.
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
        for line in turnout(fold) {
            println!("{line}");
        }
        if let (Some(ceremony), Some(definition)) = (fold.ceremony(), fold.definition()) {
            for line in words::ceremony::describe(ceremony, &definition.trustees) {
                println!("{line}");
            }
        }
        if !poll.rejected().is_empty() {
            println!("  {} entries are refused by the law", poll.rejected().len());
        }
        // The count so far is nobody's business before the close, though anyone could make it.
        if matches!(fold.phase(), Phase::Closed | Phase::Certified | Phase::Cancelled)
            && let Some((result, _)) = poll.count()
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

/// Who asked, was served and voted, line by line.
fn turnout(fold: &PollFold) -> Vec<String> {
    let mut lines = Vec::new();
    let voters = fold.voters();
    if let Some(begun) = fold.begun() {
        let districts = begun.electorate().eligible().iter().zip(fold.requests().served());
        for (place, ((code, eligible), served)) in districts.enumerate() {
            let Served { requested, issued } = served;
            let spent = voters.get(place).map_or(0, |(_, spent)| *spent);
            lines.push(format!(
                "  {code}: {eligible} voters, {requested} asked for a credential, {issued} issued, \
                 {spent} spent"
            ));
        }
    }
    if let (Some(open), Some(ballots)) = (fold.open_poll(), fold.ballots()) {
        let (voted, eligible) = (ballots.voted().count(), open.electorate().len());
        let accepted = ballots.accepted();
        lines.push(format!("  {voted} of {eligible} have voted; {accepted} ballots accepted"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_city::{TestCity, poll_path};

    #[test]
    fn an_anonymous_poll_is_told_by_district() {
        let city = TestCity::with_sealed_poll();
        city.begin();
        let credential = city.credential(0);
        city.push(&poll_path(), credential.request().bytes());
        city.push(&poll_path(), city.credential(1).request().bytes());
        let shown = |city: &TestCity| turnout(city.poll(&city.read()).fold());
        let asked = "n: 50 voters, 2 asked for a credential, 0 issued, 0 spent";
        assert_eq!(shown(&city)[0].trim(), asked);
        city.issue(0);
        city.issue(1);
        let poll = city.poll(&city.read());
        let (ceremony, trustees) =
            (poll.fold().ceremony().unwrap(), &poll.fold().definition().unwrap().trustees);
        let waits = words::ceremony::waiting_for(ceremony, trustees);
        assert!(waits.starts_with("ceremony 1 waits until these join: 1 ("), "{waits}");
        let keepers = city.hold_ceremony();
        city.open();
        assert!(shown(&city)[0].contains("2 issued, 0 spent"));
        city.close();
        city.share(&keepers, 1);
        let poll = city.poll(&city.read());
        let shares = words::ceremony::describe(poll.fold().ceremony().unwrap(), trustees);
        assert!(shares[1].contains("1 shares stand and 2 open the ballots"), "{shares:?}");
    }
}
