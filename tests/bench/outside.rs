//! Over loopback: the product's server and a bare axum handler that answers the same bytes, each in a process of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode, header};
use axum::routing::get;
use bytes::Bytes;
use serde_json::{Value, json};

use crate::load::{Target, Used, load};
use crate::product::listen;
use crate::report::{Goal, Report};
use crate::seed;

const WINDOW: Duration = Duration::from_millis(250);
const ROUNDS: u32 = 10;
/// Requests of one key, below the limit of a minute.
const OF_ONE_KEY: u64 = 900;

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
            get({
                let bytes = bytes.clone();
                move || {
                    let bytes = bytes.clone();
                    async move { ([(header::CONTENT_TYPE, "application/json")], bytes) }
                }
            })
            .fallback(move |method: Method, _: Bytes| {
                let bytes = bytes.clone();
                let status = if method == Method::POST { StatusCode::CREATED } else { StatusCode::OK };
                async move { (status, [(header::CONTENT_TYPE, "application/json")], bytes) }
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

    fn target(&self, asked: &[Asked]) -> Target {
        let written = |asked: &Asked| {
            let headers = asked.bearer.as_ref().map_or_else(
                || self.headers.clone(),
                |token| format!("host: 127.0.0.1:{}\r\nauthorization: Bearer {token}\r\n", self.port),
            );
            let body = asked.body.as_deref().unwrap_or("");
            let kind = match asked.body {
                Some(_) => format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()),
                None => String::new(),
            };
            format!("{} {} HTTP/1.1\r\n{headers}accept: application/json\r\n{kind}\r\n{body}", asked.method, asked.path).into_bytes()
        };
        Target { port: self.port, pid: self.child.id(), requests: Arc::new(asked.iter().map(written).collect()) }
    }

    /// As [`Served::fetch`], as JSON.
    fn json(&self, method: &str, path: &str, body: &str) -> Result<Value, String> {
        serde_json::from_slice(&self.fetch(method, path, body)?).map_err(|e| format!("{path} is no JSON: {e}"))
    }

    /// Tokens of so many keys, each of which has a limit of its own.
    fn tokens(&self, count: u64) -> Result<Vec<String>, String> {
        let word = |value: &Value, name: &str| value[name].as_str().map(str::to_owned).ok_or(format!("no {name}"));
        (0..count)
            .map(|number| {
                let made = self.json("POST", "/v1/keys", &json!({"name": format!("bench {number}"), "role": "viewer"}).to_string())?;
                let asked = json!({"api_key": word(&made, "api_key")?, "secret": word(&made, "secret")?});
                word(&self.json("POST", "/v1/auth/token", &asked.to_string())?, "token")
            })
            .collect()
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
        if !answer.starts_with(b"HTTP/1.1 20") {
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

/// One request.
#[derive(Clone)]
struct Asked {
    method: &'static str,
    path: String,
    body: Option<String>,
    /// A token other than the session's.
    bearer: Option<String>,
}

impl Asked {
    fn get(path: impl Into<String>) -> Self {
        Self { method: "GET", path: path.into(), body: None, bearer: None }
    }
}

struct Case {
    name: &'static str,
    asked: Vec<Asked>,
    goal: Goal,
}

/// Every kind of request, with 1 and with 16 connections.
pub fn requests(file: &Path, folder: &Path, only: &str, report: &mut Report) -> Result<(), String> {
    let product = Served::start(&["serve"], file)?;
    let mut cases = cases(&product)?;
    cases.retain(|case| case.name.contains(only));
    let bare_folder = folder.join("bare");
    std::fs::create_dir_all(&bare_folder).map_err(|e| format!("{}: {e}", bare_folder.display()))?;
    for (number, case) in cases.iter().enumerate() {
        let first = &case.asked[0];
        let bytes = product.fetch(first.method, &first.path, first.body.as_deref().unwrap_or(""))?;
        std::fs::write(bare_folder.join(number.to_string()), bytes).map_err(|e| e.to_string())?;
    }
    let bare = Served::start(&["bare"], &bare_folder)?;
    for (number, case) in cases.iter().enumerate() {
        let same = case.asked.iter().map(|asked| Asked { path: format!("/{number}"), ..asked.clone() }).collect::<Vec<_>>();
        compare(report, case.name, ("bare", &bare.target(&same)), &product.target(&case.asked), case.goal)?;
    }
    if TOKEN_CHECKED.contains(only) { token_checked(&product, report) } else { Ok(()) }
}

const TOKEN_CHECKED: &str = "list page of 50, unchanged, token-checked";

/// The token's part of a request: the same route with the tokens of API keys (signature, revocation, limit, use), and open
/// to the person at this device.
fn token_checked(product: &Served, report: &mut Report) -> Result<(), String> {
    let path = "/v1/risks?limit=50";
    let open = product.target(&[Asked::get(path)]);
    for connections in [1, 16] {
        // As many keys as no limit stops.
        let rate = load(&open, connections, WINDOW)?.rate();
        let wanted = rate * WINDOW.as_secs_f64() * f64::from(ROUNDS + 1) * 1.5;
        let keys = product.tokens(wanted as u64 / OF_ONE_KEY + 1)?;
        let asked: Vec<Asked> = keys.into_iter().map(|token| Asked { bearer: Some(token), ..Asked::get(path) }).collect();
        alternate(report, TOKEN_CHECKED, connections, ("open", &open), &product.target(&asked), Goal::AtLeast(0.97))?;
    }
    Ok(())
}

fn compare(report: &mut Report, name: &str, other: (&str, &Target), product: &Target, goal: Goal) -> Result<(), String> {
    [1, 16].into_iter().try_for_each(|connections| alternate(report, name, connections, other, product, goal))
}

fn alternate(
    report: &mut Report,
    name: &str,
    connections: usize,
    (word, other): (&str, &Target),
    product: &Target,
    goal: Goal,
) -> Result<(), String> {
    let mut used = [Used::default(); 2];
    for target in [other, product] {
        load(target, connections, WINDOW / 2)?;
    }
    for _ in 0..ROUNDS {
        for (used, target) in used.iter_mut().zip([other, product]) {
            used.add(load(target, connections, WINDOW)?);
        }
    }
    let [other, product] = used;
    let plural = if connections == 1 { "connection" } else { "connections" };
    report.row(
        "over loopback",
        &format!("{name}, {connections} {plural}"),
        &format!("{:.1} µs CPU, {:.0}/s", product.cpu_each(), product.rate()),
        &format!("{word} {:.1} µs CPU, {:.0}/s", other.cpu_each(), other.rate()),
        other.cpu_each() / product.cpu_each(),
        goal,
    );
    Ok(())
}

fn cases(product: &Served) -> Result<Vec<Case>, String> {
    // Enough different pages that none is answered from what was kept.
    const PAGES: usize = 2_000;
    let walk = |step: usize, most: usize| -> Result<(Vec<String>, Vec<String>), String> {
        let (mut pages, mut ids) = (vec!["/v1/risks?limit=50".to_owned()], Vec::new());
        let mut next = format!("/v1/risks?limit={step}");
        while pages.len() < most {
            let page = product.json("GET", &next, "")?;
            let data = page["data"].as_array().ok_or("a page has no data")?;
            ids.extend(data.iter().filter_map(|risk| risk["id"].as_str().map(str::to_owned)));
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            pages.push(format!("/v1/risks?limit=50&cursor={cursor}"));
            next = format!("/v1/risks?limit={step}&cursor={cursor}");
        }
        Ok((pages, ids))
    };
    let all = |paths: &[String]| paths.iter().map(Asked::get).collect::<Vec<_>>();
    // The newest 1,000 risks from each of them on, and every risk once.
    let (hot, ids) = walk(1, PAGES / 2)?;
    let (pages, _) = walk(50, PAGES)?;
    let deep = pages[pages.len() * 9 / 10].clone();
    let update = |(number, id): (usize, &String)| {
        let step = number / ids.len();
        let body = json!({"likelihood": 1 + step % 5, "impact": 1 + step / 5 % 5}).to_string();
        Asked { method: "PUT", path: format!("/v1/risks/{id}"), body: Some(body), bearer: None }
    };
    let create = |number| Asked { method: "POST", path: "/v1/risks".to_owned(), body: Some(seed::risk(number).to_string()), bearer: None };
    Ok(vec![
        Case { name: "list page of 50, unchanged", asked: all(&pages[..1]), goal: Goal::AtLeast(0.9) },
        Case { name: "deep page at nine tenths, unchanged", asked: all(&[deep]), goal: Goal::AtLeast(0.9) },
        Case { name: "list page of 50, live, its rows in the page cache", asked: all(&hot), goal: Goal::AtLeast(0.5) },
        Case { name: "list page of 50, live, through all risks, deciphered anew", asked: all(&pages), goal: Goal::None },
        Case { name: "read one", asked: ids.iter().map(|id| Asked::get(format!("/v1/risks/{id}"))).collect(), goal: Goal::AtLeast(0.6) },
        Case { name: "heatmap", asked: vec![Asked::get("/v1/risks/heatmap")], goal: Goal::AtLeast(0.9) },
        // Rounds over the same risks, each with other values, so that every request is a change.
        Case {
            name: "update, durable",
            asked: ids.iter().cycle().take(ids.len() * 25).enumerate().map(update).collect(),
            goal: Goal::None,
        },
        Case { name: "create, durable", asked: (0..1_000).map(create).collect(), goal: Goal::None },
    ])
}
