//! Feeds `veche_fuzz::checkpoint` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::checkpoint::holds(data));
