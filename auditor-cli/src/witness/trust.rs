//! Which logs a witness knows, and by which keys.
//!
//! Not here: how its owner came to trust them. A key is taken at the owner's word.

use veche_protocol::breach::Breach;
use veche_protocol::log::note::{PublicKey, VerifierKey};
use veche_protocol::name::{LogPath, check_domain};
use veche_protocol::signature::Key;

/// The logs that a witness cosigns for.
#[derive(Clone, Debug, Default)]
pub struct TrustedLogs {
    logs: Vec<VerifierKey>,
    cities: Vec<(String, Key)>,
}

/// By which rule a log is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rule {
    /// It was named, so the owner has counted it.
    Named,
    /// It is one of the city of this domain, which makes as many as it likes.
    City(String),
}

/// What is known of one log: at least one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The keys, each under the name of the log.
    pub keys: Vec<VerifierKey>,
    /// By which rule.
    pub rule: Rule,
}

impl TrustedLogs {
    /// Trusts one log, whose origin is the name of the key. Only keys of type 01 sign logs.
    pub fn add_log(&mut self, key: VerifierKey) -> Result<(), Breach> {
        let PublicKey::Ed25519(_) = key.public_key() else { return Err(Breach::NoteUnsigned) };
        self.logs.push(key);
        Ok(())
    }

    /// Trusts a city, by the key of its register: every log that it has or will have.
    pub fn add_city(&mut self, register: &VerifierKey) -> Result<(), Breach> {
        let PublicKey::Ed25519(key) = register.public_key() else {
            return Err(Breach::NoteUnsigned);
        };
        let domain = register.name().strip_suffix("/register").ok_or(Breach::CheckpointOrigin)?;
        check_domain(domain).map_err(|_| Breach::CheckpointOrigin)?;
        self.cities.push((domain.to_owned(), *key));
        Ok(())
    }

    /// Whether no log is known at all.
    pub fn is_empty(&self) -> bool {
        self.logs.is_empty() && self.cities.is_empty()
    }

    /// What is known of the log with this origin.
    pub fn known(&self, origin: &str) -> Option<Known> {
        // WITNESS-6: a log that was named, or one of a city by the form of its name.
        let named: Vec<_> = self.logs.iter().filter(|key| key.name() == origin).cloned().collect();
        let rule = if named.is_empty() { Rule::City(domain(origin)?) } else { Rule::Named };
        let by_city = self.cities.iter().filter_map(|(domain, key)| {
            LogPath::of_origin(origin, domain)?;
            VerifierKey::ed25519(origin, *key).ok()
        });
        let mut keys: Vec<VerifierKey> = Vec::new();
        for key in named.into_iter().chain(by_city) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        (!keys.is_empty()).then_some(Known { keys, rule })
    }
}

/// The domain of an origin. It has no slash, so that no city can count as another.
fn domain(origin: &str) -> Option<String> {
    Some(origin.split_once('/')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use veche_protocol::signature::SigningKey;

    use super::*;

    fn key(name: &str, seed: u8) -> VerifierKey {
        VerifierKey::ed25519(name, SigningKey::from_seed(&[seed; 32]).key()).unwrap()
    }

    // WITNESS-6
    #[test]
    fn a_city_is_trusted_with_all_its_logs() {
        let mut trusted = TrustedLogs::default();
        trusted.add_city(&key("city.example/register", 1)).unwrap();
        for path in ["register", "poll/park", "roll/all-2026"] {
            let origin = format!("city.example/{path}");
            let keys = vec![key(&origin, 1)];
            let rule = Rule::City("city.example".to_owned());
            assert_eq!(trusted.known(&origin), Some(Known { keys, rule }), "{origin}");
        }
        for origin in [
            "city.example",
            "city.example/",
            "city.example/poll/",
            "city.example/poll/A",
            "city.example/poll/a/b",
            "city.example/anything",
            "other.example/register",
            "a.city.example/register",
            "xcity.example/register",
        ] {
            assert_eq!(trusted.known(origin), None, "{origin}");
        }
    }

    // WITNESS-6
    #[test]
    fn a_log_that_is_named_is_trusted_alone() {
        let mut trusted = TrustedLogs::default();
        assert!(trusted.is_empty());
        trusted.add_log(key("go.example/sum", 1)).unwrap();
        assert!(!trusted.is_empty());
        let known = trusted.known("go.example/sum").unwrap();
        assert_eq!((known.rule, known.keys), (Rule::Named, vec![key("go.example/sum", 1)]));
        assert_eq!(trusted.known("go.example/register"), None);
    }

    #[test]
    fn keys_of_both_rules_are_taken_together() {
        let mut trusted = TrustedLogs::default();
        trusted.add_city(&key("city.example/register", 1)).unwrap();
        trusted.add_city(&key("city.example/register", 2)).unwrap();
        trusted.add_log(key("city.example/poll/a", 3)).unwrap();
        trusted.add_log(key("city.example/poll/a", 1)).unwrap();
        let known = trusted.known("city.example/poll/a").unwrap();
        assert_eq!(known.rule, Rule::Named);
        assert_eq!(known.keys, [3, 1, 2].map(|seed| key("city.example/poll/a", seed)));
    }

    #[test]
    fn other_keys_are_refused() {
        let mut trusted = TrustedLogs::default();
        let cosigner =
            VerifierKey::cosignature("w.example", SigningKey::from_seed(&[1; 32]).key()).unwrap();
        assert_eq!(trusted.add_log(cosigner.clone()), Err(Breach::NoteUnsigned));
        assert_eq!(trusted.add_city(&cosigner), Err(Breach::NoteUnsigned));
        for name in ["city.example/poll/a", "city.example", "/register", "City/register"] {
            assert_eq!(trusted.add_city(&key(name, 1)), Err(Breach::CheckpointOrigin), "{name}");
        }
        assert!(trusted.is_empty());
    }
}
