//! A load generator: blocking connections, one request at a time on each, requests prepared beforehand.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crate::usage;

/// What one window of load used.
#[derive(Clone, Copy, Debug, Default)]
pub struct Used {
    /// Requests answered.
    pub requests: u64,
    /// CPU time of the server.
    pub cpu: Duration,
    /// How long it lasted.
    pub wall: Duration,
}

impl Used {
    /// Adds another window.
    pub fn add(&mut self, other: Self) {
        self.requests += other.requests;
        self.cpu += other.cpu;
        self.wall += other.wall;
    }

    /// Microseconds of CPU for each request.
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / self.requests as f64
    }

    /// Requests each second.
    pub fn rate(&self) -> f64 {
        self.requests as f64 / self.wall.as_secs_f64()
    }
}

/// A server to load: its port, its process, and what is asked of it in turn.
pub struct Target {
    /// On the loopback address.
    pub port: u16,
    /// Whose CPU time counts.
    pub pid: u32,
    /// Whole requests, sent one after the other.
    pub requests: Arc<Vec<Vec<u8>>>,
}

/// Loads `target` from `connections` connections for `time`.
pub fn load(target: &Target, connections: usize, time: Duration) -> Result<Used, String> {
    let stop = Arc::new(AtomicBool::new(false));
    let next = Arc::new(AtomicU64::new(0));
    let mut open = Vec::new();
    for _ in 0..connections {
        let stream = TcpStream::connect(("127.0.0.1", target.port))
            .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
            .map_err(|e| format!("no connection to port {}: {e}", target.port))?;
        open.push(stream);
    }
    let before = usage::cpu(target.pid);
    let begun = Instant::now();
    let threads: Vec<_> = open
        .into_iter()
        .map(|stream| {
            let (stop, next, requests) = (Arc::clone(&stop), Arc::clone(&next), Arc::clone(&target.requests));
            thread::spawn(move || ask(stream, &requests, &next, &stop))
        })
        .collect();
    thread::sleep(time);
    stop.store(true, Ordering::Relaxed);
    let mut answered = 0;
    for thread in threads {
        answered += thread.join().map_err(|_| "a connection panicked")??;
    }
    let wall = begun.elapsed();
    Ok(Used { requests: answered, cpu: usage::cpu(target.pid).saturating_sub(before), wall })
}

fn ask(stream: TcpStream, requests: &[Vec<u8>], next: &AtomicU64, stop: &AtomicBool) -> Result<u64, String> {
    let failed = |e: std::io::Error| format!("a connection broke: {e}");
    let mut writer = stream.try_clone().map_err(failed)?;
    let mut reader = BufReader::with_capacity(64 * 1024, stream);
    let mut answered = 0;
    let mut line = Vec::new();
    let mut body = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let number = next.fetch_add(1, Ordering::Relaxed) as usize % requests.len();
        writer.write_all(&requests[number]).map_err(failed)?;
        let mut length = 0;
        let mut status = true;
        loop {
            line.clear();
            reader.read_until(b'\n', &mut line).map_err(failed)?;
            let text = String::from_utf8_lossy(&line).to_ascii_lowercase();
            if std::mem::take(&mut status) && !text.starts_with("http/1.1 20") {
                return Err(format!("{} answered {}", String::from_utf8_lossy(&requests[number]), text.trim()));
            }
            if let Some(value) = text.strip_prefix("content-length:") {
                length = value.trim().parse().map_err(|_| "a length that is no number")?;
            }
            if line == b"\r\n" {
                break;
            }
        }
        body.resize(length, 0);
        reader.read_exact(&mut body).map_err(failed)?;
        answered += 1;
    }
    Ok(answered)
}
