//! The one way out of this device: a POST to a webhook's target, over connections that go where they were judged to go.
//!
//! A name is resolved once, every address it gives is judged, and the connection is made to one of these very addresses.
//! Nothing is followed: no redirect, no proxy, no kept connection, no more than 4 kB of an answer.

use amtia_domain::target::{self, judge};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, header};
use rustls::CertificateError;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// How long the receiver has for everything.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15);
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How much of an answer is read.
pub(crate) const ANSWER_MAX: usize = 4096;

/// One signed message on its way.
#[derive(Clone)]
pub(crate) struct Message {
    pub(crate) url: String,
    /// An administrator's consent to a target on this device or its network.
    pub(crate) consent: bool,
    /// `webhook-id`, `webhook-timestamp` and `webhook-signature`.
    pub(crate) id: String,
    pub(crate) timestamp: i64,
    pub(crate) signature: String,
    pub(crate) body: String,
}

/// The status answered, or in words why there was none.
pub(crate) type Answered = Result<u16, String>;

/// The way out: the network, or a test's.
pub(crate) type Post = Arc<dyn Fn(Message) -> Pin<Box<dyn Future<Output = Answered> + Send>> + Send + Sync>;

/// The network. The clients are made at the first use: most workspaces have no webhook.
pub(crate) fn network() -> Post {
    Arc::new(|message| Box::pin(post(message)))
}

/// Judges every address that a name gives.
#[derive(Clone, Copy, Debug)]
struct Judged {
    consent: bool,
    plain: bool,
}

