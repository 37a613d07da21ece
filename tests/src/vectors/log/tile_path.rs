//! Paths of public files: which a log of a size has, and which spellings are none.

use serde_json::{Value, json};

pub(super) fn vectors() -> Vec<(String, Value)> {
    let sizes: [(u64, &[&str]); 5] = [
        (0, &[]),
        (1, &["tile/0/000.p/1", "tile/entries/000.p/1"]),
        (256, &["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]),
        (
            600,
            &[
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/88",
                "tile/1/000.p/2",
                "tile/entries/000",
                "tile/entries/001",
                "tile/entries/002.p/88",
            ],
        ),
        (
            513,
            &[
                "tile/0/000",
                "tile/0/001",
                "tile/0/002.p/1",
                "tile/1/000.p/2",
                "tile/entries/000",
                "tile/entries/001",
                "tile/entries/002.p/1",
            ],
        ),
    ];
    let mut vectors: Vec<_> = sizes
        .iter()
        .map(|(size, files)| (format!("size_{size}"), json!({ "size": size, "files": files })))
        .collect();
    vectors.push(("spellings".to_owned(), spellings()));
    vectors
}

fn spellings() -> Value {
    json!({
        "tiles": {
            "tile/0/000": [0, 0, 256],
            "tile/0/273.p/112": [0, 273, 112],
            "tile/1/001.p/17": [1, 1, 17],
            "tile/0/x001/x234/067": [0, 1_234_067, 256],
            "tile/0/x001/000.p/255": [0, 1_000, 255],
            "tile/7/000.p/1": [7, 0, 1],
        },
        "bundles": {
            "tile/entries/000": [0, 256],
            "tile/entries/999.p/1": [999, 1],
            "tile/entries/x001/000": [1_000, 256],
        },
        "bad": [
            "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/000/", "tiles/0/000",
            "tile/8/000", "tile/00/000", "tile/+0/000", "tile/-1/000", "tile/a/000",
            "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/x000/001", "tile/0/001/000",
            "tile/0/x001", "tile/0/x001/x000", "tile/0/X001/000", "tile/0/000.p", "tile/0/000.p/",
            "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/1/",
            "tile/0/000.P/1", "tile/0/000.q/1", "tile/0/0a0", "tile/0/०००",
            "tile/0/../0/000", "tile/data/000", "tile/entries/00", "tile/entries/000.p/0",
            "tile/entries/000.p/256", "tile/entries/x000/000", "Checkpoint", "checkpoint/",

        ],
    })
}
