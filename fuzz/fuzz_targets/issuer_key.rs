//! Feeds `veche_fuzz::issuer_key` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::issuer_key::holds(data));
