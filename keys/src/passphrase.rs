//! Where a passphrase comes from: a file, the environment, or the person at the terminal, in this
//! order. In a pipe nothing is asked.
//!
//! Not here: the option of the command line that names the file.

use std::io::{self, IsTerminal as _};
use std::path::Path;

use thiserror::Error;
use zeroize::Zeroizing;

use crate::private_file::{self, FileError};

/// The environment variable that holds a passphrase.
pub const VARIABLE: &str = "VECHE_PASSPHRASE";

/// Why there is no passphrase.
#[derive(Debug, Error)]
pub enum PassphraseError {
    /// The file that should hold it cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// No file, no variable, and no terminal.
    #[error("nobody is here to type a passphrase: set {VARIABLE} or --passphrase-file")]
    Unattended,
    /// The terminal does not answer.
    #[error("the terminal: {0}")]
    Terminal(io::Error),
    /// The person typed two different ones.
    #[error("the two passphrases differ")]
    Different,
    /// There is nothing in it.
    #[error("the passphrase is empty; for a key in clear use --plain")]
    Empty,
}

/// Whether a person is there to be asked.
pub fn is_attended() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The passphrase of a secret that exists: the first line of `file` if there is one.
pub fn existing(file: Option<&Path>, of: &Path) -> Result<Zeroizing<String>, PassphraseError> {
    match given(file)? {
        Some(passphrase) => Ok(passphrase),
        None => ask(&format!("Passphrase of {}: ", of.display())),
    }
}

/// A passphrase for a new secret: asked twice, not empty.
pub fn fresh(file: Option<&Path>, of: &Path) -> Result<Zeroizing<String>, PassphraseError> {
    let passphrase = if let Some(passphrase) = given(file)? {
        passphrase
    } else {
        let first = ask(&format!("Choose a passphrase for {}: ", of.display()))?;
        if *first != *ask("The same passphrase again: ")? {
            return Err(PassphraseError::Different);
        }
        first
    };
    if passphrase.is_empty() { Err(PassphraseError::Empty) } else { Ok(passphrase) }
}

/// The passphrase from the file or the environment.
fn given(file: Option<&Path>) -> Result<Option<Zeroizing<String>>, PassphraseError> {
    if let Some(file) = file {
        let text = Zeroizing::new(private_file::read_text(file)?);
        return Ok(Some(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned())));
    }
    Ok(std::env::var(VARIABLE).ok().map(Zeroizing::new))
}

fn ask(prompt: &str) -> Result<Zeroizing<String>, PassphraseError> {
    if !is_attended() {
        return Err(PassphraseError::Unattended);
    }
    rpassword::prompt_password(prompt).map(Zeroizing::new).map_err(PassphraseError::Terminal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_of_a_file_is_the_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phrase");
        std::fs::write(&file, "correct horse\nbattery\n").unwrap();
        for take in [existing, fresh] {
            assert_eq!(take(Some(&file), &file).unwrap().as_str(), "correct horse");
        }
    }

    #[test]
    fn a_new_secret_has_no_empty_passphrase() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("phrase");
        std::fs::write(&file, "\n").unwrap();
        assert!(existing(Some(&file), &file).unwrap().is_empty());
        assert!(matches!(fresh(Some(&file), &file), Err(PassphraseError::Empty)));
        let none = folder.path().join("none");
        assert!(matches!(existing(Some(&none), &file), Err(PassphraseError::File(_))));
    }
}
