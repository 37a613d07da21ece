//! Feeds `veche_fuzz::witness` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::witness::holds(data));
