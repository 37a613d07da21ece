//! Feeds `veche_fuzz::sealed` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::sealed::holds(data));
