//! Tokens as attackers send them, and the limit, on a virtual clock.

use super::{Bed, who};
use crate::store::api_keys::Role;
use crate::store::meta;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use serde_json::{Value, json};

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).expect("a part")).expect("base64")).expect("JSON")
}

fn pem(pkcs8: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8))
}

/// Signs a message with a workspace's key.
fn signed(pkcs8: &[u8], message: &str) -> String {
    let key = EncodingKey::from_rsa_pem(pem(pkcs8).as_bytes()).expect("an RSA key");
    jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).expect("signed")
}

/// Another workspace's signing key.
fn stranger() -> Vec<u8> {
    let bed = Bed::new();
    bed.token(Role::Admin);
    bed.workspace().store.read(meta::token_key).expect("read").expect("a signing key")
}

fn public_key(pkcs8: &[u8]) -> Vec<u8> {
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(pkcs8).expect("an RSA key");
    aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref().to_vec()
}

/// What the corpus's rows are made from.
struct Forger {
    header: Value,
    claims: Value,
    genuine: String,
    own: Vec<u8>,
    other: Vec<u8>,
    elsewhere: String,
}

impl Forger {
    fn new(bed: &Bed) -> Self {
        let genuine = bed.token(Role::Admin);
        let own = bed.workspace().store.read(meta::token_key).expect("read").expect("a signing key");
        let (header, claims) = (part(&genuine, 0), part(&genuine, 1));
        Self { header, claims, genuine, own, other: stranger(), elsewhere: Bed::new().token(Role::Admin) }
    }

    fn kid(&self) -> &str {
        self.header["kid"].as_str().expect("a kid")
    }

    /// A part with the row's changes.
    fn changed(&self, genuine: &Value, changes: &Value, without: &Value) -> Value {
        let mut part = genuine.clone();
        for (field, value) in changes.as_object().into_iter().flatten() {
            part[field] = match value.get("now").and_then(Value::as_i64) {
                Some(seconds) => json!(self.claims["iat"].as_i64().expect("seconds") + seconds),
                None if value == &json!(["KID"]) => json!([self.kid()]),
                None => value.clone(),
            };
        }
        for field in without.as_array().into_iter().flatten() {
            part.as_object_mut().expect("an object").remove(field.as_str().expect("a field"));
        }
        part
    }

    fn token(&self, row: &Value) -> String {
        let genuine: Vec<&str> = self.genuine.split('.').collect();
        let [header, claims, signature] = genuine[..] else { panic!("three parts") };
        if let Some(form) = row["token"].as_str() {
            return form
                .replace("HEADER", header)
                .replace("CLAIMS", claims)
                .replace("SIGNATURE", signature)
                .replace("CUT", &signature[..40])
                .replace("SHORT", &signature[..signature.len() - 1])
                .replace("ELSEWHERE", &self.elsewhere);
        }
        let mut head = self.changed(&self.header, &row["header"], &row["header_without"]);
        let said = row["signature"].as_str().unwrap_or("own");
        if said == "other key and kid" {
            head["kid"] = json!(crate::crypto::hex(&crate::crypto::sha256(&[&public_key(&self.other)])[..8]));
        }
        let head = row["raw_header"].as_str().map_or_else(|| head.to_string(), |raw| raw.replace("KID", self.kid()));
        let mut body = self.changed(&self.claims, &row["claims"], &row["claims_without"]).to_string();
        if let Some(field) = row["raw_claims_twice"].as_str() {
            body.insert_str(1, &format!("\"{field}\":{},", self.claims[field]));
        }
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(head), URL_SAFE_NO_PAD.encode(body));
        let signature = match said {
            "own" => signed(&self.own, &message),
            "other key" | "other key and kid" => signed(&self.other, &message),
            "kept" => signature.to_owned(),
            "none" => String::new(),
            secret => by_public_key(secret, &public_key(&self.own), &message),
        };
        format!("{message}.{signature}")
    }
}

