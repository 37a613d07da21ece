//! Feeds `veche_fuzz::archive` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::archive::holds(data));
