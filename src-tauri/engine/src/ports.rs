//! Which port the engine serves, and why not: the window's own listener, or the command line's.

use crate::api::port_of;
use crate::engine::Engine;
use crate::error::Error;
use crate::listener::Listener;
use crate::store::meta::{self, setting};
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What the engine knows of its port.
#[derive(Default)]
pub(crate) struct Ports {
    /// The window's, while it is switched on.
    listener: Mutex<Option<Listener>>,
    /// The command line's.
    served: Mutex<Option<(u16, Timestamp)>>,
    trouble: Mutex<Option<String>>,
}

/// What a port that was asked for comes to.
pub(crate) enum Taken {
    /// The port served already.
    Same,
    /// Another, taken and not yet told of.
    New(Listener),
    /// None.
    Off,
}

impl Taken {
    /// Gives the port back.
    pub(crate) fn give_up(self) {
        if let Self::New(listener) = self {
            listener.stop();
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Whether the workspace wants a port, and which.
    pub(crate) fn wanted_port(&self) -> Result<(bool, u16), Error> {
        let Some(workspace) = self.workspace() else { return Ok((false, port_of(None))) };
        workspace.store.read(|connection| {
            let wanted = meta::get(connection, setting::LOCAL_API)?.as_deref() == Some("on");
            Ok((wanted, port_of(meta::get(connection, setting::LOCAL_API_PORT)?)))
        })
    }

    /// The port served now, and since when.
    pub(crate) fn served(&self) -> Option<(u16, Timestamp)> {
        let own = lock(&self.ports().listener).as_ref().map(|listener| (listener.port(), listener.since()));
        own.or_else(|| *lock(&self.ports().served))
    }

    /// Notes which port this process is for: the command line's.
    pub(crate) fn note_served(&self, port: Option<u16>) {
        *lock(&self.ports().served) = port.map(|port| (port, self.now()));
    }

    /// Why the port that is wanted is not served.
    pub(crate) fn port_trouble(&self) -> Option<String> {
        lock(&self.ports().trouble).clone()
    }

    /// Takes a port without giving up the one before.
    ///
    /// # Errors
    /// Why it cannot be had.
    pub(crate) fn take_port(&self, port: Option<u16>) -> Result<Taken, String> {
        let Some(port) = port else { return Ok(Taken::Off) };
        if lock(&self.ports().listener).as_ref().is_some_and(|listener| listener.port() == port) {
            return Ok(Taken::Same);
        }
        Listener::start(port, self.clone()).map(Taken::New)
    }

    /// Serves what was taken in place of the port before.
    pub(crate) fn switch_port(&self, taken: Taken) {
        *lock(&self.ports().trouble) = None;
        let previous = match taken {
            Taken::Same => None,
            Taken::New(listener) => lock(&self.ports().listener).replace(listener),
            Taken::Off => lock(&self.ports().listener).take(),
        };
        if let Some(previous) = previous {
            previous.stop();
        }
    }

    /// Serves the port that the workspace wants, if this is the window. A busy one keeps nobody from working: it is told.
    pub(crate) fn serve_wanted_port(&self) {
        if self.door() != "window" {
            return;
        }
        let Ok((wanted, port)) = self.wanted_port() else { return };
        match self.take_port(wanted.then_some(port)) {
            Ok(taken) => self.switch_port(taken),
            Err(why) => {
                tracing::warn!(port, "the local API's port could not be taken");
                self.switch_port(Taken::Off);
                *lock(&self.ports().trouble) = Some(format!("The port {port} {why}."));
            }
        }
    }
}