impl Resolve for Judged {
    fn resolve(&self, name: Name) -> Resolving {
        let Self { consent, plain } = *self;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            for address in &found {
                judge(address.ip(), consent, plain).map_err(|why| format!("The target {why}"))?;
            }
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// A client for each kind of target, so that no connection made by consent serves a webhook without.
fn client(consent: bool, plain: bool) -> Result<Client, String> {
    static CLIENTS: [OnceLock<Result<Client, String>>; 3] = [const { OnceLock::new() }; 3];
    let slot = match (consent, plain) {
        (false, _) => &CLIENTS[0],
        (true, false) => &CLIENTS[1],
        (true, true) => &CLIENTS[2],
    };
    let made = || {
        Client::builder()
            .dns_resolver(Judged { consent, plain })
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .https_only(!plain)
            .http1_only()
            .pool_max_idle_per_host(0)
            .connect_timeout(CONNECT)
            .timeout(PATIENCE)
            .user_agent(concat!("AMTIA-Desktop/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|cause| format!("This device cannot make secure connections: {cause}."))
    };
    slot.get_or_init(made).clone()
}

async fn post(message: Message) -> Answered {
    // Judged again at every try: an address as such never reaches the resolver.
    let target = target::read(&message.url, message.consent).map_err(|why| format!("The target {why}."))?;
    let request = client(message.consent, target.plain)?
        .post(target.url)
        .header(header::CONTENT_TYPE, "application/json")
        .header("webhook-id", message.id)
        .header("webhook-timestamp", message.timestamp)
        .header("webhook-signature", message.signature)
        .body(message.body);
    let mut answer = request.send().await.map_err(|cause| why(&cause))?;
    let status = answer.status().as_u16();
    // The exchange is over once the answer's head is here; a little more is taken in courtesy.
    let mut read = 0;
    while read < ANSWER_MAX {
        match answer.chunk().await {
            Ok(Some(chunk)) => read += chunk.len(),
            Ok(None) | Err(_) => break,
        }
    }
    Ok(status)
}

/// Why nothing was answered, without the address, which may hold a secret.
fn why(cause: &reqwest::Error) -> String {
    if cause.is_timeout() {
        return format!("No answer within {} s.", PATIENCE.as_secs());
    }
    let mut root: &dyn std::error::Error = cause;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    if root.is::<reqwest::Error>() {
        return "The request could not be sent.".to_owned();
    }
    if let Some(why) = certificate(root) {
        return why.to_owned();
    }
    let text: String = root.to_string().chars().take(200).collect();
    if cause.is_connect() { format!("No connection: {text}.") } else { format!("The exchange broke off: {text}.") }
}

/// What is wrong with the receiver's certificate, where that is why (RFC 5280, 6; RFC 9525).
fn certificate(root: &(dyn std::error::Error + 'static)) -> Option<&'static str> {
    // Carried inside the errors of one connection inside another.
    let mut inner = root;
    while let Some(outer) = inner.downcast_ref::<std::io::Error>() {
        inner = outer.get_ref()?;
    }
    let rustls::Error::InvalidCertificate(cause) = inner.downcast_ref()? else { return None };
    Some(match cause {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "The receiver's certificate has expired.",
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => "The receiver's certificate is not valid yet.",
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "The receiver's certificate is for another name."
        }
        CertificateError::Revoked => "The receiver's certificate was revoked.",
        _ => "This device does not trust the receiver's certificate.",
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpListener};
    use std::str::FromStr as _;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
    }

    fn message(url: &str, consent: bool) -> Message {
        let (id, signature, body) = ("evt_1".into(), "v1,x".into(), "{}".into());
        Message { url: url.into(), consent, id, timestamp: 1, signature, body }
    }

    #[test]
    fn a_name_that_gives_a_private_address_is_refused_when_it_is_resolved() {
        let runtime = runtime();
        let resolve = |consent, plain| {
            runtime.block_on(Judged { consent, plain }.resolve(Name::from_str("localhost").expect("a name"))).map(|found| found.count())
        };
        let refused = resolve(false, false).map(|_| ()).expect_err("without consent");
        assert!(refused.to_string().contains("allow_private"), "and says why: {refused}");
        assert!(resolve(true, true).expect("by consent") > 0, "by consent it is this device");
    }

    /// Answers one request with these bytes; gives back what was asked.
    fn receiver(answer: Vec<u8>) -> (u16, std::thread::JoinHandle<String>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let thread = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut asked = vec![0; 8192];
            let read = stream.read(&mut asked).expect("a request");
            // The sender may hang up before it has read everything: that is its right.
            let _ = stream.write_all(&answer);
            String::from_utf8_lossy(&asked[..read]).into_owned()
        });
        (port, thread)
    }

    #[test]
    fn a_message_carries_its_headers_and_no_redirect_is_followed() {
        let trap = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        trap.set_nonblocking(true).expect("a socket");
        let away = trap.local_addr().expect("an address").port();
        let (port, asked) =
            receiver(format!("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{away}/\r\nContent-Length: 0\r\n\r\n").into_bytes());
        let answered = runtime().block_on(post(message(&format!("http://127.0.0.1:{port}/in"), true)));
        assert_eq!(answered, Ok(302), "the redirect is the answer");
        let asked = asked.join().expect("the receiver ends").to_ascii_lowercase();
        for line in
            ["post /in http/1.1", "webhook-id: evt_1", "webhook-timestamp: 1", "webhook-signature: v1,x", "content-type: application/json"]
        {
            assert!(asked.contains(line), "{line} in {asked}");
        }
        assert!(trap.accept().is_err(), "nobody called at the place it named");
    }

    #[test]
    fn an_endless_answer_is_not_read_to_its_end() {
        let mut endless = b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n".to_vec();
        endless.resize(endless.len() + 5_000_000, b'x');
        let (port, asked) = receiver(endless);
        let begun = std::time::Instant::now();
        assert_eq!(runtime().block_on(post(message(&format!("http://127.0.0.1:{port}/"), true))), Ok(200));
        assert!(begun.elapsed() < Duration::from_secs(5), "it took {:?}", begun.elapsed());
        asked.join().expect("the receiver ends");
    }

    #[test]
    fn what_went_wrong_is_told_without_the_address() {
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port").local_addr().expect("an address").port();
        for (url, consent) in [
            (format!("http://127.0.0.1:{free}/token-in-the-path"), true),
            ("https://does-not-exist.invalid/token-in-the-path".to_owned(), false),
            (format!("https://127.0.0.1:{free}/token-in-the-path"), true),
            ("https://127.0.0.1/token-in-the-path".to_owned(), false),
        ] {
            let why = runtime().block_on(post(message(&url, consent))).expect_err("no answer");
            assert!(why.ends_with('.') && !why.contains("token-in-the-path"), "{url}: {why}");
        }
    }

    #[test]
    fn a_receiver_whose_certificate_nobody_vouches_for_is_not_told() {
        // Speaks no TLS at all: the handshake fails, and plain text is never the way out.
        let (port, asked) = receiver(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec());
        let answered = runtime().block_on(post(message(&format!("https://127.0.0.1:{port}/"), true)));
        assert!(answered.is_err(), "{answered:?}");
        assert!(!asked.join().expect("the receiver ends").contains("POST"), "nothing was said in plain text");
    }
}
