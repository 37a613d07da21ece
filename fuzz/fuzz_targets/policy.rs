//! Feeds `veche_fuzz::policy` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::policy::holds(data));
