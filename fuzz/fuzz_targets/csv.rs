//! Feeds `veche_fuzz::csv` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::csv::holds(data));
