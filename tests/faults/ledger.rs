//! Writers that write down what the server acknowledged, and the comparison afterwards.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::{Value, json};

use super::program::Server;

/// Fewer than a key may ask in a minute, the token and a page or two included.
const REQUESTS: u64 = 900;

/// What is known of one risk.
#[derive(Clone, Debug, Default)]
struct Entry {
    name: String,
    /// The newest version that was acknowledged.
    acknowledged: u64,
    /// The newest version that was sent.
    sent: u64,
    /// Whether the removal was sent, and whether it was acknowledged.
    removal: Option<bool>,
}

/// Everything acknowledged so far, over any number of sudden ends.
#[derive(Debug, Default)]
pub struct Ledger {
    risks: Mutex<BTreeMap<String, Entry>>,
    incidents: Mutex<BTreeMap<String, String>>,
    /// The SHA-256 of each document's file: that the file itself is whole is what `amtia verify` says.
    documents: Mutex<BTreeMap<String, String>>,
    acknowledged: AtomicU64,
}

/// A client that is signed in.
pub struct Client {
    agent: ureq::Agent,
    url: String,
    token: String,
}

impl Client {
    /// Signs in; nothing when the server went away.
    pub fn sign_in(url: &str, (api_key, secret): &(String, String)) -> Option<Self> {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(20))).build().into();
        let mut client = Self { agent, url: url.to_owned(), token: String::new() };
        let keys = json!({"api_key": api_key, "secret": secret});
        let (status, answer) = client.send("POST", "/auth/token", &keys)?;
        assert_eq!(status, 200, "a key signs in: {answer}");
        client.token = answer["token"].as_str().expect("the answer has a token").to_owned();
        Some(client)
    }

    /// The status and the answer, or nothing when the server went away.
    pub fn send(&self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        let url = format!("{}{path}", self.url);
        let bearer = format!("Bearer {}", self.token);
        let bytes = body.to_string();
        let answer = match method {
            "GET" => self.agent.get(&url).header("authorization", &bearer).call(),
            "DELETE" => self.agent.delete(&url).header("authorization", &bearer).call(),
            "PUT" => self.agent.put(&url).header("authorization", &bearer).header("content-type", "application/json").send(&bytes),
            _ => self.agent.post(&url).header("authorization", &bearer).header("content-type", "application/json").send(&bytes),
        };
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        let text = answer.body_mut().read_to_string().ok()?;
        let value = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).ok()? };
        Some((status, value))
    }

    /// Uploads a text file, as [`Client::send`].
    fn upload(&self, name: &str, text: &str) -> Option<(u16, Value)> {
        let body = format!("--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n{text}\r\n--edge--\r\n");
        let answer = self
            .agent
            .post(format!("{}/documents/upload", self.url))
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "multipart/form-data; boundary=edge")
            .send(&body);
        let mut answer = answer.ok()?;
        let status = answer.status().as_u16();
        Some((status, serde_json::from_str(&answer.body_mut().read_to_string().ok()?).ok()?))
    }

    /// Every record of a list.
    fn all(&self, path: &str) -> Vec<Value> {
        let mut records = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = format!("{path}?limit=200{cursor}");
            let (status, answer) = self.send("GET", &page, &Value::Null).expect("the server answers");
            assert_eq!(status, 200, "{page}: {answer}");
            records.extend(answer["data"].as_array().expect("a list has data").iter().cloned());
            match answer["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return records,
            }
        }
    }
}

/// Writers at work.
pub struct Writers {
    threads: Vec<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
}

impl Writers {
    /// Waits until they noticed that the server is gone, or stops them.
    pub fn finish(self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a writer only ends because the server does");
        }
    }
}

impl Ledger {
    /// How many writes were acknowledged in all.
    pub fn acknowledged(&self) -> u64 {
        self.acknowledged.load(Ordering::Relaxed)
    }

    /// Starts one writer for each key, until the server goes away.
    pub fn write(self: &Arc<Self>, server: &Server, keys: &[(String, String)], round: u32) -> Writers {
        let stop = Arc::new(AtomicBool::new(false));
        let url = server.url.clone();
        let threads = keys
            .iter()
            .enumerate()
            .filter_map(|(writer, key)| {
                let (ledger, stop, key) = (Arc::clone(self), Arc::clone(&stop), key.clone());
                let url = url.clone()?;
                Some(thread::spawn(move || {
                    if let Some(client) = Client::sign_in(&url, &key) {
                        ledger.writer(&client, &format!("{round}-{writer}"), &stop);
                    }
                }))
            })
            .collect();
        Writers { threads, stop }
    }

    /// One after the other: a new risk, changes of it, a document, an incident, now and then a removal.
    fn writer(&self, client: &Client, name: &str, stop: &AtomicBool) {
        let mut mine: Vec<String> = Vec::new();
        for number in 0..REQUESTS {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let going = match (number % 8, mine.last()) {
                (0 | 3, _) | (_, None) => self.create(client, &format!("Cut {name}-{number}"), &mut mine),
                (5, _) => self.upload(client, &format!("Cut {name}-{number}.txt")),
                (6, _) => self.report(client, &format!("Cut {name}-{number}")),
                (7, Some(_)) if mine.len() > 4 => {
                    let oldest = mine.remove(0);
                    self.remove(client, &oldest)
                }
                (_, Some(id)) => self.change(client, &id.clone()),
            };
            if going.is_none() {
                return;
            }
        }
    }

