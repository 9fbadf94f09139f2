//! AMTIA Desktop's window: one web view over one engine in the same process, with no open port.
//!
//! No rule of the product lives here. The page's calls travel through one command ([`door`]) to the
//! engine's router; the rest is what a window needs: where it stands, what it may load, its log.

mod blank;
mod door;
mod log;
mod page;
mod places;
mod remembered;
mod timing;
mod window;

use std::{env, process::ExitCode, sync::Arc};

use tauri::{AppHandle, Manager, RunEvent};

use crate::{door::Door, places::Places, remembered::Memory, timing::Start};

/// Runs the app until its window closes.
pub fn run() -> ExitCode {
    let start = Start::now();
    let places = Places::find();
    log::start(&places.log);
    let blank = env::var_os("AMTIA_BLANK").is_some();
    let memory = Arc::new(Memory::load(places.config.join("desktop.json")));
    let door = (!blank).then(|| Door::new(&places, &memory));

    let mut context = tauri::generate_context!();
    let embedded = context.set_assets(Box::new(blank::Page));
    if let Some(door) = &door {
        context.set_assets(Box::new(page::Page::new(embedded, door.clone())));
    }
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _arguments, _folder| {
            window::bring_forward(app);
        }))
        .plugin(tauri_plugin_dialog::init())
        .manage(start)
        .manage(Arc::clone(&memory))
        .invoke_handler(tauri::generate_handler![door::api, timing::ready])
        .setup(move |app| {
            if let Some(door) = door {
                door.forward_changes(app.handle(), &memory);
                app.manage(door);
            }
            window::create(app.handle(), &places, blank)?;
            exit_on_signal(app.handle().clone());
            Ok(())
        })
        .build(context);
    match app {
        Ok(app) => {
            app.run(|app, event| match event {
                RunEvent::Ready => open(app),
                RunEvent::Exit => finish(app),
                _ => {}
            });
            ExitCode::SUCCESS
        }
        Err(error) => {
            tracing::error!(%error, "the window could not start");
            ExitCode::FAILURE
        }
    }
}

/// Opens the last workspace on threads of its own while the web view starts, the slower of the two.
fn open(app: &AppHandle) {
    if let Some(door) = app.try_state::<Door>() {
        door.open(&app.state::<Arc<Memory>>());
    }
}

/// Leaves the workspace checkpointed and unlocked, and the window's place remembered.
fn finish(app: &AppHandle) {
    app.state::<Arc<Memory>>().save();
    if let Some(door) = app.try_state::<Door>() {
        door.close();
    }
}

/// Ends the app in order when the session manager asks for it.
#[cfg(unix)]
fn exit_on_signal(app: AppHandle) {
    use tokio::signal::unix::{SignalKind, signal};

    tauri::async_runtime::spawn(async move {
        let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) else {
            tracing::warn!("signals cannot be handled; the app ends without a checkpoint on SIGTERM");
            return;
        };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        app.exit(0);
    });
}

/// Windows closes the window itself, which ends the app in order.
#[cfg(not(unix))]
fn exit_on_signal(_app: AppHandle) {}
