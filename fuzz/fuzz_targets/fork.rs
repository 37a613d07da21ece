//! Feeds `veche_fuzz::fork` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::fork::holds(data));