/// Signs with the key that everybody may know, as if it were a shared secret.
fn by_public_key(said: &str, public: &[u8], message: &str) -> String {
    let (algorithm, form) = said.split_once(' ').expect("an algorithm and a form");
    let algorithm: Algorithm = algorithm.parse().expect("an algorithm");
    let text = format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", STANDARD.encode(public));
    let secret = if form == "PEM" { text.as_bytes() } else { public };
    jsonwebtoken::crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), algorithm).expect("signed")
}

/// The port that clients reach, served as always.
fn served(bed: &Bed) -> std::net::SocketAddr {
    let server = bed.runtime.block_on(crate::serve::Server::bind(0)).expect("a free port");
    let address = server.address;
    let engine = bed.engine.clone();
    bed.runtime.spawn(async move { crate::serve::serve(server, engine, None, std::future::pending()).await });
    address
}

/// Sends these very lines through the port; answers all that comes.
fn sent(address: std::net::SocketAddr, lines: &[String]) -> String {
    use std::io::{Read as _, Write as _};
    let mut stream = std::net::TcpStream::connect(address).expect("the port is open");
    stream.set_read_timeout(Some(std::time::Duration::from_secs(15))).expect("a timeout");
    let lines: String = lines.iter().map(|line| format!("{line}\r\n")).collect();
    let request = format!("GET /v1/risks HTTP/1.1\r\nHost: {address}\r\n{lines}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

#[test]
fn no_forged_token_passes_the_port() {
    let bed = Bed::new();
    let (forger, address) = (Forger::new(&bed), served(&bed));
    let corpus: Value = serde_json::from_str(include_str!("../../../../tests/data/token_forgeries.json")).expect("the corpus is JSON");
    let rows = |name: &str| corpus[name].as_array().expect("a list").clone();
    let carried = |row: &Value, token: &str| -> Vec<String> {
        let lines = row["lines"].as_array().expect("lines").iter();
        lines.map(|line| line.as_str().expect("text").replace("TOKEN", token)).collect()
    };
    let by_hand = forger.token(&json!({ "claims": { "jti": "again" } }));
    for (token, row) in [&forger.genuine, &by_hand].into_iter().flat_map(|token| rows("genuine").into_iter().map(move |row| (token, row))) {
        let answer = sent(address, &carried(&row, token));
        assert!(
            answer.starts_with("HTTP/1.1 200 "),
            "{}: the genuine one passes, and so does one signed by this test's own hand: {answer}",
            row["name"]
        );
    }
    let forged = rows("forgeries").into_iter().map(|row| {
        let lines = vec![format!("Authorization: Bearer {}", forger.token(&row))];
        (row, lines)
    });
    let carried_badly = rows("headers").into_iter().map(|row| (row.clone(), carried(&row, &forger.genuine)));
    let all: Vec<(Value, Vec<String>)> = forged.chain(carried_badly).collect();
    assert!(all.len() >= 120, "{} forgeries", all.len());
    for (row, lines) in all {
        let (name, answer) = (&row["name"], sent(address, &lines));
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        assert!(head.starts_with("HTTP/1.1 401 "), "{name} is refused: {answer}");
        assert!(head.to_lowercase().contains("\r\nwww-authenticate: bearer\r\n"), "{name}: and told how to sign in: {head}");
        let body: Value = serde_json::from_str(body).expect("JSON");
        let message = body["error"]["message"].as_str().expect("a sentence");
        let unsent = row.get("lines").is_some() && message == "Missing or invalid authentication token. Send Authorization: Bearer TOKEN.";
        assert!(unsent || message == "Invalid or expired authentication token.", "{name}: without a hint at what was wrong: {message}");
        assert!(body.get("data").is_none(), "{name}");
    }
}

#[test]
fn a_token_ends_after_an_hour_even_when_it_was_seen_before() {
    let bed = Bed::new();
    let token = bed.token(Role::Viewer);
    bed.pass(3_599_000);
    assert_eq!(bed.with_token(&token, "/v1/risks").status, 200, "valid for its hour");
    bed.pass(6_000);
    assert_eq!(bed.with_token(&token, "/v1/risks").status, 401, "and no longer");
}

#[test]
fn revoking_a_key_ends_its_tokens_at_once() {
    let bed = Bed::new();
    let token = bed.token(Role::Viewer);
    assert_eq!(bed.with_token(&token, "/v1/risks").status, 200, "it works");
    bed.workspace()
        .store
        .write_blocking(who(), |tx| {
            tx.connection.execute("UPDATE api_keys SET revoked_at = '2027-01-15T08:00:00.000Z'", []).expect("revoked");
            Ok(())
        })
        .expect("written");
    assert_eq!(bed.with_token(&token, "/v1/risks").status, 401, "the next request is refused");
}

#[test]
fn a_key_may_ask_a_thousand_times_in_any_sixty_seconds_errors_included() {
    let bed = Bed::new();
    let (token, other) = (bed.token(Role::Viewer), bed.token(Role::Viewer));
    let first = bed.with_token(&token, "/v1/undo");
    assert_eq!((first.status, first.header("ratelimit-policy")), (403, "\"default\";q=1000;w=60"), "an error counts and says the policy");
    assert!(first.header("ratelimit").contains("r=999"), "999 are left: {}", first.header("ratelimit"));
    bed.pass(30_000);
    for number in 1..1000 {
        let path = if number % 2 == 0 { "/v1/summary" } else { "/v1/nothing" };
        assert_ne!(bed.with_token(&token, path).status, 429, "request {number} passes");
    }
    let refused = bed.with_token(&token, "/v1/summary");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "30"), "the first leaves the window in 30 s");
    assert_eq!(refused.body["error"]["status"], "Too Many Requests", "in the format");
    assert!(refused.header("ratelimit").contains("r=0"), "with the headers: {}", refused.header("ratelimit"));
    let keys = bed.done("GET", "/v1/keys?sort=created_at", None)["data"].clone();
    let used = bed.done("GET", "/v1/api", None)["used"].clone();
    assert_eq!(
        used,
        serde_json::json!([{ "key_id": keys[0]["id"], "requests": 1000 }]),
        "whoever manages the keys sees what each has used"
    );
    assert_eq!(bed.with_token(&other, "/v1/summary").status, 200, "another key is another count");
    bed.pass(29_999);
    assert_eq!(bed.with_token(&token, "/v1/summary").status, 429, "a millisecond too early");
    bed.pass(1);
    assert_eq!(bed.with_token(&token, "/v1/summary").status, 200, "one left, one passes");
    assert_eq!(bed.with_token(&token, "/v1/summary").status, 429, "and only one");
    bed.pass(30_000);
    assert_eq!(bed.with_token(&token, "/v1/summary").status, 200, "a window later the others have left");
}

