//! The loopback port as hostile pages and slow clients meet it: raw bytes.

use super::{At, Bed};
use serde_json::{Value, json};
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Sends these very bytes; answers what comes until the other side closes.
fn raw(bed: &Bed, text: &str) -> String {
    let mut stream = TcpStream::connect(bed.address).expect("the port is open");
    stream.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
    stream.write_all(text.as_bytes()).expect("sent");
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
}

#[test]
fn every_foreign_host_origin_and_fetch_is_403_before_anything_else() {
    let bed = Bed::new(false);
    let port = bed.address.port();
    let ask = |path: &str, headers: &str| {
        raw(&bed, &format!("GET {path} HTTP/1.1\r\n{headers}Connection: close\r\nAuthorization: Bearer {}\r\n\r\n", bed.admin))
    };
    let own = format!("Host: 127.0.0.1:{port}\r\n");
    let corpus: Value = serde_json::from_str(include_str!("../data/loopback_forgeries.json")).expect("the corpus is JSON");
    let texts = |name: &str| -> Vec<String> {
        corpus[name].as_array().expect("a list").iter().map(|text| text.as_str().expect("text").to_owned()).collect()
    };
    let mut forged: Vec<String> = Vec::new();
    for host in texts("hosts") {
        forged.push(format!("Host: {}\r\n", host.replace("PORT", &port.to_string())));
    }
    forged.push(format!("{own}Host: attacker.example\r\n"));
    forged.push(format!("Host: attacker.example\r\n{own}"));
    forged.push("Host: \r\n".to_owned());
    for origin in texts("origins") {
        forged.push(format!("{own}Origin: {}\r\n", origin.replace("PORT", &port.to_string())));
    }
    forged.push(format!("{own}Origin: http://127.0.0.1:{port}\r\nOrigin: http://attacker.example\r\n"));
    for site in texts("fetch_sites") {
        forged.push(format!("{own}Sec-Fetch-Site: {site}\r\nSec-Fetch-Mode: cors\r\n"));
    }
    assert!(forged.len() >= 60, "{} forgeries", forged.len());
    for headers in &forged {
        for path in ["/v1/risks", "/", "/v1/nothing"] {
            let answer = ask(path, headers);
            // What is no host at all the HTTP library itself may refuse.
            assert!(status(&answer) == 403 || (status(&answer) == 400 && !headers.is_ascii()), "{headers:?} {path}: {answer}");
            assert!(
                !answer.contains("\"data\"") && !answer.to_lowercase().contains("access-control-allow"),
                "{headers:?} gets no data and no leave"
            );
        }
    }
    for genuine in [
        own.clone(),
        format!("Host: localhost:{port}\r\n"),
        format!("Host: LocalHost:{port}\r\n"),
        format!("{own}Origin: http://127.0.0.1:{port}\r\nSec-Fetch-Site: same-origin\r\n"),
    ] {
        assert_eq!(status(&ask("/v1/risks", &genuine)), 200, "{genuine:?} is this device's own");
    }
    let preflight = raw(
        &bed,
        &format!(
            "OPTIONS /v1/risks HTTP/1.1\r\n{own}Origin: http://attacker.example\r\nAccess-Control-Request-Method: POST\r\nConnection: close\r\n\r\n"
        ),
    );
    assert!(
        status(&preflight) == 403 && !preflight.to_lowercase().contains("access-control-allow"),
        "a preflight is no leave: {preflight}"
    );
}

#[test]
fn the_page_carries_its_policy_and_paths_never_climb_out() {
    let bed = Bed::new(false);
    for path in ["/", "/risks", "/incidents/x"] {
        let answer = bed.ask(At::Nobody, "GET", path, &[], None);
        assert_eq!(answer.status, 200, "{path} is the page");
        let policy = answer.header("content-security-policy");
        assert!(
            policy.contains("default-src 'self'") && policy.contains("frame-ancestors 'none'") && policy.contains("object-src 'none'"),
            "{policy}"
        );
        assert!(!policy.contains("script-src 'unsafe-inline'") && !policy.contains("unsafe-eval"), "no inline script: {policy}");
        assert_eq!((answer.header("x-content-type-options"), answer.header("referrer-policy")), ("nosniff", "no-referrer"), "{path}");
        assert!(answer.headers.get("set-cookie").is_none(), "no cookies");
    }
    let port = bed.address.port();
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc/passwd",
        "/v1/../../etc/passwd",
        "/v1/risks/../../../etc/passwd",
        "/assets/..%2f..%2fsecret.key",
        "//attacker.example/x.js",
    ] {
        let answer = raw(
            &bed,
            &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n", bed.admin),
        );
        assert!(!answer.contains("root:") && !answer.to_lowercase().contains("\r\nlocation: "), "{path}: {answer}");
        assert!(matches!(status(&answer), 404 | 400) || answer.contains("<!doctype html>"), "{path}: {answer}");
    }
    assert_eq!(bed.ask(At::Nobody, "POST", "/", &[], Some("{}".into())).status, 405, "the page is only read");
}

