//! Feeds `veche_fuzz::bundle` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::bundle::holds(data));
