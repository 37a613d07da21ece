//! Putting a configuration together: a file, the environment, flags, each over the one before.
//!
//! Not here: what can be set ([`super`]).

use std::path::{Path, PathBuf};

use thiserror::Error;
use toml::{Table, Value};

use super::Config;

/// Before the names of the variables that count.
const PREFIX: &str = "VECHED_";

/// Why there is no configuration.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is no TOML, or sets what cannot be set; the message has the line.
    #[error("{}: {message}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What and where.
        message: String,
    },
    /// A variable or flag sets what cannot be set.
    #[error("{origin}: {message}")]
    Setting {
        /// The variable or flag.
        origin: String,
        /// What is wrong.
        message: String,
    },
}

/// A configuration that is being put together.
#[derive(Clone, Debug, Default)]
pub struct Layers(Table);

impl Layers {
    /// Puts a file over what is there.
    pub fn file(mut self, path: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::File { path: path.to_owned(), source })?;
        let fail = |error: toml::de::Error| ConfigError::Content {
            path: path.to_owned(),
            message: error.to_string(),
        };
        // Read as a whole first, for messages that quote the line.
        toml::from_str::<Config>(&text).map_err(fail)?;
        for (section, keys) in toml::from_str::<Table>(&text).map_err(fail)? {
            let Value::Table(keys) = keys else { continue };
            for (key, value) in keys {
                self.put(&section, &key, value);
            }
        }
        Ok(self)
    }

    /// Puts the variables `VECHED_<SECTION>_<KEY>` over what is there.
    pub fn environment(
        mut self,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut named: Vec<_> = variables
            .into_iter()
            .filter_map(|(name, value)| Some((name.strip_prefix(PREFIX)?.to_lowercase(), value)))
            .collect();
        named.sort();
        for (name, value) in named {
            let origin = format!("{PREFIX}{}", name.to_uppercase());
            let Some((section, key)) = name.split_once('_') else {
                let message = "a variable is named VECHED_<SECTION>_<KEY>".to_owned();
                return Err(ConfigError::Setting { origin, message });
            };
            self = self.checked(&origin, section, key, &value)?;
        }
        Ok(self)
    }

    /// Puts `section.key=value` over what is there.
    pub fn flag(self, setting: &str) -> Result<Self, ConfigError> {
        let origin = format!("--set {setting}");
        let parts = setting
            .split_once('=')
            .and_then(|(name, value)| Some((name.trim().split_once('.')?, value.trim())));
        let Some(((section, key), value)) = parts else {
            let message = "a setting is written section.key=value".to_owned();
            return Err(ConfigError::Setting { origin, message });
        };
        self.checked(&origin, section, key, value)
    }

    /// Puts one value that a flag of its own gives over what is there.
    #[must_use]
    pub fn value(mut self, section: &str, key: &str, value: Option<String>) -> Self {
        if let Some(value) = value {
            self.put(section, key, Value::String(value));
        }
        self
    }

    /// The configuration.
    pub fn finish(self) -> Result<Config, ConfigError> {
        let origin = "the configuration".to_owned();
        Config::deserialize_table(self.0)
            .map_err(|message| ConfigError::Setting { origin, message })
    }

    fn put(&mut self, section: &str, key: &str, value: Value) {
        let keys = self.0.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(keys) = keys {
            keys.insert(key.to_owned(), value);
        }
    }

    /// Puts a text where it fits: as the TOML value that it spells, or else as a text.
    fn checked(
        mut self,
        origin: &str,
        section: &str,
        key: &str,
        text: &str,
    ) -> Result<Self, ConfigError> {
        let spelled = toml::from_str::<Table>(&format!("value = {text}"))
            .ok()
            .and_then(|mut table| table.remove("value"));
        let plain = Value::String(text.to_owned());
        let mut message = String::new();
        for value in spelled.into_iter().chain([plain]) {
            let mut alone = Layers::default();
            alone.put(section, key, value.clone());
            match Config::deserialize_table(alone.0) {
                Ok(_) => {
                    self.put(section, key, value);
                    return Ok(self);
                }
                Err(error) if message.is_empty() => message = error,
                Err(_) => {}
            }
        }
        Err(ConfigError::Setting { origin: origin.to_owned(), message })
    }
}

impl Config {
    fn deserialize_table(table: Table) -> Result<Self, String> {
        table.try_into().map_err(|error: toml::de::Error| error.to_string().trim().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_layer_goes_over_the_one_before() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("veched.toml");
        std::fs::write(
            &file,
            "[limits]\nrequests = 1\nreads = 2\nconnections = 3\n[server]\nthreads = 7\n",
        )
        .unwrap();
        let config = Layers::default()
            .file(&file)
            .unwrap()
            .environment(variables(&[
                ("VECHED_LIMITS_READS", "20"),
                ("VECHED_LIMITS_CONNECTIONS", "30"),
                ("VECHED_SERVER_DATA", "/var/lib/veche"),
                ("VECHED_TRACE_FILTER", "debug"),
                ("PATH", "/bin"),
            ]))
            .unwrap()
            .flag("limits.connections=300")
            .unwrap()
            .value("server", "listen", Some("127.0.0.1:0".to_owned()))
            .value("server", "port_file", None)
            .finish()
            .unwrap();
        let limits = &config.limits;
        assert_eq!((limits.requests, limits.reads, limits.connections), (1, 20, 300));
        assert_eq!(config.server.listen.port(), 0);
        assert_eq!(config.server.threads, 7);
        assert_eq!(config.server.data, Path::new("/var/lib/veche"));
        assert_eq!(config.trace.filter, "debug");
        assert_eq!(config.rate, Config::default().rate);
    }

    #[test]
    fn what_cannot_be_set_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("veched.toml");
        std::fs::write(&file, "[limits]\nrequest = 1\n").unwrap();
        let error = Layers::default().file(&file).unwrap_err().to_string();
        assert!(error.contains("`request`") && error.contains("line 2"), "{error}");

        let unknown = variables(&[("VECHED_LIMITS_REQUEST", "1")]);
        let error = Layers::default().environment(unknown).unwrap_err().to_string();
        assert!(error.starts_with("VECHED_LIMITS_REQUEST: unknown field `request`"), "{error}");
        let unknown = variables(&[("VECHED_PORT", "1")]);
        let error = Layers::default().environment(unknown).unwrap_err().to_string();
        assert!(error.contains("VECHED_<SECTION>_<KEY>"), "{error}");

        for (setting, word) in [
            ("limit.requests=1", "unknown field `limit`"),
            ("limits.requests=many", "invalid type"),
            ("limits.requests=-1", "invalid value"),
            ("server.listen=nowhere", "invalid socket address"),
            ("limits.requests", "section.key=value"),
        ] {
            let error = Layers::default().flag(setting).unwrap_err().to_string();
            assert!(error.contains(word), "{setting}: {error}");
        }
    }

    #[test]
    fn what_is_printed_can_be_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("veched.toml");
        let config = Layers::default().flag("server.public_url=https://a.example").unwrap();
        let config = config.finish().unwrap();
        std::fs::write(&file, config.to_toml()).unwrap();
        assert_eq!(Layers::default().file(&file).unwrap().finish().unwrap(), config);
    }
}
