//! One binary for every test that goes through the public doors.

mod api;
mod cli;
mod faults;
mod receiver;
mod tidy;
