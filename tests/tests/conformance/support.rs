//! Reads vectors from `spec/vectors/`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// `spec/vectors/`.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors")
}

/// The vectors of a folder: name and content, ascending by name.
pub(crate) fn read_folder(folder: &str) -> Vec<(String, Value)> {
    let mut vectors: Vec<_> = std::fs::read_dir(root().join(folder))
        .unwrap()
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (format!("{folder}/{name}"), serde_json::from_str(&text).unwrap())
        })
        .collect();
    vectors.sort_by(|left, right| left.0.cmp(&right.0));
    vectors
}

/// A field of bytes in hex.
pub(crate) fn bytes(vector: &Value, field: &str) -> Vec<u8> {
    hex::decode(vector[field].as_str().unwrap()).unwrap()
}

/// A value of bytes in base64.
pub(crate) fn base64(value: &Value) -> Vec<u8> {
    STANDARD.decode(value.as_str().unwrap()).unwrap()
}

/// The vector in the file of this name, below `spec/vectors/`.
pub(crate) fn read_vector(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(root().join(name)).unwrap()).unwrap()
}