#[test]
fn a_client_that_never_ends_its_head_is_dropped_and_disturbs_nobody() {
    let bed = Bed::new(false);
    let begun = Instant::now();
    let mut slow: Vec<TcpStream> = (0..20).map(|_| TcpStream::connect(bed.address).expect("the port is open")).collect();
    for stream in &mut slow {
        stream.write_all(b"GET /v1/risks HTTP/1.1\r\nHost: ").expect("sent");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a timeout");
    }
    assert_eq!(bed.ask(At::Port(&bed.viewer), "GET", "/v1/risks", &[], None).status, 200, "others are served meanwhile");
    let mut rest = Vec::new();
    let ended = slow[0].read_to_end(&mut rest);
    assert!(
        ended.is_ok() && begun.elapsed() < Duration::from_secs(18),
        "its connection is closed after ten seconds: {ended:?} {:?}",
        begun.elapsed()
    );
}

#[test]
fn a_body_that_stops_coming_is_given_up() {
    let bed = Bed::new(false);
    let port = bed.address.port();
    let begun = Instant::now();
    let head = format!(
        "POST /v1/risks HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n",
        bed.analyst
    );
    let mut stream = TcpStream::connect(bed.address).expect("the port is open");
    stream.set_read_timeout(Some(Duration::from_secs(40))).expect("a timeout");
    stream.write_all(format!("{head}{{\"name\":").as_bytes()).expect("sent");
    assert_eq!(bed.ask(At::Port(&bed.viewer), "GET", "/v1/risks", &[], None).status, 200, "others are served meanwhile");
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    assert!(ended.is_ok() && begun.elapsed() < Duration::from_secs(35), "closed after fifteen seconds: {:?}", begun.elapsed());
    assert!(status(&answer) == 400 && answer.contains("before it was whole"), "with the reason: {answer}");
    assert_eq!(bed.get("/v1/risks").json()["total"], 0, "and nothing was made");
}

#[test]
fn more_connections_than_are_served_wait_their_turn() {
    let bed = Bed::new(false);
    let mut crowd: Vec<TcpStream> = (0..256).map(|_| TcpStream::connect(bed.address).expect("the port is open")).collect();
    let request = format!(
        "GET /v1/risks HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nAuthorization: Bearer {}\r\nConnection: close\r\n\r\n",
        bed.address.port(),
        bed.viewer
    );
    let mut late = TcpStream::connect(bed.address).expect("taken by the system");
    late.write_all(request.as_bytes()).expect("sent");
    late.set_read_timeout(Some(Duration::from_millis(1500))).expect("a timeout");
    let mut first = [0; 1];
    assert!(late.read(&mut first).is_err(), "it waits while 256 others are connected");
    crowd.truncate(100);
    late.set_read_timeout(Some(Duration::from_secs(15))).expect("a timeout");
    let mut answer = Vec::new();
    late.read_to_end(&mut answer).expect("then it is served");
    assert_eq!(status(&String::from_utf8_lossy(&answer)), 200, "as any other");
}

#[test]
fn a_one_time_link_works_once_and_the_session_acts_as_the_person() {
    let bed = Bed::new(false);
    let mut used = bed.engine.links_used();
    let code = bed.engine.new_link();
    let redeem = |code: &str| bed.ask(At::Nobody, "POST", "/v1/auth/link", &[], Some(json!({ "code": code }).to_string()));
    assert_eq!(redeem("made up").status, 401, "a code of nobody's");
    assert!(!used.has_changed().expect("the engine is there"), "which uses nothing up");
    let session = redeem(&code).expect(200, "the first time");
    assert!(used.has_changed().expect("the engine is there"), "whoever printed the link prints another");
    used.mark_unchanged();
    assert_eq!(redeem(&code).status, 401, "the second time");
    let token = session["token"].as_str().expect("a token");
    bed.ask(At::Port(token), "PUT", "/v1/workspace", &[], Some(json!({ "name": "Renamed" }).to_string()))
        .expect(200, "what only the person may");
    let refused = bed.ask(At::Port(token), "POST", "/v1/workspace/backup", &[], Some(json!({ "path": "/tmp/anywhere" }).to_string()));
    assert_eq!((refused.status, refused.fields()), (400, vec!["path".to_owned()]), "but no path of this device's files");
    assert_eq!(bed.ask(At::Port(&format!("{token}x")), "GET", "/v1/risks", &[], None).status, 401, "a session token is whole or nothing");
}

#[test]
fn the_change_feed_tells_of_a_change_made_elsewhere() {
    let bed = Bed::new(false);
    let port = bed.address.port();
    let mut stream = TcpStream::connect(bed.address).expect("the port is open");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("a timeout");
    write!(stream, "GET /v1/changes HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {}\r\n\r\n", bed.viewer).expect("sent");
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.contains("\r\n\r\n") {
        let read = stream.read(&mut buffer).expect("the head comes at once");
        assert!(read > 0, "it stays open: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert!(text.starts_with("HTTP/1.1 200") && text.contains("text/event-stream"), "{text}");
    bed.risk(&json!({ "name": "Made in the window" }));
    while !text.contains("\"risk\"") {
        let read = stream.read(&mut buffer).expect("the change comes soon");
        assert!(read > 0, "it stays open: {text}");
        text.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert!(text.contains("data: {\"change\":"), "in the feed's form: {text}");
}
