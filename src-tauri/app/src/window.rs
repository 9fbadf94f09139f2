//! The main window: what it loads, what it refuses, where it stands.

use std::{sync::Arc, thread, time::Duration};

use tauri::{
    AppHandle, Manager, PhysicalPosition, PhysicalSize, Theme, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent,
    webview::{Color, NewWindowResponse, PageLoadEvent},
};

use crate::{
    blank,
    places::Places,
    remembered::{Memory, Placement},
};

/// The label that the capability in `src-tauri/capabilities` names.
const MAIN: &str = "main";
/// The place that opens first (`ui/src/lib/boot.ts`): a page that begins there need not go there.
const FIRST_PLACE: &str = "risks";
const DEFAULT_SIZE: (f64, f64) = (1440.0, 900.0);
const SMALLEST_SIZE: (f64, f64) = (900.0, 600.0);
/// The canvas of each theme (the design tokens' `--canvas`), so that opening does not flash.
const LIGHT_CANVAS: Color = Color(0xee, 0xf3, 0xf6, 0xff);
const DARK_CANVAS: Color = Color(0x0c, 0x12, 0x16, 0xff);
/// A page that does not load must not leave the app running unseen.
const SHOWN_AT_LATEST: Duration = Duration::from_secs(3);

/// Creates the window hidden, where it stood last, and shows it when its page begins to load: a page is
/// drawn only in a window that is seen, and the canvas behind it already has the theme's colour.
pub(crate) fn create(app: &AppHandle, places: &Places, blank: bool) -> tauri::Result<()> {
    let memory = Arc::clone(&app.state::<Arc<Memory>>());
    let placement = memory.get().window;
    let (width, height) = placement.map_or(DEFAULT_SIZE, |it| (it.width.max(SMALLEST_SIZE.0), it.height.max(SMALLEST_SIZE.1)));

    let mut builder = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::App(FIRST_PLACE.into()))
        .title("AMTIA Desktop")
        .inner_size(width, height)
        .min_inner_size(SMALLEST_SIZE.0, SMALLEST_SIZE.1)
        .visible(false)
        .background_color(LIGHT_CANVAS)
        // Files dropped on the page are the page's to read, as in a browser.
        .disable_drag_drop_handler()
        .on_navigation(is_own_page)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(|window, load| {
            if load.event() == PageLoadEvent::Started {
                show(&window);
            }
        });
    builder = title_bar(builder);
    builder = match placement {
        Some(placement) => builder.position(placement.x, placement.y),
        None => builder.center(),
    };
    if let Some(folder) = &places.web_view {
        builder = builder.data_directory(folder.clone());
    }
    if blank {
        builder = builder.initialization_script(blank::REPORT_READY);
    }

    let window = builder.build()?;
    draw_as_the_machine_can(&window)?;
    if window.theme()? == Theme::Dark {
        window.set_background_color(Some(DARK_CANVAS))?;
    }
    if let Some(placement) = placement {
        if !is_on_a_screen(&window, placement)? {
            window.center()?;
        }
        if placement.maximized {
            window.maximize()?;
        }
    }
    remember_placement(&window, memory);

    thread::spawn(move || {
        thread::sleep(SHOWN_AT_LATEST);
        show(&window);
    });
    Ok(())
}

/// Where there is no graphics card the web view would imitate one, at the price of twice the memory and slower frames: there
/// it draws by the processor directly.
#[cfg(target_os = "linux")]
fn draw_as_the_machine_can(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{HardwareAccelerationPolicy, SettingsExt, WebViewExt};

    // Set by the window's driver, whose pictures never come from a web view that draws so (WebKitGTK 2.50).
    if std::env::var_os("TAURI_WEBVIEW_AUTOMATION").is_some() {
        return Ok(());
    }
    let is_card = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().starts_with("renderD");
    if std::fs::read_dir("/dev/dri").is_ok_and(|mut entries| entries.any(|entry| entry.is_ok_and(is_card))) {
        return Ok(());
    }
    window.with_webview(|view| {
        if let Some(settings) = WebViewExt::settings(&view.inner()) {
            settings.set_hardware_acceleration_policy(HardwareAccelerationPolicy::Never);
        }
    })
}

