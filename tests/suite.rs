//! One binary for every test that goes through the public doors.

mod api;
mod cli;
mod command_line;
mod doors;
mod faults;
mod tidy;
