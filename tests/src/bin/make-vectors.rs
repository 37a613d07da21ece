//! Writes the generated vectors under `spec/vectors/`, or says with `--check` which are stale.

use std::path::Path;
use std::process::ExitCode;

use veche_tests::vectors;

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../spec/vectors");
    if std::env::args().nth(1).as_deref() == Some("--check") {
        let differences = vectors::differences(&root);
        for difference in &differences {
            eprintln!("spec/vectors/{difference}");
        }
        return if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE };
    }
    match vectors::write(&root) {
        Ok(count) => {
            println!("{count} vectors written");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("spec/vectors: {error}");
            ExitCode::FAILURE
        }
    }
}
