//! Feeds `veche_fuzz::cosignature` from LLVM's fuzzer.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| veche_fuzz::cosignature::holds(data));
