//! The interface over real HTTP, on an engine in memory: every path and what it answers, and what
//! clients do who are slow, many, or gone.

mod city;
mod client;
mod openapi;
