//! The app in its real window, worked by pointer and keyboard as a person does.
#![cfg(target_os = "linux")]

mod documents;
mod first_run;
mod frame;
mod french;
mod imports;
mod incidents;
mod local_api;
mod policy;
mod risks;
mod stage;
mod window;
