//! A canary in every secret: none of them sings in any output or log.

use super::serve::{Serving, post};
use super::{PASSPHRASE, Place, Said};
use serde_json::json;

#[test]
fn no_secret_and_no_record_is_in_any_output_or_log_at_the_finest_level() {
    let place = Place::empty();
    let mut heard: Vec<(String, Said)> = Vec::new();
    let run = |words: &[&str]| Said::of(&place.command(words).env("AMTIA_LOG", "trace").output().expect("amtia starts"));
    heard.push(("init".into(), run(&["init", "W.amtia"])));
    let key = Said::of(
        &place
            .command(&["key", "create", "W.amtia", "--name", "k", "--role", "analyst", "--json"])
            .env("AMTIA_LOG", "trace")
            .output()
            .expect("amtia starts"),
    );
    let secret = key.json()["secret"].as_str().expect("a secret").to_owned();
    let api_key = key.json()["api_key"].as_str().expect("a key").to_owned();
    assert!(!key.err.contains(&secret), "the one place is stdout, the log is not: {}", key.err);
    let serving = Serving::start(&place, &[("AMTIA_LOG", "trace")]);
    let (_, token) = post(&serving.url("/auth/token"), None, &json!({ "api_key": api_key, "secret": secret }));
    let token = token["token"].as_str().expect("a token").to_owned();
    let (_, session) = post(&serving.url("/auth/link"), None, &json!({ "code": serving.link() }));
    let session = session["token"].as_str().expect("a session").to_owned();
    let (_, recovery) = post(&serving.url("/workspace/recovery-key"), Some(&session), &json!({}));
    let recovery = recovery["recovery_key"].as_str().expect("a recovery key").to_owned();
    let canary = "Zanzibar canary outage";
    assert_eq!(post(&serving.url("/risks"), Some(&token), &json!({ "name": canary, "description": canary })).0, 201, "written");
    assert_eq!(post(&serving.url("/risks"), Some(&token), &json!({ "name": canary, "colour": canary })).0, 400, "refused");
    assert_eq!(post(&serving.url("/risks"), Some(&format!("{token}x")), &json!({ "name": canary })).0, 401, "refused");
    assert_eq!(post(&serving.url("/auth/token"), None, &json!({ "api_key": api_key, "secret": format!("{secret}x") })).0, 401, "refused");
    let _ = ureq::get(serving.url(&format!("/risks?q={}", canary.replace(' ', "%20"))))
        .header("authorization", format!("Bearer {token}"))
        .call();
    let said = serving.stop();
    assert!(said.err.contains("refused"), "the log was on: {}", said.err);
    heard.push(("serve".into(), said));
    heard.push(("verify".into(), run(&["verify", "W.amtia", "--json"])));
    heard.push(("backup".into(), run(&["backup", "W.amtia", "B.amtia"])));
    let wrong = Said::of(
        &place
            .command(&["verify", "W.amtia"])
            .env("AMTIA_PASSPHRASE", "wrong-canary-passphrase")
            .env("AMTIA_LOG", "trace")
            .output()
            .expect("amtia starts"),
    );
    assert_eq!(wrong.code, Some(1), "refused");
    heard.push(("a wrong passphrase".into(), wrong));
    for (what, said) in &heard {
        for (name, text) in [
            ("passphrase", PASSPHRASE),
            ("wrong passphrase", "wrong-canary-passphrase"),
            ("API secret", &secret),
            ("token", &token),
            ("session", &session),
            ("recovery key", &recovery),
            ("risk", "Zanzibar"),
        ] {
            assert!(!said.out.contains(text) && !said.err.contains(text), "{what}: the {name} is in its output: {}{}", said.out, said.err);
        }
    }
}
