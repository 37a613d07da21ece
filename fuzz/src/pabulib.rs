//! Pabulib files: what was read is written, and read as the same again.

use std::collections::BTreeSet;

use veche_protocol::interchange::pabulib::{Pabulib, parse};

/// The bytes are a `.pb` file.
pub fn holds(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match parse(text) {
        Err(error) => {
            let lines = text.lines().count() + 1;
            assert!((1..=lines).contains(&error.line), "{error}: the file has {lines} lines");
        }
        Ok(file) => {
            check_bounds(&file);
            file.profile().check().expect("selections are of the form of the votes");
            // Some ids cannot stand in a list; then no file is written.
            let Ok(written) = file.write() else { return };
            let again = parse(&written).expect("what was written is a file");
            // The numbers in META are written anew, so that `007` becomes `7`.
            assert_eq!((&again.projects, &again.ballots), (&file.projects, &file.ballots));
            assert_eq!((again.budget, again.decimals), (file.budget, file.decimals));
            assert_eq!(again.meta.0.len(), file.meta.0.len());
        }
    }
}

/// Choices are distinct projects of the file; ids stand once; points are as many as choices.
fn check_bounds(file: &Pabulib) {
    let ids: BTreeSet<_> = file.projects.iter().map(|project| &project.id).collect();
    assert_eq!(ids.len(), file.projects.len());
    let voters: BTreeSet<_> = file.ballots.iter().map(|ballot| &ballot.voter).collect();
    assert_eq!(voters.len(), file.ballots.len());
    for ballot in &file.ballots {
        let approvals = ballot.approvals();
        assert!(approvals.is_sorted_by(|one, next| one < next));
        assert_eq!(approvals.len(), ballot.choices.len());
        assert!(approvals.iter().all(|&choice| usize::from(choice) < file.projects.len()));
        let points = if file.vote_type.has_points() { ballot.choices.len() } else { 0 };
        assert_eq!(ballot.points.len(), points);
    }
}
