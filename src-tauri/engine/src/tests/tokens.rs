//! Tokens as attackers send them, and the limit, on a virtual clock.

use super::{Bed, who};
use crate::store::api_keys::Role;
use crate::store::meta;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

fn part(token: &str, at: usize) -> Value {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(at).expect("a part")).expect("base64")).expect("JSON")
}

fn write(header: &Value, claims: &Value, signature: &str) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}.{signature}", encode(header), encode(claims))
}

fn pem(pkcs8: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(pkcs8))
}

/// Signs any header and claims with the workspace's own key.
fn signed(bed: &Bed, header: &Value, claims: &Value) -> String {
    let pkcs8 = bed.workspace().store.read(meta::token_key).expect("read").expect("a signing key");
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(header), encode(claims));
    let key = EncodingKey::from_rsa_pem(pem(&pkcs8).as_bytes()).expect("an RSA key");
    let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::RS256).expect("signed");
    format!("{message}.{signature}")
}

fn with(value: &Value, field: &str, new: impl Into<Value>) -> Value {
    let mut changed = value.clone();
    changed[field] = new.into();
    changed
}

fn without(value: &Value, field: &str) -> Value {
    let mut changed = value.clone();
    changed.as_object_mut().expect("an object").remove(field);
    changed
}

fn forgeries(bed: &Bed, genuine: &str) -> Vec<(String, String)> {
    let (header, claims) = (part(genuine, 0), part(genuine, 1));
    let signature = genuine.split('.').nth(2).expect("a signature");
    let now = claims["iat"].as_i64().expect("seconds");
    let mut all: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, token: String| all.push((name.to_owned(), token));
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        add(&format!("alg {alg:?} without a signature"), write(&with(&header, "alg", alg), &claims, ""));
        add(&format!("alg {alg:?} with the signature"), write(&with(&header, "alg", alg), &claims, signature));
    }
    for alg in ["RS384", "RS512", "PS256", "ES256", "EdDSA", "HS256"] {
        add(&format!("alg {alg}"), signed(bed, &with(&header, "alg", alg), &claims));
    }
    let pkcs8 = bed.workspace().store.read(meta::token_key).expect("read").expect("a signing key");
    let pair = aws_lc_rs::signature::RsaKeyPair::from_pkcs8(&pkcs8).expect("an RSA key");
    let public = aws_lc_rs::signature::KeyPair::public_key(&pair);
    let kid = header["kid"].as_str().expect("a kid").to_owned();
    for (algorithm, name) in [(Algorithm::HS256, "HS256"), (Algorithm::HS384, "HS384"), (Algorithm::HS512, "HS512")] {
        let text = format!("-----BEGIN RSA PUBLIC KEY-----\n{}\n-----END RSA PUBLIC KEY-----\n", STANDARD.encode(public.as_ref()));
        for (form, secret) in [("DER", public.as_ref()), ("PEM", text.as_bytes())] {
            let header = Header { kid: Some(kid.clone()), ..Header::new(algorithm) };
            let token = jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(secret)).expect("signed");
            add(&format!("{name} with the public key as {form}"), token);
        }
    }
    for (field, value) in [
        ("jku", json!("https://attacker.example/keys")),
        ("jwk", json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB" })),
        ("x5u", json!("https://attacker.example/cert")),
        ("x5c", json!(["MIIB"])),
        ("crit", json!(["exp"])),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("b64", json!(false)),
    ] {
        add(&format!("a header with {field}, well signed"), signed(bed, &with(&header, field, value), &claims));
    }
    for kid in ["", "0", "../../dev/null", "' OR 1=1 --", "0000000000000000"] {
        add(&format!("kid {kid:?}"), signed(bed, &with(&header, "kid", kid), &claims));
    }
    add("no kid", signed(bed, &without(&header, "kid"), &claims));
    for field in ["exp", "iat", "iss", "aud", "sub", "jti", "gen"] {
        add(&format!("no {field}"), signed(bed, &header, &without(&claims, field)));
        add(&format!("{field} null"), signed(bed, &header, &with(&claims, field, Value::Null)));
    }
    for (name, claims) in [
        ("another audience", with(&claims, "aud", "another-workspace")),
        ("another issuer", with(&claims, "iss", "attacker")),
        ("an unknown key", with(&claims, "sub", "amtia_key_unknown")),
        ("an earlier secret's", with(&claims, "gen", 0)),
        ("a later secret's", with(&claims, "gen", 2)),
        ("an empty jti", with(&claims, "jti", "")),
        ("expired", with(&with(&claims, "exp", now - 10), "iat", now - 3610)),
        ("issued in the future", with(&with(&claims, "iat", now + 600), "exp", now + 1200)),
        ("lasting a year", with(&claims, "exp", now + 31_536_000)),
        ("exp as text", with(&claims, "exp", "9999999999")),
        ("exp beyond time", with(&claims, "exp", i64::MAX)),
    ] {
        add(name, signed(bed, &header, &claims));
    }
    add("claims changed under the old signature", write(&header, &with(&claims, "sub", "amtia_key_other"), signature));
    add(
        "the signature cut",
        format!("{}.{}.{}", genuine.split('.').next().expect("a header"), genuine.split('.').nth(1).expect("claims"), &signature[..40]),
    );
    add("no signature", write(&header, &claims, ""));
    add("a part too many", format!("{genuine}.x"));
    add("not a token", "x".into());
    add("two dots", "..".into());
    let other = Bed::new();
    add("another workspace's token", other.token(Role::Admin));
    all
}

#[test]
fn no_forged_token_passes() {
    let bed = Bed::new();
    let genuine = bed.token(Role::Admin);
    assert_eq!(bed.with_token(&genuine, "/v1/risks").status, 200, "the genuine one passes");
    let (header, claims) = (part(&genuine, 0), part(&genuine, 1));
    assert_eq!(
        bed.with_token(&signed(&bed, &header, &with(&claims, "jti", "again")), "/v1/risks").status,
        200,
        "and one signed by this test's own hand"
    );
    let all = forgeries(&bed, &genuine);
    assert!(all.len() >= 60, "{} forgeries", all.len());
    for (name, token) in all {
        let answer = bed.with_token(&token, "/v1/risks");
        assert_eq!(answer.status, 401, "{name} is refused: {}", answer.body);
        assert_eq!(answer.header("www-authenticate"), "Bearer", "{name}: and told how to sign in");
        assert_eq!(answer.body["error"]["message"], "Invalid or expired authentication token.", "{name}: without a hint at what was wrong");
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
        let response = bed.runtime.block_on(tower::ServiceExt::oneshot(bed.engine.router().clone(), request)).expect("an answer");
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
