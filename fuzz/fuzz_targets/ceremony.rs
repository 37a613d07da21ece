//! Feeds `veche_fuzz::ceremony` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::ceremony::holds(data));
