//! serve: one line when ready, a clean stop, one at a time.

use super::{Place, Said};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(30);

/// A running `amtia serve`, with everything it said so far.
pub struct Serving {
    child: Child,
    pub ready: Value,
    links: mpsc::Receiver<String>,
    err: Option<JoinHandle<String>>,
    out: Option<JoinHandle<String>>,
}

impl Serving {
    pub fn start(place: &Place, environment: &[(&str, &str)]) -> Self {
        let mut command = place.command(&["serve", "W.amtia", "--port", "0"]);
        let mut child =
            command.envs(environment.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("amtia starts");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe"));
        let messages = BufReader::new(child.stderr.take().expect("a pipe"));
        let (sender, links) = mpsc::channel();
        let err = std::thread::spawn(move || {
            let mut all = String::new();
            for line in messages.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once("#code=") {
                    let _ = sender.send(rest.split_whitespace().next().unwrap_or("").to_owned());
                }
                all.push_str(&line);
                all.push('\n');
            }
            all
        });
        let mut first = String::new();
        lines.read_line(&mut first).expect("a line");
        let ready = serde_json::from_str(&first).unwrap_or_else(|cause| panic!("one JSON line ({cause}): {first:?}"));
        let out = std::thread::spawn(move || {
            let mut rest = String::new();
            let _ = lines.read_to_string(&mut rest);
            first + &rest
        });
        Self { child, ready, links, err: Some(err), out: Some(out) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.ready["url"].as_str().expect("an address"))
    }

    pub fn link(&self) -> String {
        self.links.recv_timeout(PATIENCE).expect("a one-time link on stderr")
    }

    /// Asks it to stop; its exit code, stdout and stderr.
    pub fn stop(mut self) -> Said {
        let asked = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().expect("kill runs");
        assert!(asked.success(), "it still runs");
        let begun = Instant::now();
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("waited for") {
                break status;
            }
            assert!(begun.elapsed() < PATIENCE, "it stops when asked");
            std::thread::sleep(Duration::from_millis(10));
        };
        let said = |handle: Option<JoinHandle<String>>| handle.and_then(|handle| handle.join().ok()).unwrap_or_default();
        Said { code: status.code(), out: said(self.out.take()), err: said(self.err.take()) }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub fn post(url: &str, token: Option<&str>, body: &Value) -> (u16, Value) {
    let mut request = ureq::post(url).config().http_status_as_error(false).build().header("content-type", "application/json");
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(body.to_string()).expect("an answer");
    let text = answer.body_mut().read_to_string().expect("a body");
    (answer.status().as_u16(), serde_json::from_str(&text).unwrap_or(Value::Null))
}

#[test]
fn serve_prints_one_line_serves_and_stops_clean_on_sigterm() {
    let place = Place::made();
    let serving = Serving::start(&place, &[]);
    let (url, ui) = (serving.ready["url"].as_str().expect("url").to_owned(), serving.ready["ui"].as_str().expect("ui").to_owned());
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with("/v1") && url == format!("{ui}v1"), "{url} {ui}");
    assert_eq!(serving.ready.as_object().map(serde_json::Map::len), Some(2), "these two and nothing else");
    assert!(
        ureq::get(&ui).call().is_ok_and(|mut page| page.body_mut().read_to_string().is_ok_and(|text| text.contains("<html"))),
        "the page is served"
    );
    let (status, session) = post(&serving.url("/auth/link"), None, &serde_json::json!({ "code": serving.link() }));
    assert_eq!(status, 200, "the link on stderr signs in: {session}");
    let token = session["token"].as_str().expect("a token").to_owned();
    assert_eq!(post(&serving.url("/risks"), Some(&token), &serde_json::json!({ "name": "Kept" })).0, 201, "as the person");
    let _next = serving.link();
    place.run(&["verify", "W.amtia"]).expect_sentence("in use by amtia serve");
    place.run(&["serve", "W.amtia", "--port", "0"]).expect_sentence("in use by amtia serve");
    let said = serving.stop();
    assert_eq!((said.code, said.out.lines().count()), (Some(0), 1), "the JSON line is all of stdout: {said:?}");
    let left: Vec<String> = std::fs::read_dir(place.path(""))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(!left.iter().any(|name| name.ends_with("-wal") || name.ends_with("-shm")), "the log is folded in: {left:?}");
    let report = place.verify();
    assert_eq!((&report["sound"], &report["records"]), (&true.into(), &1.into()), "it opens clean, with what was written");
}

#[test]
fn serve_on_a_missing_file_offers_first_run() {
    let place = Place::empty();
    let serving = Serving::start(&place, &[]);
    let (_, session) = post(&serving.url("/auth/link"), None, &serde_json::json!({ "code": serving.link() }));
    let token = session["token"].as_str().expect("a token").to_owned();
    let (status, info) = post(&serving.url("/workspace"), Some(&token), &serde_json::json!({ "kind": "empty" }));
    assert_eq!((status, &info["state"], &info["protection"]), (201, &"open".into(), &serde_json::json!(["passphrase"])), "{info}");
    assert_eq!(serving.stop().code, Some(0), "and stops clean");
    assert_eq!(place.verify()["sound"], true, "the file it made is sound");
}

#[test]
fn a_port_that_is_taken_is_told_in_a_sentence() {
    let place = Place::made();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port().to_string();
    place.run(&["serve", "W.amtia", "--port", &port]).expect_sentence(&port);
    assert_eq!(place.verify()["sound"], true, "the file is free and sound");
}
