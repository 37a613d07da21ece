//! Names: domains, paths of logs, origins.

use serde_json::{Value, json};

pub(super) fn vectors() -> Vec<(String, Value)> {
    let long_domain = "a".repeat(180);
    let long_id = format!("poll/{}", "a".repeat(64));
    let domains = json!({
        "good": ["vote.example.org", "a", "0", "a.b", "x--y", "a..b", "127.0.0.1", long_domain],
        "bad": [
            "", ".a", "a.", "-a", "a-", "Vote.example.org", "a b", "a/b", "a_b", "a:8080",
            "bücher.example", "a\n", format!("{long_domain}a"),
        ],
    });
    let paths = json!({
        "good": [
            "register", "roll/residents", "roll/register", "poll/park-2026", "poll/0", "poll/a--b",
            long_id,
        ],
        "bad": [
            "", "/register", "register/", "Register", "roll", "roll/", "roll/-a", "roll/a-",
            "roll/A", "roll/a.b", "roll/a_b", "roll/a/b", "poll/../register", "poll/é", "crowd/a",
            "city/a", "poll//a", "poll/a\n", format!("{long_id}a"),
        ],
    });
    let domain = "vote.example.org";
    let origins = json!({
        "domain": domain,
        "good": {
            "vote.example.org/register": "register",
            "vote.example.org/roll/residents": "roll/residents",
            "vote.example.org/poll/park-2026": "poll/park-2026",
        },
        "bad": [
            "vote.example.com/register", "vote.example.org", "vote.example.org/",
            "vote.example.org/crowd/a", "vote.example.org//register", "vote.example.orgregister",
            "https://vote.example.org/register", "a.vote.example.org/register",
            "vote.example.org/register/",
        ],
    });
    [("domains", domains), ("paths", paths), ("origins", origins)]
        .map(|(name, vector)| (name.to_owned(), vector))
        .to_vec()
}
