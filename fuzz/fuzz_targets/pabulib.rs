//! Feeds `veche_fuzz::pabulib` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::pabulib::holds(data));
