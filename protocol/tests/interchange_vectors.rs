//! The files of `spec/vectors/interchange/` through the readers, and through the writers again.
//!
//! Not here: random ballots, which stand beside the readers, and any poll.
#![expect(clippy::unwrap_used, reason = "a test says what failed by stopping there")]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use veche_protocol::interchange::profile::{Entrant, Profile, WeightedBallot};
use veche_protocol::interchange::{blt, csv, pabulib, preflib};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors/interchange")
}

/// The vectors of a folder: names and what they say.
fn vectors(folder: &Path) -> Vec<(PathBuf, Value)> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let json = entries.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let parse = |path: PathBuf| {
        let vector: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        (folder.join(vector["file"].as_str().unwrap()), vector)
    };
    json.map(parse).collect()
}

/// The profile of a file, after it was written and read once more; or line and reason.
fn read(path: &Path) -> Result<Profile, (usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let extension = path.extension().unwrap().to_str().unwrap();
    let profiles = match (extension, preflib::Kind::from_name(extension)) {
        ("pb", _) => {
            let file = pabulib::parse(&text).map_err(|e| (e.line, e.reason.to_string()))?;
            let again = pabulib::parse(&file.write().unwrap()).unwrap();
            assert_eq!((&again.projects, &again.ballots), (&file.projects, &file.ballots));
            [file.profile(), again.profile()]
        }
        ("blt", _) => {
            let file = blt::parse(&text).map_err(|e| (e.line, e.reason.to_string()))?;
            let again = blt::parse(&file.write().unwrap()).unwrap();
            assert_eq!(again, file);
            [file.profile(), again.profile()]
        }
        ("csv", _) => {
            let file = csv::parse(&text).map_err(|e| (e.line, e.reason.to_string()))?;
            let again = csv::parse(&file.write().unwrap()).unwrap();
            assert_eq!(again, file);
            [file.profile(), again.profile()]
        }
        (_, kind) => {
            let file = preflib::parse(&text, kind).map_err(|e| (e.line, e.reason.to_string()))?;
            let again = preflib::parse(&file.write().unwrap(), kind).unwrap();
            assert_eq!(again, file);
            [file.profile(), again.profile()]
        }
    };
    let [first, second] = profiles;
    assert_eq!(first, second, "{}", path.display());
    Ok(first)
}

fn as_json(file: &Value, profile: &Profile) -> Value {
    let option = |option: &Entrant| {
        let Entrant { label, cost, is_withdrawn } = option;
        json!({ "label": label, "cost": cost, "withdrawn": is_withdrawn })
    };
    let ballot = |ballot: &WeightedBallot| {
        let WeightedBallot { weight, selection } = ballot;
        json!({ "weight": weight, "selection": selection })
    };
    json!({
        "file": file,
        "title": profile.title,
        "form": profile.form.to_string(),
        "options": profile.options.iter().map(option).collect::<Vec<_>>(),
        "ballots": profile.ballots.iter().map(ballot).collect::<Vec<_>>(),
    })
}

#[test]
fn every_file_is_read_as_its_vector_says() {
    let vectors = vectors(&folder());
    assert!(vectors.len() >= 16, "{} vectors", vectors.len());
    for (path, vector) in vectors {
        let profile = read(&path).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        assert_eq!(as_json(&vector["file"], &profile), vector, "{}", path.display());
    }
}

#[test]
fn every_defect_is_refused_with_its_line_and_reason() {
    let vectors = vectors(&folder().join("refused"));
    assert!(vectors.len() >= 25, "{} vectors", vectors.len());
    for (path, vector) in vectors {
        let (line, reason) = read(&path).expect_err(&path.display().to_string());
        assert_eq!(json!({ "file": vector["file"], "line": line, "reason": reason }), vector);
    }
}
