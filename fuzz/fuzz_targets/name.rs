//! Feeds `veche_fuzz::name` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::name::holds(data));
