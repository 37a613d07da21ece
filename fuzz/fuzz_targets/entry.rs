//! Feeds `veche_fuzz::entry` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::entry::holds(data));
