//! The loopback door: HTTP/1.1 on this machine only, for scripts, SDKs and a browser.
//!
//! Before anything is routed, the `Host` must be this very address and an `Origin`, if any, this very page: that is the
//! answer to DNS rebinding and to web pages that call loopback ports (TRUST).

use crate::api::{Language, error_answer};
use crate::engine::Engine;
use crate::error::Error;
use axum::body::{Body, HttpBody};
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::rt::{Sleep, Timer};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use std::convert::Infallible;
use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};

/// Connections served at once.
const CONNECTIONS: usize = 256;
/// How long a client may take to send its request's head, to the next [`LOOK`].
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How often connections at rest look at the clock.
const LOOK: Duration = Duration::from_secs(2);
/// How long a client may pause within its request's body.
const BODY_PAUSE: Duration = Duration::from_secs(15);
/// How long one request may take, its body included; the change feed, which never ends, is exempt.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(120);

/// The UI's files: a path without its leading slash gives bytes and a media type.
pub type Assets = Arc<dyn Fn(&str) -> Option<(Bytes, &'static str)> + Send + Sync>;

/// The page may load only its own files and talk only to its own origin.
const PAGE_POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The API reference is a page of its own: it may load its own files and call the API, and nothing else.
const REFERENCE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// A listener that is ready.
pub struct Server {
    listener: TcpListener,
    /// `127.0.0.1` and the port.
    pub address: SocketAddr,
}

impl Server {
    /// Takes a port on the loopback interface; 0 takes any free one.
    ///
    /// # Errors
    /// A port that is taken.
    pub async fn bind(port: u16) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// A port that was taken outside a runtime; this is called within one.
    pub(crate) fn from_std(listener: std::net::TcpListener) -> std::io::Result<Self> {
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }
}

/// Serves the port that this process is for until `stop` ends; requests under way are then finished, for two seconds at
/// most.
pub async fn serve(server: Server, engine: Engine, assets: Option<Assets>, stop: impl Future<Output = ()>) {
    engine.note_served(Some(server.address.port()));
    listen(server, engine.clone(), assets, stop).await;
    engine.note_served(None);
}

/// Serves until `stop` ends, and tells nobody that it does.
pub(crate) async fn listen(server: Server, engine: Engine, assets: Option<Assets>, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    let port = server.address.port();
    let clock = looks();
    loop {
        let permit = tokio::select! {
            () = &mut stop => break,
            permit = Arc::clone(&places).acquire_owned() => permit,
        };
        let Ok(permit) = permit else { break };
        let accepted = tokio::select! {
            () = &mut stop => break,
            accepted = server.listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of file descriptors, most likely: the next moment may be better.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let (engine, assets) = (engine.clone(), assets.clone());
        let service = hyper::service::service_fn(move |request: Request<Incoming>| {
            let (engine, assets) = (engine.clone(), assets.clone());
            async move {
                if request.body().is_end_stream() {
                    return Ok::<_, Infallible>(answer(request.map(|_| Body::empty()), &engine, assets.as_ref(), port).await);
                }
                let unread = Unread::default();
                let request = request.map(|body| Body::new(unread.watch(body)));
                let mut response = answer(request, &engine, assets.as_ref(), port).await;
                if unread.is_some() {
                    // What is left of the body would be taken for the next request: the caller is told that this ends here.
                    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
                }
                Ok(response)
            }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .timer(Looked)
            .header_read_timeout(HEAD_TIMEOUT)
            .max_headers(64)
            .serve_connection(TokioIo::new(stream), service);
        let watched = graceful.watch(connection);
        let mut clock = clock.clone();
        tokio::spawn(async move {
            let mut watched = std::pin::pin!(watched);
            let ended = loop {
                tokio::select! {
                    biased;
                    ended = &mut watched => break ended,
                    _ = clock.changed() => {}
                }
            };
            if let Err(cause) = ended {
                tracing::debug!(%cause, "a connection ended early");
            }
            drop(permit);
        });
    }
    drop(server);
    engine.end_streams();
    let _ = tokio::time::timeout(Duration::from_secs(2), graceful.shutdown()).await;
}

/// Changes every [`LOOK`], while anybody looks. By a thread of its own: where a runtime has a timer, each of its workers sets one of
/// the system whenever it has nothing to do, which takes about as long as answering a request.
fn looks() -> watch::Receiver<()> {
    let (clock, looking) = watch::channel(());
    let tick = move || {
        while !clock.is_closed() {
            std::thread::sleep(LOOK);
            clock.send_replace(());
        }
    };
    std::thread::Builder::new().name("amtia-clock".into()).spawn(tick).expect("a process that cannot start one thread cannot run");
    looking
}

/// The timer of a request's head, which wakes nobody: the connection's task looks at it each time that it runs, which is every
/// [`LOOK`] at the latest.
struct Looked;

impl Timer for Looked {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Sleep>> {
        self.sleep_until(self.now() + duration)
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn Sleep>> {
        Box::pin(Until(deadline))
    }
}

/// Over once it is looked at after this moment.
struct Until(Instant);

impl Sleep for Until {}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if Instant::now() >= self.0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Whether any of a request's body was left unread.
#[derive(Clone, Default)]
struct Unread(Arc<AtomicBool>);

impl Unread {
    fn watch(&self, body: Incoming) -> Watched {
        self.0.store(true, Ordering::Relaxed);
        Watched { body, unread: self.clone(), pause: None }
    }

    fn is_some(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A body that tells when it was read to its end, and whose sender may pause, but not for long.
struct Watched {
    body: Incoming,
    unread: Unread,
    pause: Option<Pin<Box<tokio::time::Sleep>>>,
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None)) || self.body.is_end_stream() {
            self.unread.0.store(false, Ordering::Relaxed);
        }
        match polled {
            Poll::Ready(frame) => {
                self.pause = None;
                Poll::Ready(frame.map(|frame| frame.map_err(std::io::Error::other)))
            }
            Poll::Pending => {
                let pause = self.pause.get_or_insert_with(|| Box::pin(tokio::time::sleep(BODY_PAUSE)));
                let over = pause.as_mut().poll(context);
                over.map(|()| Some(Err(std::io::Error::from(std::io::ErrorKind::TimedOut))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

async fn answer(request: Request<Body>, engine: &Engine, assets: Option<&Assets>, port: u16) -> Response<Body> {
    let (method, uri, language) = (request.method().clone(), request.uri().clone(), Language::of(request.headers()));
    let path = uri.path();
    if let Err(error) = check_origin(request.headers(), port) {
        return error_answer(error, &method, path, language);
    }
    if path != "/v1" && !path.starts_with("/v1/") {
        return page(assets, &method, path, wants_page(request.headers()), language);
    }
    let answered = engine.answer(request);
    if path == "/v1/changes" {
        return answered.await;
    }
    match tokio::time::timeout(REQUEST_TIMEOUT, answered).await {
        Ok(response) => response,
        Err(_) => error_answer(Error::bad("The request took longer than two minutes."), &method, path, language),
    }
}

/// `Host` must be this address with this port; `Origin` absent or this origin; no cross-site fetch.
fn check_origin(headers: &HeaderMap, port: u16) -> Result<(), Error> {
    let foreign = || Error::Forbidden("This address only answers requests from this device's own pages and programs.".into());
    let own = |host: &str| {
        let Some((name, number)) = host.rsplit_once(':') else { return false };
        let here = ["127.0.0.1", "localhost", "[::1]"].iter().any(|own| name.eq_ignore_ascii_case(own));
        here && !number.starts_with(['+', '0']) && number.parse() == Ok(port)
    };
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(|value| value.to_str().ok()).ok_or_else(foreign)?;
    if hosts.next().is_some() || !own(host) {
        return Err(foreign());
    }
    for origin in headers.get_all(header::ORIGIN) {
        let origin = origin.to_str().map_err(|_| foreign())?;
        if !origin.strip_prefix("http://").is_some_and(own) {
            return Err(foreign());
        }
    }
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        None | Some(b"same-origin" | b"none") => Ok(()),
        Some(_) if headers.get("sec-fetch-mode").is_some_and(|mode| mode == "navigate") => Ok(()),
        Some(_) => Err(foreign()),
    }
}

/// Whether a person's browser asks for a page, rather than a page for one of its parts.
fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).is_some_and(|accept| accept.contains("text/html"))
}

/// One of the UI's files. Any other path is a screen, which the page itself finds: a framework's id may hold a dot, so that
/// only who asks tells `/frameworks/nist-csf-2.0` from a file that is not there.
fn page(assets: Option<&Assets>, method: &Method, path: &str, wanted: bool, language: Language) -> Response<Body> {
    if !matches!(*method, Method::GET | Method::HEAD) {
        return error_answer(Error::MethodNotAllowed, method, path, language);
    }
    let name = match path.trim_start_matches('/') {
        "reference" | "reference/" => "reference/index.html",
        name => name,
    };
    let found = assets.and_then(|assets| {
        let screen = wanted || !name.rsplit('/').next().is_some_and(|last| last.contains('.'));
        assets(name).or_else(|| if screen { assets("index.html") } else { None })
    });
    let Some((bytes, kind)) = found else { return error_answer(Error::NotFound("No such page.".into()), method, path, language) };
    let mut response = Response::new(if *method == Method::HEAD { Body::empty() } else { Body::from(bytes) });
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    let policy = if name.starts_with("reference/") { REFERENCE_POLICY } else { PAGE_POLICY };
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    let kept = if name.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(kept));
    response
}
