//! The app in its real window, worked by pointer and keyboard as a person does.
#![cfg(target_os = "linux")]

mod first_run;
mod frame;
mod imports;
mod incidents;
mod policy;
mod risks;
mod stage;
mod window;
