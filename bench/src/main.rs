//! `veche-bench`: the benchmarks of Veche, each line beside the limit measured in the same run.

use anyhow::Result;
use clap::Parser as _;
use veche_bench::Command;

fn main() -> Result<()> {
    Command::parse().run()
}
