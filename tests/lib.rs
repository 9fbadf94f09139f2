//! Nothing here: the tests are in `suite.rs` and `window`.
