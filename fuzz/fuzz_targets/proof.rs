//! Feeds `veche_fuzz::proof` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::proof::holds(data));
