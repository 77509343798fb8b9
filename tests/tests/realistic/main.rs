//! Functions as real programs have them (parsers, codecs, state machines, handlers), with suspension points
//! put in at will: the same results, the same effects, on inputs as they come.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

mod base64;
mod calc;
mod config;
mod diff;
mod handshake;
mod http;
mod json;
mod lines;
mod lz;
mod resp;
mod trie;
mod url;
