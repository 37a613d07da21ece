//! Feeds `veche_fuzz::blt` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::blt::holds(data));