/// The other systems' web views see to it themselves.
#[cfg(not(target_os = "linux"))]
fn draw_as_the_machine_can(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// Shows the window that a second start found running.
pub(crate) fn bring_forward(app: &AppHandle) {
    let Some(window) = app.get_webview_window(MAIN) else {
        return;
    };
    let forward = window.unminimize().and_then(|()| window.show()).and_then(|()| window.set_focus());
    if let Err(error) = forward {
        tracing::warn!(%error, "the window could not be brought forward");
    }
}

/// The page draws the title bar itself on Linux and Windows; macOS keeps its own buttons over it.
fn title_bar<'a, R: tauri::Runtime, M: Manager<R>>(builder: WebviewWindowBuilder<'a, R, M>) -> WebviewWindowBuilder<'a, R, M> {
    #[cfg(target_os = "macos")]
    return builder.title_bar_style(tauri::TitleBarStyle::Overlay).hidden_title(true);
    #[cfg(not(target_os = "macos"))]
    builder.decorations(false)
}

/// True for the page that is embedded in this binary, and for nothing else.
fn is_own_page(url: &Url) -> bool {
    let own = if cfg!(windows) { ("http", "tauri.localhost") } else { ("tauri", "localhost") };
    url.port().is_none() && (url.scheme(), url.host_str()) == (own.0, Some(own.1))
}

fn show(window: &WebviewWindow) {
    let shown = match window.is_visible() {
        Ok(true) => Ok(()),
        Ok(false) => window.show().and_then(|()| window.set_focus()),
        Err(error) => Err(error),
    };
    if let Err(error) = shown {
        tracing::warn!(%error, "the window could not be shown");
    }
}

/// True when enough of the window's top edge to take hold of is on a screen that is there now.
fn is_on_a_screen(window: &WebviewWindow, placement: Placement) -> tauri::Result<bool> {
    let scale = window.scale_factor()?;
    let grip = ((placement.x + placement.width / 2.0) * scale, (placement.y + 22.0) * scale);
    Ok(window.available_monitors()?.iter().any(|monitor| {
        let PhysicalPosition { x, y } = monitor.position().cast::<f64>();
        let PhysicalSize { width, height } = monitor.size().cast::<f64>();
        (x..x + width).contains(&grip.0) && (y..y + height).contains(&grip.1)
    }))
}

/// Keeps the window's place in memory as it changes; it is written when the app ends.
fn remember_placement(window: &WebviewWindow, memory: Arc<Memory>) {
    let observed = window.clone();
    window.on_window_event(move |event| match event {
        WindowEvent::Resized(_) | WindowEvent::Moved(_) | WindowEvent::CloseRequested { .. } => {
            match placement_of(&observed, memory.get().window) {
                Ok(Some(placement)) => memory.change(|remembered| remembered.window = Some(placement)),
                Ok(None) => {}
                Err(error) => tracing::debug!(%error, "the window's place is unknown"),
            }
        }
        _ => {}
    });
}

/// The window's place now; `None` when it cannot be seen. A maximised window keeps the size that it
/// returns to.
fn placement_of(window: &WebviewWindow, last: Option<Placement>) -> tauri::Result<Option<Placement>> {
    if !window.is_visible()? || window.is_minimized()? {
        return Ok(None);
    }
    let maximized = window.is_maximized()?;
    if let (true, Some(last)) = (maximized, last) {
        return Ok(Some(Placement { maximized, ..last }));
    }
    let scale = window.scale_factor()?;
    let position = window.outer_position()?.to_logical::<f64>(scale);
    let size = window.inner_size()?.to_logical::<f64>(scale);
    Ok(Some(Placement { x: position.x, y: position.y, width: size.width, height: size.height, maximized }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_embedded_page_may_be_loaded() {
        let own = if cfg!(windows) { "http://tauri.localhost/" } else { "tauri://localhost/" };
        for (address, allowed) in [
            (own, true),
            (&format!("{own}risks?level=high"), true),
            ("https://example.com/", false),
            ("http://localhost/", false),
            ("http://127.0.0.1:7540/", false),
            ("http://tauri.localhost:7540/", false),
            ("tauri://localhost.example.com/", false),
            ("tauri://localhost:7540/", false),
            ("file:///etc/hosts", false),
            ("data:text/html,x", false),
            ("about:blank", false),
            ("ipc://localhost/api", false),
        ] {
            let url = Url::parse(address).expect("a well-formed address");
            assert_eq!(is_own_page(&url), allowed, "{address}");
        }
    }
}
