//! `amtia serve`: the API and the page on loopback until SIGTERM or Ctrl C.

use crate::assets;
use crate::commands::explain;
use crate::secret::Secret;
use amtia_engine::{Engine, EngineOptions, Server, SlotKind, account_name};
use serde_json::json;
use std::path::Path;
use std::sync::Arc;

pub(crate) fn serve(file: &Path, port: u16, secret: &Secret) -> Result<(), String> {
    let engine = Engine::new(EngineOptions {
        door: "api",
        file: std::path::absolute(file).map_err(|cause| cause.to_string())?,
        passphrase: secret.passphrase.clone(),
        keychain: secret.keychain,
        clock: amtia_engine::system_clock(),
        profile: account_name(),
    });
    engine.open_existing().map_err(|cause| explain(file, &cause))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(|cause| cause.to_string())?;
    let served = runtime.block_on(run(&engine, port));
    engine.close();
    served
}

async fn run(engine: &Engine, port: u16) -> Result<(), String> {
    let server = Server::bind(port)
        .await
        .map_err(|cause| format!("Port {port} on the loopback address cannot be used: {cause}. Choose another with --port."))?;
    let base = format!("http://{}/", server.address);
    println!("{}", json!({ "url": format!("{base}v1"), "ui": base }));
    if let Some(workspace) = engine.workspace()
        && workspace.protection().contains(&SlotKind::KeyFile)
    {
        eprintln!(
            "The key file {} opens this workspace without asking: whoever has both files can read it.",
            amtia_engine::key_file_path(workspace.store.path()).display()
        );
    }
    let links = tokio::spawn(print_links(engine.clone(), base));
    amtia_engine::serve(server, engine.clone(), Some(Arc::new(assets::find)), stopped()).await;
    links.abort();
    Ok(())
}

/// Prints a link that signs one browser in, and a new one each time a link was used.
async fn print_links(engine: Engine, base: String) {
    let mut used = engine.links_used();
    loop {
        eprintln!("Open {base}#code={} in a browser on this device. The link works once.", engine.new_link());
        if used.changed().await.is_err() {
            return;
        }
    }
}

async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        let Ok(mut terminated) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else {
            let _ = interrupted.await;
            return;
        };
        tokio::select! {
            _ = interrupted => {}
            _ = terminated.recv() => {}
        }
    }
    #[cfg(not(unix))]
    let _ = interrupted.await;
}