#[test]
fn a_token_is_had_by_json_by_form_and_by_http_basic() {
    let bed = Bed::new();
    let (id, secret) = bed.key("three ways", Role::Viewer);
    let raw = |headers: &[(&str, &str)], body: String| {
        let mut request = axum::http::Request::post("/v1/auth/token");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(axum::body::Body::from(body)).expect("a request");
        let response = bed.runtime.block_on(bed.engine.answer(request));
        bed.answer(response)
    };
    const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
    let json_way = raw(&[("content-type", "application/json")], json!({ "api_key": id, "secret": secret }).to_string());
    assert_eq!(
        (json_way.status, &json_way.body["expires_in"], &json_way.body["token_type"]),
        (200, &json!(3600), &json!("Bearer")),
        "as the reference says"
    );
    assert!(json_way.body.get("access_token").is_none(), "without the form post's name");
    let form = raw(&[FORM], format!("grant_type=client_credentials&client_id={id}&client_secret={secret}"));
    let by_basic = raw(&[FORM, ("authorization", &basic)], "grant_type=client_credentials".into());
    for answer in [&form, &by_basic] {
        assert_eq!(
            (answer.status, &answer.body["access_token"]),
            (200, &answer.body["token"]),
            "both names in a form post: {}",
            answer.body
        );
        assert_eq!(bed.with_token(answer.body["token"].as_str().expect("a token"), "/v1/risks").status, 200, "the token works");
    }
    let wrong_json = raw(&[("content-type", "application/json")], json!({ "api_key": id, "secret": "wrong" }).to_string());
    assert_eq!((wrong_json.status, &wrong_json.body["error"]["code"]), (401, &json!(401)), "JSON answers the reference's errors");
    for (body, status, error) in [
        (format!("grant_type=client_credentials&client_id={id}&client_secret=wrong"), 401, "invalid_client"),
        ("grant_type=password&username=a&password=b".to_owned(), 400, "unsupported_grant_type"),
        ("grant_type=client_credentials".to_owned(), 400, "invalid_request"),
    ] {
        let answer = raw(&[FORM], body.clone());
        assert_eq!((answer.status, &answer.body["error"]), (status, &json!(error)), "{body}: a form post answers RFC 6749");
    }
    assert_eq!(raw(&[("content-type", "text/xml")], "<a/>".into()).status, 415, "no other type is taken");
}

