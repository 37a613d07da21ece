//! The vectors under `spec/vectors/`, as this generator makes them: the same bytes in every run.
//!
//! A vector is a JSON file named by what it shows, a negative one by its defect. Every
//! implementation eats the same folder. Count vectors of the first three rules and the signatures
//! of other projects are not made here: they come from oracles.

pub mod count;
pub mod entry;
pub mod log;
pub mod recount;
pub mod sealed;
pub mod submit;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Files by their path below `spec/vectors/`.
pub type Files = BTreeMap<PathBuf, Value>;

/// Every generated vector.
pub fn all() -> Files {
    let mut files = Files::new();
    count::make(&mut files);
    entry::make(&mut files);
    log::make(&mut files);
    recount::make(&mut files);
    sealed::make(&mut files);
    submit::make(&mut files);
    files
}

/// The bytes of a vector file.
pub fn render(vector: &Value) -> String {
    let mut text = serde_json::to_string_pretty(vector).expect("a JSON value has a text");
    text.push('\n');
    text
}

/// Folders whose vectors are all generated.
pub fn folders() -> Vec<&'static str> {
    [&["entry", "recount", "submit"][..], &count::FOLDERS, &log::FOLDERS, &sealed::FOLDERS].concat()
}

/// Every difference between the files on disk and the generated ones, as sentences.
pub fn differences(root: &Path) -> Vec<String> {
    let files = all();
    let mut found = Vec::new();
    for (path, vector) in &files {
        match std::fs::read_to_string(root.join(path)) {
            Ok(text) if text == render(vector) => {}
            Ok(_) => found.push(format!("{} is stale", path.display())),
            Err(error) => found.push(format!("{}: {error}", path.display())),
        }
    }
    for folder in folders() {
        let listed = std::fs::read_dir(root.join(folder)).into_iter().flatten().flatten();
        for file in listed {
            let path = Path::new(folder).join(file.file_name());
            if path.extension().is_some_and(|kind| kind == "json") && !files.contains_key(&path) {
                found.push(format!("{} is made by nothing", path.display()));
            }
        }
    }
    found
}

/// Brings the generated folders up to date. A file that is as it must be is not touched, so that
/// whoever reads the folders meanwhile finds them whole.
pub fn write(root: &Path) -> std::io::Result<usize> {
    let files = all();
    for folder in folders() {
        let path = root.join(folder);
        std::fs::create_dir_all(&path)?;
        for file in std::fs::read_dir(&path)? {
            let name = Path::new(folder).join(file?.file_name());
            // The README beside the vectors is written by hand.
            if name.extension().is_some_and(|kind| kind == "json") && !files.contains_key(&name) {
                std::fs::remove_file(root.join(name))?;
            }
        }
    }
    for (path, vector) in &files {
        let (path, text) = (root.join(path), render(vector));
        if !std::fs::read_to_string(&path).is_ok_and(|written| written == text) {
            std::fs::write(path, text)?;
        }
    }
    Ok(files.len())
}
