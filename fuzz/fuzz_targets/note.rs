//! Feeds `veche_fuzz::note` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::note::holds(data));
