//! Feeds `veche_fuzz::store_model` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::store_model::holds(data));