    fn done(&self) {
        self.acknowledged.fetch_add(1, Ordering::Relaxed);
    }

    fn create(&self, client: &Client, name: &str, mine: &mut Vec<String>) -> Option<()> {
        let long = "Payments stop because the clearing house refuses the bank's files. ".repeat(8);
        let risk = json!({"name": name, "rationale": long, "description": "v0", "likelihood": 3, "impact": 4});
        let (status, answer) = client.send("POST", "/risks", &risk)?;
        assert_eq!(status, 201, "a risk is created: {answer}");
        let id = answer["id"].as_str().expect("a record has an id").to_owned();
        let entry = Entry { name: name.to_owned(), ..Entry::default() };
        self.risks.lock().expect("no writer panics holding it").insert(id.clone(), entry);
        self.done();
        mine.push(id);
        Some(())
    }

    fn change(&self, client: &Client, id: &str) -> Option<()> {
        let version = self.with(id, |entry| {
            entry.sent += 1;
            entry.sent
        });
        let body = json!({"description": format!("v{version}")});
        let (status, answer) = client.send("PUT", &format!("/risks/{id}"), &body)?;
        assert_eq!(status, 200, "a risk is changed: {answer}");
        self.with(id, |entry| entry.acknowledged = version);
        self.done();
        Some(())
    }

    fn remove(&self, client: &Client, id: &str) -> Option<()> {
        self.with(id, |entry| entry.removal = Some(false));
        let (status, answer) = client.send("DELETE", &format!("/risks/{id}"), &Value::Null)?;
        assert_eq!(status, 204, "a risk is removed: {answer}");
        self.with(id, |entry| entry.removal = Some(true));
        self.done();
        Some(())
    }

    fn report(&self, client: &Client, title: &str) -> Option<()> {
        let incident = json!({"title": title, "severity": "high"});
        let (status, answer) = client.send("POST", "/incidents", &incident)?;
        assert_eq!(status, 201, "an incident is reported: {answer}");
        let id = answer["id"].as_str().expect("a record has an id").to_owned();
        self.incidents.lock().expect("no writer panics holding it").insert(id, title.to_owned());
        self.done();
        Some(())
    }

    fn upload(&self, client: &Client, name: &str) -> Option<()> {
        let (status, answer) = client.upload(name, &format!("{name}: the evidence of it. ").repeat(2_000))?;
        assert_eq!(status, 201, "a document is uploaded: {answer}");
        let text = |field: &str| answer[field].as_str().expect("a document has an id and a hash").to_owned();
        self.documents.lock().expect("no writer panics holding it").insert(text("id"), text("sha256"));
        self.done();
        Some(())
    }

    fn with<T>(&self, id: &str, act: impl FnOnce(&mut Entry) -> T) -> T {
        let mut risks = self.risks.lock().expect("no writer panics holding it");
        act(risks.get_mut(id).expect("only known risks are changed"))
    }

    /// What was acknowledged and is not there; and what is there but contradicts itself.
    pub fn lost(&self, server: &Server, key: &(String, String)) -> Vec<String> {
        let client = Client::sign_in(server.url(), key).expect("the server answers");
        let found: BTreeMap<String, Value> = by_id(client.all("/risks"));
        let incidents = by_id(client.all("/incidents"));
        let mut lost = Vec::new();
        let risks = self.risks.lock().expect("no writer panics holding it");
        for (id, entry) in risks.iter() {
            match (found.get(id), entry.removal) {
                (Some(_), Some(true)) => lost.push(format!("{}: its removal", entry.name)),
                (None, None) => lost.push(format!("{}: its creation", entry.name)),
                (None, Some(_)) => {}
                (Some(risk), _) => {
                    let description = risk["description"].as_str().unwrap_or("");
                    let version: u64 = description.trim_start_matches('v').parse().unwrap_or(0);
                    if risk["name"] != entry.name.as_str() || version < entry.acknowledged {
                        lost.push(format!("{}: version {} ({risk})", entry.name, entry.acknowledged));
                    }
                    assert!(version <= entry.sent, "{} has a version that nobody sent", entry.name);
                }
            }
        }
        for (id, title) in self.incidents.lock().expect("no writer panics holding it").iter() {
            if incidents.get(id).is_none_or(|incident| incident["title"] != title.as_str()) {
                lost.push(format!("{title}: the incident"));
            }
        }
        let documents = by_id(client.all("/documents"));
        for (id, hash) in self.documents.lock().expect("no writer panics holding it").iter() {
            if documents.get(id).is_none_or(|document| document["sha256"] != hash.as_str()) {
                lost.push(format!("{id}: the document"));
            }
        }
        // Kept counts are written with the row or not at all.
        let (_, heatmap) = client.send("GET", "/risks/heatmap", &Value::Null).expect("the server answers");
        let cells = heatmap["cells"].as_array().expect("a heatmap has cells");
        let counted: u64 = cells.iter().filter_map(|cell| cell["count"].as_u64()).sum();
        assert_eq!(counted, found.len() as u64, "the map counts the risks that are there");
        lost
    }
}

fn by_id(records: Vec<Value>) -> BTreeMap<String, Value> {
    records.into_iter().map(|record| (record["id"].as_str().expect("a record has an id").to_owned(), record)).collect()
}
