//! Feeds `veche_fuzz::merkle` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::merkle::holds(data));
