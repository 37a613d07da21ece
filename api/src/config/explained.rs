//! The configuration as a file that explains itself: every setting with a line above it.
//!
//! Not here: reading it back ([`super::layers`]).

use std::fmt::Write as _;

use toml::Table;

use super::Config;

/// Settings of one section: key, and what it means.
type Keys = &'static [(&'static str, &'static str)];

const SERVER: Keys = &[
    ("listen", "Address and port; port 0 takes a free one. A proxy that speaks TLS goes in front."),
    ("data", "The directory with the log key and the store."),
    ("port_file", "A file to write the port into, once it is open."),
    ("passphrase_file", "A file whose first line opens the log key."),
    ("public_url", "Address under which people reach this server, shown on the first page."),
    ("threads", "Threads that speak HTTP; 0 for one per core."),
];

const LIMITS: Keys = &[
    ("connections", "Connections at a time; some 20 KiB each."),
    ("connections_per_address", "Connections at a time from one address (IPv6: one /64)."),
    ("requests", "Requests being answered at a time; at most 128 KiB each."),
    ("header_seconds", "For a request's head to arrive, or an idle connection to be used again."),
    ("request_seconds", "For the whole of a request: body, judgement, answer."),
    ("stall_seconds", "How long a client may take nothing of its answer."),
    ("grace_seconds", "For requests in flight when the server shuts down."),
    ("reads", "Reads of the store at a time; at most 16 MiB each."),
    ("files_mebibytes", "Public files on their way to clients at a time."),
];

const RATE: Keys = &[
    ("writes_per_minute", "Requests that write, from one address; 0 for no bound."),
    ("burst", "Requests that one address may send at once."),
];

const ENGINE: Keys = &[
    ("verifiers", "Threads that verify ballots; 0 for one per core."),
    ("desks", "Threads that check entries of staff."),
    ("ballot_queue", "Ballots that may wait."),
    ("act_queue", "Entries of staff that may wait."),
    ("anchor_seconds", "Between two anchors of logs that move."),
    ("drafts", "Drafts that may wait for signatures."),
    ("draft_seconds", "Age at which a draft is dropped."),
];

const STORE: Keys =
    &[("free_space_floor", "Bytes that stay free on the disk: below this nothing is taken in.")];

const WITNESS: Keys = &[
    ("policy", "A C2SP tlog-policy: the witnesses, their addresses, the quorum."),
    ("without_quorum", "Heads that too few have cosigned: hold-back, or publish."),
    ("interval_milliseconds", "Between two rounds; a poll may announce a shorter interval."),
    ("timeout_seconds", "For a witness to answer."),
    ("refresh_seconds", "After which a head that has not moved is cosigned anew."),
];

const TRACE: Keys = &[
    ("filter", "error, warn, info, debug, or a list such as info,veche_api=debug."),
    ("format", "text for people, json for machines."),
];

const SECTIONS: [(&str, Keys); 7] = [
    ("server", SERVER),
    ("limits", LIMITS),
    ("rate", RATE),
    ("engine", ENGINE),
    ("store", STORE),
    ("witness", WITNESS),
    ("trace", TRACE),
];

impl Config {
    /// The configuration as a file would have it, each setting explained; what is not set stands
    /// there as a comment.
    pub fn to_toml(&self) -> String {
        let table = Table::try_from(self).expect("sections of plain values are always written");
        let mut text = String::new();
        for (section, keys) in SECTIONS {
            let between = if text.is_empty() { "" } else { "\n" };
            writeln!(text, "{between}[{section}]").expect("a string takes every text");
            for (key, words) in keys {
                let line = match table.get(section).and_then(|values| values.get(key)) {
                    Some(value) => format!("# {words}\n{key} = {value}\n"),
                    None => format!("# {words}\n# {key} = \"\"\n"),
                };
                text.push_str(&line);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_explained_and_nothing_else() {
        let mut config = Config::default();
        config.server.port_file = Some("port".into());
        config.server.passphrase_file = Some("passphrase".into());
        config.server.public_url = Some("https://vote.example.org".to_owned());
        config.witness.policy = Some("policy".into());
        let table = Table::try_from(&config).unwrap();
        let sections: Vec<_> = SECTIONS.iter().map(|(section, _)| *section).collect();
        assert_eq!(table.len(), sections.len());
        for (section, keys) in SECTIONS {
            let mut explained: Vec<_> = keys.iter().map(|(key, _)| *key).collect();
            explained.sort_unstable();
            let settings = table[section].as_table().unwrap().keys();
            assert!(settings.eq(explained), "[{section}]");
        }
        assert_eq!(toml::from_str::<Config>(&config.to_toml()).unwrap(), config);
        let default = Config::default().to_toml();
        assert_eq!(toml::from_str::<Config>(&default).unwrap(), Config::default());
        assert!(default.contains("\n# public_url = \"\"\n"), "{default}");
    }
}