#[test]
fn failed_sign_ins_have_a_limit_of_their_own_for_each_key() {
    let bed = Bed::new();
    let ((id, secret), (other, other_secret)) = (bed.key("one", Role::Viewer), bed.key("two", Role::Viewer));
    let sign_in = |id: &str, secret: &str| bed.knock("POST", "/v1/auth/token", &[], Some(&json!({ "api_key": id, "secret": secret })));
    for number in 1..=10 {
        assert_eq!(sign_in(&id, "wrong").status, 401, "failure {number}");
        bed.pass(1_000);
    }
    let refused = sign_in(&id, "wrong");
    assert_eq!((refused.status, refused.header("retry-after")), (429, "50"), "the eleventh within a minute waits");
    assert_eq!(refused.body["error"]["status"], "Too Many Requests", "in the format");
    assert_eq!(sign_in(&id, &secret).status, 429, "whatever the secret: who guesses learns nothing");
    assert_eq!(sign_in(&other, &other_secret).status, 200, "another key is another count");
    let form = bed.knock("POST", "/v1/auth/token", &[("content-type", "application/x-www-form-urlencoded")], None);
    assert_eq!(form.status, 400, "a form without credentials is no failure of a key's");
    bed.pass(49_999);
    assert_eq!(sign_in(&id, &secret).status, 429, "a millisecond too early");
    bed.pass(1);
    assert_eq!(sign_in(&id, &secret).status, 200, "then it signs in, which is no failure");
    assert_eq!(sign_in(&id, &secret).status, 200, "however often");
    for _ in 0..10 {
        sign_in("amtia_key_nobody", "x");
    }
    assert_eq!(sign_in("amtia_key_nobody_else", "x").status, 429, "keys that nobody has share one count");
    assert_eq!(sign_in(&other, &other_secret).status, 200, "which is nobody else's affair");
}

#[test]
fn the_use_of_keys_is_written_down_each_minute_outside_the_trail() {
    let bed = Bed::new();
    let token = bed.token(Role::Viewer);
    let read = |sql: &'static str| {
        bed.workspace()
            .store
            .read(|connection| Ok(connection.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("counted")))
            .expect("read")
    };
    let trail = read("SELECT count(*) FROM trail");
    assert_eq!(bed.with_token(&token, "/v1/risks").status, 200, "a call");
    assert_eq!(read("SELECT count(*) FROM api_calls"), 0, "not written yet");
    bed.pass(61_000);
    bed.workspace().store.announce(&["webhook"]);
    let begun = std::time::Instant::now();
    while read("SELECT count(*) FROM api_calls") == 0 {
        assert!(begun.elapsed() < std::time::Duration::from_secs(20), "written down a minute later");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert_eq!(read("SELECT count(*) FROM api_keys WHERE last_used_at IS NOT NULL"), 1, "with the key's last use");
    assert_eq!(read("SELECT sum(calls) FROM api_use"), 2, "and its count, signing in included");
    assert_eq!(read("SELECT count(*) FROM trail"), trail, "and nothing is in the trail");
}
