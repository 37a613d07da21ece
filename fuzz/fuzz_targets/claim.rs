//! Feeds `veche_fuzz::claim` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::claim::holds(data));
