//! The winners beside the official ones.

use veche_client::pabulib;
use veche_protocol::interchange::pabulib::Pabulib;
use veche_protocol::poll::definition::Definition;
use veche_protocol::poll::result::PollResult;

use super::narrator::Narrator;

/// Widest label that is printed, in characters.
const WIDEST: usize = 60;

/// Prints the selected projects with their votes, and holds them against the published outcome.
pub(super) fn compare(
    file: &Pabulib,
    definition: &Definition,
    result: &PollResult,
    narrator: &mut Narrator,
) {
    narrator.chapter("The result beside the official one");
    let (mut chosen, mut official, mut both, mut spent, mut votes_agree) = (0, 0, 0, 0, true);
    narrator.say("   votes      cost  official  project");
    for (project, outcome) in file.projects.iter().zip(&result.questions[0].outcome) {
        let is_official = project.selected == Some(1);
        official += usize::from(is_official);
        let own = outcome.label == pabulib::label(&project.id, project.name.as_deref());
        votes_agree &= own && project.votes.is_none_or(|votes| votes == outcome.votes);
        if !outcome.selected {
            continue;
        }
        chosen += 1;
        spent += project.cost;
        both += usize::from(is_official);
        let label: String = outcome.label.chars().take(WIDEST).collect();
        let mark = if is_official { "yes" } else { "NO" };
        narrator.say(&format!("{:>8} {:>9}  {mark:<8}  {label}", outcome.votes, project.cost));
    }
    let budget = definition.questions.first().map_or(0, |_| file.budget);
    narrator.say(&format!("{chosen} projects for {spent} of {budget} PLN"));
    let same = chosen == official && both == official;
    narrator.claim(&format!("{both} of the {official} official winners, and no other"), same);
    narrator.claim("each project has exactly the votes that the city published", votes_agree);
}
