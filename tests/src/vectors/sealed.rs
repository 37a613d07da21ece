//! Vectors of sealed polls (spec/ceremony.md, spec/sealing.md): what trustees deal, prove and
//! give, and what opens. The forms are in the READMEs of the two folders.
//!
//! Everything is computed here from the documents and the curve alone, not by the protocol's own
//! functions, which are judged by these vectors. Secrets come from names, so that they are the same
//! in every run. Not here: entries and logs.

mod ballot;
mod complaint;
mod paper;
pub(in crate::vectors) mod primitives;
mod share;
mod trustee;

use serde_json::Value;

use super::Files;

/// The folders of this module.
pub const FOLDERS: [&str; 2] = ["ceremony", "sealing"];

/// A vector and its name.
type Named = (String, Value);

/// Adds the vectors of this module.
pub fn make(files: &mut Files) {
    let chapters: [(&str, Vec<Named>); 4] = [
        ("ceremony", trustee::vectors()),
        ("ceremony", share::vectors()),
        ("ceremony", complaint::vectors()),
        ("sealing", ballot::vectors()),
    ];
    for (folder, vectors) in chapters {
        for (name, vector) in vectors {
            let double = files.insert(format!("{folder}/{name}.json").into(), vector);
            assert!(double.is_none(), "two vectors of the name {folder}/{name}");
        }
    }
}

/// A vector with some members changed.
fn with(base: &Value, changes: &[(&str, Value)]) -> Value {
    let mut vector = base.clone();
    for (member, value) in changes {
        vector[*member] = value.clone();
    }
    vector
}

/// A vector that is refused: `member` changed, and no `results`.
fn refused(base: &Value, changes: &[(&str, Value)], results: &[&str], code: &str) -> Value {
    let mut vector = with(base, changes);
    let members = vector.as_object_mut().expect("a vector is an object");
    for result in results {
        members.remove(*result);
    }
    members.insert("code".to_owned(), code.into());
    vector
}
