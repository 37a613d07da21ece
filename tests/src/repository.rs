//! Where things stand in this repository, for the tests that read it: the law, its vectors, the
//! sources.
//!
//! Not here: any knowledge of what the files mean.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// Folders that hold no source of ours.
const SKIPPED: [&str; 7] =
    [".git", "__pycache__", "artifacts", "corpus", "node_modules", "target", ".venv"];

/// The top of the checkout. Cargo and nextest both name the crate's folder when a test runs.
pub fn root() -> PathBuf {
    let crate_folder = env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    Path::new(&crate_folder).parent().expect("the crate is a folder of the repository").to_owned()
}

/// The text of a file, by its path from the root.
///
/// # Panics
/// When the file cannot be read or is not UTF-8: the tests cannot go on without it.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files below a folder whose name ends in `.extension`, as sorted paths from the root with
/// `/` between the parts. A folder that is not there holds none.
pub fn files(folder: &str, extension: &str) -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.expect("a folder that opens can be listed").path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !SKIPPED.contains(&name) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|found| found == extension) {
                found.push(from_root(&root, &path));
            }
        }
    }
    found.sort();
    found
}

/// The test vectors in one folder of `spec/vectors`, as (path from the root, JSON).
///
/// # Panics
/// When there are none, so that a moved folder does not pass as one without defects; and when one
/// is not JSON.
pub fn vectors(folder: &str) -> Vec<(String, serde_json::Value)> {
    let paths = files(&format!("spec/vectors/{folder}"), "json");
    assert!(!paths.is_empty(), "no vectors in spec/vectors/{folder}");
    let parse = |path: String| {
        let value = serde_json::from_str(&read(&path));
        let value = value.unwrap_or_else(|error| panic!("{path}: {error}"));
        (path, value)
    };
    paths.into_iter().map(parse).collect()
}

fn from_root(root: &Path, path: &Path) -> String {
    let inside = path.strip_prefix(root).expect("the walk began at the root");
    let parts: Vec<_> = inside.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{files, read, root};

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
        assert!(read("Cargo.toml").starts_with("[workspace]"));
    }

    #[test]
    fn files_are_found_by_extension_and_sorted() {
        let sources = files("tests/src", "rs");
        assert!(sources.contains(&"tests/src/repository.rs".to_owned()));
        assert!(sources.is_sorted());
        assert!(files("tests/src", "no-such-extension").is_empty());
        assert!(files("no-such-folder", "rs").is_empty());
    }
}
