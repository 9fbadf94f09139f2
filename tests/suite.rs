//! One binary for every test that goes through the public doors.

mod doors;
mod faults;
mod tidy;
