//! Over loopback: the product's router and a bare handler, each in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::time::Duration;

use axum::Router;
use axum::http::header;
use axum::routing::get;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::load::{Target, Used, load};
use crate::product::listen;
use crate::report::{Goal, Report};

const WINDOW: Duration = Duration::from_millis(500);
const ROUNDS: u32 = 5;

/// Answers the files of a folder from memory: `/0`, `/1` and so on.
pub fn serve_bare(folder: &Path) -> ExitCode {
    let mut router = Router::new();
    for number in 0.. {
        let Ok(bytes) = std::fs::read(folder.join(number.to_string())) else {
            break;
        };
        let bytes = Bytes::from(bytes);
        router = router.route(
            &format!("/{number}"),
            get(move || {
                let bytes = bytes.clone();
                async move { ([(header::CONTENT_TYPE, "application/json")], bytes) }
            }),
        );
    }
    listen(router)
}

/// A server of ours, ended when dropped.
struct Served {
    child: Child,
    port: u16,
    /// What every request carries.
    headers: String,
}

impl Served {
    fn start(words: &[&str], path: &Path) -> Result<Self, String> {
        let own = std::env::current_exe().map_err(|e| format!("this program has no path: {e}"))?;
        let mut child = Command::new(own)
            .args(words)
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|e| format!("a server does not start: {e}"))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).map_err(|e| format!("a server says nothing: {e}"))?;
        }
        let mut served = Self { child, port: 0, headers: String::new() };
        let mut words = line.split_whitespace();
        let port = words.next().and_then(|port| port.parse().ok());
        served.port = port.ok_or("a server did not name its port")?;
        served.headers = format!("host: 127.0.0.1:{}\r\n", served.port);
        if let Some(code) = words.next() {
            let code = json!({"code": code}).to_string();
            let signed: Value =
                serde_json::from_slice(&served.fetch("POST", "/v1/auth/link", &code)?).map_err(|e| format!("no session: {e}"))?;
            let token = signed["token"].as_str().ok_or("no session")?;
            served.headers += &format!("authorization: Bearer {token}\r\n");
        }
        Ok(served)
    }

    fn target(&self, paths: Vec<String>) -> Target {
        Target { port: self.port, pid: self.child.id(), paths, headers: self.headers.clone() }
    }

    /// One request on a connection of its own.
    fn fetch(&self, method: &str, path: &str, body: &str) -> Result<Vec<u8>, String> {
        let failed = |e: std::io::Error| format!("{path}: {e}");
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).map_err(failed)?;
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{}content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            self.headers,
            body.len()
        );
        stream.write_all(request.as_bytes()).map_err(failed)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).map_err(failed)?;
        let split = answer.windows(4).position(|w| w == b"\r\n\r\n");
        let split = split.ok_or(format!("{path}: no answer"))?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            return Err(format!("{path}: {}", String::from_utf8_lossy(&answer)));
        }
        Ok(answer[split + 4..].to_vec())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Ended already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Case {
    name: &'static str,
    paths: Vec<String>,
    goal: f64,
}

/// Every read, with 1 and with 16 connections.
pub fn reads(file: &Path, folder: &Path, report: &mut Report) -> Result<(), String> {
    let product = Served::start(&["serve"], file)?;
    let cases = cases(&product)?;
    let bare_folder = folder.join("bare");
    std::fs::create_dir_all(&bare_folder).map_err(|e| format!("{}: {e}", bare_folder.display()))?;
    for (number, case) in cases.iter().enumerate() {
        let bytes = product.fetch("GET", &case.paths[0], "")?;
        std::fs::write(bare_folder.join(number.to_string()), bytes).map_err(|e| e.to_string())?;
    }
    let bare = Served::start(&["bare"], &bare_folder)?;
    for (number, case) in cases.iter().enumerate() {
        let targets = [bare.target(vec![format!("/{number}")]), product.target(case.paths.clone())];
        for connections in [1, 16] {
            let mut used = [Used::default(); 2];
            for target in &targets {
                load(target, connections, WINDOW / 2)?;
            }
            for _ in 0..ROUNDS {
                for (used, target) in used.iter_mut().zip(&targets) {
                    used.add(load(target, connections, WINDOW)?);
                }
            }
            let [bare, product] = used;
            let plural = if connections == 1 { "connection" } else { "connections" };
            report.row(
                "over loopback",
                &format!("{}, {connections} {plural}", case.name),
                &format!("{:.1} µs CPU, {:.0}/s", product.cpu_each(), product.rate()),
                &format!("bare {:.1} µs CPU, {:.0}/s", bare.cpu_each(), bare.rate()),
                bare.cpu_each() / product.cpu_each(),
                Goal::AtLeast(case.goal),
            );
        }
    }
    Ok(())
}

fn cases(product: &Served) -> Result<Vec<Case>, String> {
    let mut pages = vec!["/v1/risks?limit=50".to_owned()];
    let mut ids = Vec::new();
    // Enough different pages that none is answered from what was kept.
    while pages.len() < 2_000 {
        let page: Value =
            serde_json::from_slice(&product.fetch("GET", &pages[pages.len() - 1], "")?).map_err(|e| format!("a page is no JSON: {e}"))?;
        if ids.len() < 1_000 {
            let data = page["data"].as_array().ok_or("a page has no data")?;
            ids.extend(data.iter().filter_map(|risk| risk["id"].as_str().map(str::to_owned)));
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => pages.push(format!("/v1/risks?limit=50&cursor={cursor}")),
            None => break,
        }
    }
    let deep = pages[pages.len() * 9 / 10].clone();
    Ok(vec![
        Case { name: "list page of 50, unchanged", paths: vec![pages[0].clone()], goal: 0.9 },
        Case { name: "list page of 50, live", paths: pages, goal: 0.5 },
        Case { name: "deep page at nine tenths, unchanged", paths: vec![deep], goal: 0.9 },
        Case { name: "read one", paths: ids.iter().map(|id| format!("/v1/risks/{id}")).collect(), goal: 0.6 },
        Case { name: "heatmap", paths: vec!["/v1/risks/heatmap".to_owned()], goal: 0.9 },
    ])
}
