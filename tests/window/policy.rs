//! What the page may reach: its own engine, and nothing else.

use serde_json::json;

use crate::stage::Stage;

#[tokio::test]
async fn the_page_reaches_its_own_engine_and_nothing_else() {
    let Some(mut stage) = Stage::set() else {
        return;
    };
    let window = stage.start_app().await;
    let home = window.address().await;

    // The commands that the capability does not name.
    for command in [
        "plugin:window|set_title",
        "plugin:webview|create_webview_window",
        "plugin:dialog|message",
        "plugin:fs|read_file",
        "plugin:shell|execute",
        "plugin:app|version",
    ] {
        let answer = window
            .promise("return window.__TAURI_INTERNALS__.invoke(given[0], { label: 'main', value: 'x' });", vec![json!(command)])
            .await;
        let refusal = answer["error"].as_str().unwrap_or_default();
        assert!(refusal.contains("not allowed"), "{command} is refused, not answered with {answer}");
    }

    // Requests and scripts that the content policy does not allow.
    for (attempt, script) in [
        ("a request to another address", "await fetch('http://127.0.0.1:9/'); return 'sent';"),
        ("a script from a text", "return new Function('return 1')();"),
        (
            "an inline script",
            "const script = document.createElement('script');
             script.textContent = 'window.ran = true';
             document.head.append(script);
             if (!window.ran) throw new Error('did not run');",
        ),
        ("a new window", "if (!window.open('https://example.com/')) throw new Error('refused');"),
    ] {
        let answer = window.promise(script, vec![]).await;
        assert!(answer["error"].is_string(), "{attempt} is refused, not answered with {answer}");
    }

    // Pages other than ours.
    for address in ["http://127.0.0.1:9/", "https://example.com/", "file:///etc/hosts"] {
        window.run("location.href = arguments[0];", vec![json!(address)]).await;
        tokio::time::sleep(std::time::Duration::from_millis(300)).await;
        assert_eq!(window.address().await, home, "the window stays on its page instead of {address}");
    }
    assert!(window.get("/v1/workspace").await["state"].is_string(), "the page still reaches its engine");
}
