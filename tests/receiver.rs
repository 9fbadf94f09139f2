//! A receiver of webhooks on this device, which answers as a test tells it to.

use std::io::{BufRead as _, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, HeaderName, HeaderValue};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use serde_json::Value;

/// One message, as it came.
#[derive(Clone, Debug)]
pub struct Heard {
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Heard {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a message is JSON")
    }

    pub fn id(&self) -> &str {
        self.headers["webhook-id"].to_str().expect("an id")
    }
}

/// What to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Say {
    /// This status.
    Status(u16),
    /// Nothing: the connection is closed.
    HangUp,
}

type Decide = dyn Fn(&Heard) -> Say + Send + Sync;

/// The receiver; it listens until it is dropped.
pub struct Receiver {
    pub port: u16,
    heard: Arc<Mutex<Vec<Heard>>>,
    ended: Arc<AtomicBool>,
}

impl Receiver {
    /// Listens on a free port.
    pub fn new(decide: impl Fn(&Heard) -> Say + Send + Sync + 'static) -> Self {
        Self::listen(None, decide)
    }

    /// Listens behind TLS, and takes everything that comes through it.
    pub fn secure(certificate: ServerConfig) -> Self {
        Self::listen(Some(Arc::new(certificate)), |_| Say::Status(200))
    }

    fn listen(secure: Option<Arc<ServerConfig>>, decide: impl Fn(&Heard) -> Say + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (heard, ended) = (Arc::<Mutex<Vec<Heard>>>::default(), Arc::new(AtomicBool::new(false)));
        let (kept, stop, decide): (_, _, Arc<Decide>) = (Arc::clone(&heard), Arc::clone(&ended), Arc::new(decide));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let (kept, decide, secure) = (Arc::clone(&kept), Arc::clone(&decide), secure.clone());
                thread::spawn(move || match secure.map(ServerConnection::new) {
                    None => serve(&stream, &kept, decide.as_ref()),
                    Some(Ok(secured)) => serve(StreamOwned::new(secured, stream), &kept, decide.as_ref()),
                    Some(Err(error)) => panic!("the certificate serves nobody: {error}"),
                });
            }
        });
        Self { port, heard, ended }
    }

    /// Takes everything.
    pub fn glad() -> Self {
        Self::new(|_| Say::Status(200))
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// Everything heard so far.
    pub fn all(&self) -> Vec<Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits for this many messages.
    pub fn wait_for(&self, count: usize, why: &str) -> Vec<Heard> {
        let begun = Instant::now();
        loop {
            let all = self.all();
            if all.len() >= count {
                return all;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{why}: {} of {count} messages came", all.len());
            thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the thread that waits for a connection.
        let _ = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port));
    }
}

fn serve(mut stream: impl Read + Write, kept: &Mutex<Vec<Heard>>, decide: &Decide) {
    let Some(heard) = read(&mut stream) else { return };
    let say = decide(&heard);
    kept.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
    if let Say::Status(status) = say {
        // A sender that was killed meanwhile hears nothing.
        let _ = write!(stream, "HTTP/1.1 {status} So\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
}

/// One request, if it is whole.
fn read(stream: impl Read) -> Option<Heard> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut headers = HeaderMap::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        headers.insert(HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?);
    }
    let length = headers.get("content-length")?.to_str().ok()?.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Heard { headers, body })
}
