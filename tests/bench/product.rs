//! The product under measurement, through its public door.

use std::path::Path;
use std::process::ExitCode;

use amtia_engine::{Door, Engine, EngineOptions};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// Opens without the keychain, as a headless machine does.
pub const PASSPHRASE: &str = "a passphrase for measuring";

/// The runtime that both sides of every row run on.
pub fn runtime() -> Result<Runtime, String> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| format!("no runtime: {e}"))
}

fn options(file: &Path) -> EngineOptions {
    EngineOptions {
        door: Door::Window,
        default_folder: file.parent().unwrap_or(Path::new(".")).to_path_buf(),
        keychain: false,
        passphrase: Some(PASSPHRASE.to_owned()),
    }
}

/// An engine with a new, empty workspace.
pub fn create(file: &Path) -> Result<Engine, String> {
    let engine = Engine::new(options(file));
    let wanted = json!({"kind": "empty", "name": "Bench", "path": file});
    runtime()?.block_on(async {
        let (status, answer) = call(&engine, "POST", "/v1/workspace", Some(&wanted)).await?;
        if status == StatusCode::CREATED {
            Ok(())
        } else {
            Err(format!(
                "no workspace: {status} {}",
                String::from_utf8_lossy(&answer)
            ))
        }
    })?;
    Ok(engine)
}

/// One call in process; the answer's whole body.
pub async fn call(
    engine: &Engine,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<(StatusCode, Bytes), String> {
    let body = body.map_or_else(Body::empty, |value| Body::from(value.to_string()));
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
        .map_err(|e| format!("{path}: {e}"))?;
    let answer = engine.call(request).await;
    let status = answer.status();
    let bytes = answer
        .into_body()
        .collect()
        .await
        .map_err(|e| format!("{path}: {e}"))?
        .to_bytes();
    Ok((status, bytes))
}

/// One call whose answer must be a success, as JSON.
pub async fn answer(
    engine: &Engine,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Result<Value, String> {
    let (status, bytes) = call(engine, method, path, body).await?;
    if !status.is_success() {
        return Err(format!(
            "{method} {path}: {status} {}",
            String::from_utf8_lossy(&bytes)
        ));
    }
    serde_json::from_slice(&bytes).map_err(|e| format!("{method} {path}: {e}"))
}

/// The product's router behind axum's own server, exactly as the bare handler is served.
pub fn serve(file: &Path) -> ExitCode {
    let engine = Engine::new(options(file));
    engine.open_last_or_default(Some(file.to_path_buf()));
    let router = Router::new().fallback(move |request: Request<Body>| {
        let engine = engine.clone();
        async move { engine.call(request).await }
    });
    listen(router)
}

/// Serves a router on a free port, which is printed; until the process is ended.
pub fn listen(router: Router) -> ExitCode {
    let served = runtime().and_then(|runtime| {
        runtime.block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0")
                .await
                .map_err(|e| e.to_string())?;
            println!(
                "{}",
                listener.local_addr().map_err(|e| e.to_string())?.port()
            );
            axum::serve(listener, router)
                .await
                .map_err(|e| e.to_string())
        })
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}
