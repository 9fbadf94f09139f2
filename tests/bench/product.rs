//! The product under measurement, through its public door.

use std::path::Path;
use std::process::ExitCode;

use amtia_engine::{Engine, EngineOptions, Keychain, NewWorkspace, Server, system_clock};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// The runtime that both sides of every row run on.
pub fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|e| format!("no runtime: {e}"))
}

fn options(file: &Path) -> EngineOptions {
    EngineOptions {
        door: "window",
        file: file.to_path_buf(),
        // A key file, as where there is no keychain: a passphrase is slow on purpose.
        passphrase: None,
        keychain: Keychain::Off,
        clock: system_clock(),
        profile: "Bench".to_owned(),
    }
}

/// Makes a new, empty workspace.
pub fn create(file: &Path) -> Result<(), String> {
    let engine = Engine::new(options(file));
    let wanted = NewWorkspace { sample: false, name: Some("Bench".to_owned()), path: Some(file.to_path_buf()) };
    engine.create(wanted).map_err(|e| format!("no workspace: {e}"))?;
    engine.close();
    Ok(())
}

/// Opens it.
pub fn open(file: &Path) -> Result<Engine, String> {
    let engine = Engine::new(options(file));
    engine.open_existing().map_err(|e| format!("the workspace does not open: {e}"))?;
    Ok(engine)
}

/// A new key of the workspace: its id and secret.
pub async fn key(engine: &Engine) -> Result<(String, String), String> {
    let made = answer(engine, "POST", "/v1/keys", Some(&json!({"name": "bench", "role": "viewer"}))).await?;
    let word = |name: &str| made[name].as_str().map(str::to_owned).ok_or(format!("a key without its {name}"));
    Ok((word("api_key")?, word("secret")?))
}

/// One call in process; the answer's whole body.
pub async fn call(engine: &Engine, method: &str, path: &str, body: Option<&Value>) -> Result<(StatusCode, Bytes), String> {
    let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|e| format!("{path}: {e}"))?;
    let answer = engine.call(request).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.map_err(|e| format!("{path}: {e}"))?.to_bytes();
    Ok((status, bytes))
}

/// One call whose answer must be a success, as JSON.
pub async fn answer(engine: &Engine, method: &str, path: &str, body: Option<&Value>) -> Result<Value, String> {
    let (status, bytes) = call(engine, method, path, body).await?;
    if !status.is_success() {
        return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&bytes)));
    }
    serde_json::from_slice(&bytes).map_err(|e| format!("{method} {path}: {e}"))
}

/// The product's own loopback server, until the process is ended; prints its port and a code to sign in with.
pub fn serve(file: &Path) -> ExitCode {
    let served = runtime().and_then(|runtime| {
        let engine = open(file)?;
        runtime.block_on(async {
            let server = Server::bind(0).await.map_err(|e| e.to_string())?;
            println!("{} {}", server.address.port(), engine.new_link());
            amtia_engine::serve(server, engine, None, std::future::pending()).await;
            Ok(())
        })
    });
    code(served)
}

/// Serves a router on a free port, which is printed; until the process is ended.
pub fn listen(router: Router) -> ExitCode {
    let served = runtime().and_then(|runtime| {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.map_err(|e| e.to_string())?;
            println!("{}", listener.local_addr().map_err(|e| e.to_string())?.port());
            axum::serve(listener, router).await.map_err(|e| e.to_string())
        })
    });
    code(served)
}

fn code(served: Result<(), String>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
