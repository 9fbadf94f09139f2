//! The app's window as a person sees and works it.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    actions::{Actions, InputSource as _, KeyAction, KeyActions, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    elements::Element,
};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::stage::shots;

/// How long anything on the screen may take; a debug build on a loaded machine is slow.
const SEEN_WITHIN: Duration = Duration::from_secs(20);

/// Keys without a letter, as WebDriver names them.
pub mod key {
    /// Puts down, opens.
    pub const ENTER: char = '\u{e007}';
    /// Cancels.
    pub const ESCAPE: char = '\u{e00c}';
    pub const CONTROL: char = '\u{e009}';
    pub const SHIFT: char = '\u{e008}';
    pub const LEFT: char = '\u{e012}';
    pub const UP: char = '\u{e013}';
    pub const RIGHT: char = '\u{e014}';
}

/// The window under test.
pub struct Window {
    client: Client,
}

impl Window {
    /// Starts the app through the driver.
    pub async fn open(driver_port: u16, app: &Path) -> Self {
        let Value::Object(capabilities) = json!({ "tauri:options": { "application": app } }) else {
            unreachable!("an object literal is an object");
        };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{driver_port}"))
            .await
            .expect("the app starts and its window answers");
        let window = Self { client };
        window
            .run(
                "window.refusedByPolicy = [];
                 addEventListener('securitypolicyviolation', (event) =>
                   window.refusedByPolicy.push(`${event.violatedDirective} ${event.sourceFile}:${event.lineNumber}`));",
                vec![],
            )
            .await;
        window
    }

