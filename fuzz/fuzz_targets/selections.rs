//! Feeds `veche_fuzz::selections` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::selections::holds(data));
