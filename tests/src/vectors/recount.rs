//! Vectors of whole recounts: the public files of a small city, what an observer brings along, and
//! what the recount must say (spec/audit.md). The form is in `spec/vectors/recount/README.md`.
//!
//! Each case is told as a story: honest acts, and one that is not. What a recount must say of it
//! is written beside the story by hand, never taken from a recount. Not here: single entries.

mod anonymous;
mod ballots;
mod case;
mod claims;
mod entries;
mod evidence;
mod exclusions;
mod heads;
mod issuing;
mod life;
mod marks;
mod opening;
mod post_quantum;
mod register;
mod results;
mod rewritten;
pub(super) mod rolls;
mod sealing;
mod seen;
mod shares;
mod sound;
mod spending;
pub(super) mod story;
mod trustees;

use super::Files;

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    let chapters = [
        sound::cases(),
        entries::cases(),
        heads::cases(),
        post_quantum::cases(),
        evidence::cases(),
        register::cases(),
        life::cases(),
        seen::cases(),
        opening::cases(),
        rolls::cases(),
        ballots::cases(),
        results::cases(),
        rewritten::cases(),
        anonymous::cases(),
        issuing::cases(),
        spending::cases(),
        claims::cases(),
        trustees::cases(),
        exclusions::cases(),
        shares::cases(),
        sealing::cases(),
        marks::cases(),
    ];
    for case in chapters.iter().flatten() {
        case.render(files);
    }
}