    /// Runs a script in the page.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.expect("the script runs in the page")
    }

    /// Runs a script in the page and waits for its promise; a rejection comes back as a text.
    pub async fn promise(&self, script: &str, arguments: Vec<Value>) -> Value {
        let wrapped = format!(
            "const done = arguments[arguments.length - 1];
             (async (...given) => {{ {script} }})(...arguments)
               .then((value) => done({{ value: value ?? null }}), (error) => done({{ error: String(error) }}));"
        );
        self.client.execute_async(&wrapped, arguments).await.expect("the script runs in the page")
    }

    /// Asks the engine through the page's own door.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self
            .promise(
                "const frame = await window.__TAURI_INTERNALS__.invoke('api', new Uint8Array(),
                   { headers: { 'x-amtia-method': 'GET', 'x-amtia-path': given[0], 'x-amtia-headers': '{}' } });
                 const head = new DataView(frame).getUint32(0);
                 return JSON.parse(new TextDecoder().decode(new Uint8Array(frame, 4 + head)));",
                vec![json!(path)],
            )
            .await;
        assert!(answer["error"].is_null(), "GET {path}: {}", answer["error"]);
        answer["value"].clone()
    }

    /// The element, once it is there and visible.
    pub async fn see(&self, selector: &str) -> Element {
        self.see_by(Locator::Css(selector)).await
    }

    /// The first visible element of this kind (a step of an XPath) that carries this text.
    pub async fn see_text(&self, kind: &str, text: &str) -> Element {
        assert!(!text.contains('\''), "a text without quotes");
        let has = format!("contains(normalize-space(.), '{text}')");
        // The innermost one, so that a click lands on the text.
        let path = format!("//{kind}[{has} and not(.//{kind}[{has}])]");
        self.see_by(Locator::XPath(&path)).await
    }

    async fn see_by(&self, locator: Locator<'_>) -> Element {
        let begun = Instant::now();
        loop {
            for element in self.client.find_all(locator).await.unwrap_or_default() {
                if self.is_seen(&element).await {
                    return element;
                }
            }
            if begun.elapsed() > SEEN_WITHIN {
                self.shot("failed").await;
                let text = self.run("return document.body.innerText;", vec![]).await;
                panic!("not on the screen: {locator:?}; the page says {text}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether an element is drawn. The driver's own answer is wrong inside a list with `contain: strict`.
    async fn is_seen(&self, element: &Element) -> bool {
        let script = "const box = arguments[0].getBoundingClientRect();
             return box.width > 0 && box.height > 0 && arguments[0].checkVisibility({ visibilityProperty: true });";
        let element = serde_json::to_value(element).expect("an element has an id");
        // One that has left the page meanwhile is not seen.
        self.client.execute(script, vec![element]).await.is_ok_and(|seen| seen == json!(true))
    }

    /// Waits until a script's answer is true.
    pub async fn until(&self, what: &str, script: &str, arguments: Vec<Value>) {
        let begun = Instant::now();
        loop {
            if self.run(script, arguments.clone()).await == json!(true) {
                return;
            }
            if begun.elapsed() > SEEN_WITHIN {
                self.shot("failed").await;
                panic!("not so: {what}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until the engine's answer is as it should be, and returns it.
    pub async fn until_saved(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let answer = self.get(path).await;
            if is_so(&answer) {
                return answer;
            }
            if begun.elapsed() > SEEN_WITHIN {
                self.shot("failed").await;
                panic!("not saved: {path} still answers {answer}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Clicks what is visible under this selector.
    pub async fn click(&self, selector: &str) {
        let element = self.see(selector).await;
        self.click_on(element).await;
    }

    /// Clicks the visible element of this kind that carries this text.
    pub async fn click_text(&self, kind: &str, text: &str) {
        let element = self.see_text(kind, text).await;
        self.click_on(element).await;
    }

    /// Clicks an element with the pointer, as opposed to calling its handler.
    pub async fn click_on(&self, element: Element) {
        let pointer = MouseActions::new("mouse".to_owned())
            .then(to(element))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.act(pointer).await;
    }

    /// Presses keys one after the other, as if nothing but a keyboard were there.
    pub async fn press(&self, keys: &[char]) {
        let mut typed = KeyActions::new("keyboard".to_owned());
        for &key in keys {
            typed = typed.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        }
        self.act(typed).await;
    }

    /// Types a text into what has the focus.
    pub async fn type_text(&self, text: &str) {
        self.press(&text.chars().collect::<Vec<_>>()).await;
    }

    /// Presses a key while others are held.
    pub async fn press_with(&self, held: &[char], key: char) {
        let mut typed = KeyActions::new("keyboard".to_owned());
        for &value in held {
            typed = typed.then(KeyAction::Down { value });
        }
        typed = typed.then(KeyAction::Down { value: key }).then(KeyAction::Up { value: key });
        for &value in held.iter().rev() {
            typed = typed.then(KeyAction::Up { value });
        }
        self.act(typed).await;
    }

    /// Gives an element the focus.
    pub async fn focus(&self, selector: &str) {
        self.see(selector).await;
        self.run("document.querySelector(arguments[0]).focus();", vec![json!(selector)]).await;
    }

    /// Drags one element onto another: takes hold of it, moves in steps, lets go.
    pub async fn drag(&self, from: &str, onto: &str) {
        let (from, onto) = (self.see(from).await, self.see(onto).await);
        let step = Some(Duration::from_millis(60));
        let pointer = MouseActions::new("mouse".to_owned())
            .then(to(from))
            .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
            .then(PointerAction::MoveBy { duration: step, x: 6.0, y: 4.0 })
            .then(PointerAction::MoveBy { duration: step, x: 12.0, y: 4.0 })
            .then(PointerAction::MoveToElement { element: onto, duration: Some(Duration::from_millis(250)), x: 0.0, y: 0.0 })
            .then(PointerAction::Pause { duration: Duration::from_millis(100) })
            .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
        self.act(pointer).await;
    }

    /// Performs input; a window that is out of sight would never answer.
    async fn act(&self, input: impl Into<Actions>) {
        match tokio::time::timeout(SEEN_WITHIN, self.client.perform_actions(input)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => panic!("the window does not take the input: {error}"),
            Err(_) => panic!("the window did not take the input within {SEEN_WITHIN:?}"),
        }
    }

    /// Keeps a picture of the window, for people to look at.
    pub async fn shot(&self, name: &str) {
        // What has just been drawn reaches the screen a frame or two later.
        tokio::time::sleep(Duration::from_millis(250)).await;
        if let Ok(picture) = self.client.screenshot().await {
            fs::write(shots().join(format!("{name}.png")), picture).expect("the picture is kept");
        }
    }

    /// The address that the page is at.
    pub async fn address(&self) -> String {
        self.client.current_url().await.expect("the window has an address").to_string()
    }

    /// Fails when the page's own policy refused something of the page since it was opened.
    pub async fn expect_no_refusals(&self) {
        let refused = self.run("return window.refusedByPolicy;", vec![]).await;
        assert_eq!(refused, json!([]), "the page asks for nothing that its own policy refuses");
    }
}

fn to(element: Element) -> PointerAction {
    PointerAction::MoveToElement { element, duration: Some(Duration::from_millis(40)), x: 0.0, y: 0.0 }
}
