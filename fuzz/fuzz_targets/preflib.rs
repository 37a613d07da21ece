//! Feeds `veche_fuzz::preflib` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::preflib::holds(data));
