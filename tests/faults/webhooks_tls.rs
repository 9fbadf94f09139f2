//! Deliveries over TLS: only a receiver whose certificate this system trusts, under the name called, hears anything.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use serde_json::{Value, json};
use standardwebhooks::Webhook;

use super::alone;
use super::ledger::Client;
use super::program::{Server, Workspace, key};
use crate::receiver::Receiver;

/// An authority of this test's own.
fn authority() -> (String, Issuer<'static, KeyPair>) {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let own = KeyPair::generate().expect("a key");
    let pem = parameters.self_signed(&own).expect("a certificate").pem();
    (pem, Issuer::new(parameters, own))
}

/// What a server of this name shows, signed by the authority.
fn certificate(name: &str, authority: &Issuer<'_, KeyPair>) -> ServerConfig {
    let own = KeyPair::generate().expect("a key");
    let parameters = CertificateParams::new(vec![name.to_owned()]).expect("a name");
    let signed = parameters.signed_by(&own, authority).expect("a certificate");
    ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![signed.der().clone()], PrivateKeyDer::Pkcs8(own.serialize_der().into()))
        .expect("a certificate and its key")
}

#[test]
fn over_tls_only_a_receiver_that_the_system_trusts_under_its_name_is_told() {
    let _alone = alone();
    let (trusted, ours) = authority();
    let (_, strange) = authority();
    let receivers = [
        ("trusted", Receiver::secure(certificate("localhost", &ours)), None),
        (
            "another name",
            Receiver::secure(certificate("elsewhere.example", &ours)),
            Some("the receiver's certificate is for another name."),
        ),
        (
            "a strange authority",
            Receiver::secure(certificate("localhost", &strange)),
            Some("this device does not trust the receiver's certificate."),
        ),
        ("no TLS at all", Receiver::glad(), Some("no connection")),
    ];

    let mut workspace = Workspace::new(0);
    let made = workspace.amtia(&["key", "create"], &["--name", "admin", "--role", "admin", "--json"]);
    workspace.keys.push(key(&made));
    let roots = workspace.folder().join("roots.pem");
    fs::write(&roots, trusted).expect("the folder is writable");
    let roots = roots.to_str().expect("a plain path").to_owned();
    let server = Server::start(&workspace, None, &[("SSL_CERT_FILE", &roots), ("SSL_CERT_DIR", "")]);
    let client = Client::sign_in(server.url(), &workspace.keys[0]).expect("the server answers");
    let send = |method: &str, path: &str, body: Value| client.send(method, path, &body).expect("the server answers").1;

    let hooks: Vec<Value> = receivers
        .iter()
        .map(|(_, receiver, _)| {
            let url = format!("https://localhost:{}/in", receiver.port);
            send("POST", "/webhooks", json!({ "url": url, "events": ["risk.created"], "allow_private": true }))
        })
        .collect();
    send("POST", "/risks", json!({ "name": "Told over TLS" }));

    for ((what, receiver, refusal), hook) in receivers.iter().zip(&hooks) {
        let log = format!("/webhooks/{}/deliveries", hook["id"].as_str().expect("an id"));
        let begun = Instant::now();
        let tried = loop {
            let deliveries = send("GET", &log, Value::Null);
            let first = deliveries["data"][0].clone();
            if first["attempts"].as_u64().is_some_and(|tries| tries > 0) {
                break first;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{what}: nothing was tried: {deliveries}");
            thread::sleep(Duration::from_millis(100));
        };
        match refusal {
            None => {
                let heard = receiver.all();
                assert_eq!(heard.len(), 1, "{what}: {tried}");
                let secret = Webhook::new(hook["secret"].as_str().expect("a secret")).expect("a secret of the standard");
                secret.verify(&heard[0].body, &heard[0].headers).expect("signed as the standard says");
                assert_eq!(heard[0].json()["data"]["name"], "Told over TLS");
            }
            Some(word) => {
                assert!(receiver.all().is_empty(), "{what}: nothing is heard");
                let why = tried.to_string().to_lowercase();
                assert!(why.contains(word), "{what}: and the log says why: {why}");
            }
        }
    }
    assert!(server.stop().success(), "it stops cleanly");
}
