//! The loopback port of the window: on or off as the person at this device says, off to begin with.

use crate::engine::Engine;
use crate::serve::{Server, listen};
use jiff::Timestamp;
use std::net::{Ipv4Addr, TcpListener};
use std::thread::JoinHandle;
use tokio::sync::watch;

/// The port, unless another is chosen.
pub(crate) const PORT: u16 = 7411;

/// A port that is being served, on threads of its own.
pub(crate) struct Listener {
    port: u16,
    since: Timestamp,
    stop: watch::Sender<bool>,
    thread: JoinHandle<()>,
}

impl Listener {
    /// Takes the port and serves it.
    ///
    /// # Errors
    /// A sentence fragment that completes "the field `port` …".
    pub(crate) fn start(port: u16, engine: Engine) -> Result<Self, String> {
        let unusable = |cause: std::io::Error| match cause.kind() {
            std::io::ErrorKind::AddrInUse => "is in use by another program; choose another".to_owned(),
            std::io::ErrorKind::PermissionDenied => "is kept for the system; choose one from 1024 up".to_owned(),
            _ => format!("cannot be used: {cause}"),
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(unusable)?;
        listener.set_nonblocking(true).map_err(unusable)?;
        let (stop, mut stopped) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(unusable)?;
        let server = {
            let _within = runtime.enter();
            Server::from_std(listener).map_err(unusable)?
        };
        let (port, since) = (server.address.port(), engine.now());
        let run = move || {
            runtime.block_on(listen(server, engine, None, async move {
                let _ = stopped.wait_for(|stop| *stop).await;
            }));
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("amtia-port".into()).spawn(run).map_err(unusable)?;
        Ok(Self { port, since, stop, thread })
    }

    /// The port served.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// When it was taken.
    pub(crate) fn since(&self) -> Timestamp {
        self.since
    }

    /// Stops listening; requests under way are finished, for two seconds at most.
    pub(crate) fn stop(self) {
        self.stop.send_replace(true);
        let _ = self.thread.join();
    }
}
