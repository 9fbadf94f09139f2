//! The model of AMTIA Desktop and every rule of it.
//!
//! Pure: nothing here reads a clock, a file, the network, a random source or a database. Callers pass in ids and
//! times. One struct serves the domain, the wire and the OpenAPI document.

pub mod acceptance;
pub mod assessed_control;
pub mod assessment;
pub mod asset;
pub mod audit;
pub mod checks;
pub mod colour;
pub mod document;
pub mod finding;
pub mod framework;
pub mod gaps;
pub mod incident;
pub mod input;
pub mod matrix;
pub mod plan;
pub mod risk;
pub mod target;
pub mod time;
pub mod vulnerability;
pub mod webhook;
pub mod words;
pub mod workshop;

pub use input::{FieldProblem, Input, Problems};
