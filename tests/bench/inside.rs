//! In process: the router without a socket, against a bare router and the raw statement.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use amtia_engine::Engine;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use axum::routing::get;
use bytes::Bytes;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use crate::product::{answer, call};
use crate::raw::Raw;
use crate::report::{Goal, Report};

const ROUNDS: usize = 7;
const CALLS: usize = 300;
/// Long enough for the mirror of the risks' columns to be filled.
const FILLED: Duration = Duration::from_secs(4);
const WRITING: Duration = Duration::from_millis(400);

/// Mean time of one call, over paths in turn.
async fn product_time(engine: &Engine, paths: &[String], calls: usize) -> Result<Duration, String> {
    let begun = Instant::now();
    for number in 0..calls {
        let (status, _) = call(engine, "GET", &paths[number % paths.len()], None).await?;
        if !status.is_success() {
            return Err(format!("{}: {status}", paths[number % paths.len()]));
        }
    }
    Ok(begun.elapsed() / calls as u32)
}

async fn bare_time(bare: &Router, calls: usize) -> Result<Duration, String> {
    let begun = Instant::now();
    for _ in 0..calls {
        let request = Request::builder().uri("/").body(Body::empty()).map_err(|e| e.to_string())?;
        let answer = bare.clone().oneshot(request).await.map_err(|e| e.to_string())?;
        answer.into_body().collect().await.map_err(|e| e.to_string())?;
    }
    Ok(begun.elapsed() / calls as u32)
}

fn bare(bytes: Bytes) -> Router {
    Router::new().route(
        "/",
        get(move || {
            let bytes = bytes.clone();
            async move { ([(header::CONTENT_TYPE, "application/json")], bytes) }
        }),
    )
}

fn middle(mut times: Vec<Duration>) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64() * 1e6
}

/// Reads, one at a time.
pub async fn reads(engine: &Engine, only: &str, report: &mut Report) -> Result<(), String> {
    // The first filter fills the mirror of the risks' columns, in the background.
    answer(engine, "GET", "/v1/risks/heatmap?category=Fraud", None).await?;
    tokio::time::sleep(FILLED).await;
    let pages = pages(engine, 2_000).await?;
    let (deep, deep_by_score) = (deep(engine, "created_at").await?, deep(engine, "score").await?);
    let page: Value = answer(engine, "GET", &pages[0], None).await?;
    let ids: Vec<String> = page["data"]
        .as_array()
        .ok_or("a page has no data")?
        .iter()
        .filter_map(|risk| Some(format!("/v1/risks/{}", risk["id"].as_str()?)))
        .collect();
    let one = |path: &str| vec![path.to_owned()];
    let change = ids[0].clone();
    let cases: Vec<(&str, Vec<String>, Asked)> = vec![
        ("list page of 50, unchanged", one(&pages[0]), Asked::Again),
        ("list page of 50, live (another page each time)", pages.clone(), Asked::Again),
        ("deep page at nine tenths, by cursor, after a change", one(&deep), Asked::AfterChange),
        ("first page of 50, after a change", one(&pages[0]), Asked::AfterChange),
        ("page of 50 sorted by score, after a change", one("/v1/risks?limit=50&sort=-score"), Asked::AfterChange),
        ("deep page sorted by score, after a change", one(&deep_by_score), Asked::AfterChange),
        ("read one, unchanged", ids.clone(), Asked::Again),
        ("read one, after a change", ids, Asked::AfterChange),
        ("heatmap, unchanged", one("/v1/risks/heatmap"), Asked::Again),
        ("heatmap, after a change", one("/v1/risks/heatmap"), Asked::AfterChange),
        ("heatmap of one category, after a change", one("/v1/risks/heatmap?category=Fraud"), Asked::AfterChange),
        (
            "heatmap of one owner and treatment, after a change",
            one("/v1/risks/heatmap?owner=Rosa%20Ferri&treatment=mitigate"),
            Asked::AfterChange,
        ),
        ("risk map with its chips, after a change", one("/v1/risks/map"), Asked::AfterChange),
        ("search, a common word, after a change", one("/v1/risks?limit=50&q=payment"), Asked::AfterChange),
        ("search, a rare word, after a change", one("/v1/risks?limit=50&q=lyon+forged+wave"), Asked::AfterChange),
        ("summary, after a change", one("/v1/summary"), Asked::AfterChange),
    ];
    let mut product_times = Vec::new();
    for (name, paths, asked) in cases.into_iter().filter(|(name, ..)| name.contains(only)) {
        let (_, bytes) = call(engine, "GET", &paths[0], None).await?;
        let bare = bare(bytes);
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        product_time(engine, &paths, 20).await?;
        for _ in 0..ROUNDS {
            theirs.push(bare_time(&bare, CALLS).await?);
            ours.push(match asked {
                Asked::Again => product_time(engine, &paths, CALLS).await?,
                Asked::AfterChange => changed_time(engine, &paths, &change).await?,
            });
        }
        let (ours, theirs) = (middle(ours), middle(theirs));
        report.row("in process", name, &format!("{ours:.1} µs"), &format!("bare {theirs:.1} µs"), theirs / ours, Goal::None);
        product_times.push((name, ours));
    }
    let time = |wanted: &str| product_times.iter().find(|(name, _)| name.starts_with(wanted)).map_or(f64::NAN, |(_, time)| *time);
    for (order, first, deep) in [
        ("", time("first page"), time("deep page at")),
        (", sorted by score", time("page of 50 sorted by score"), time("deep page sorted by score")),
    ] {
        if deep.is_nan() {
            continue;
        }
        report.row(
            "in process",
            &format!("the deep page against the first{order}"),
            &format!("{deep:.1} µs"),
            &format!("first page {first:.1} µs"),
            deep / first,
            Goal::AtMost(1.25),
        );
    }
    for name in ["heatmap, unchanged", "heatmap, after a change"] {
        let whole = time(name);
        if whole.is_nan() {
            continue;
        }
        report.row("in process", &format!("{name} against 10 µs"), &format!("{whole:.1} µs"), "10 µs", whole / 10.0, Goal::AtMost(1.0));
    }
    for name in ["heatmap of one category", "heatmap of one owner and treatment"] {
        let filtered = time(name);
        if filtered.is_nan() {
            continue;
        }
        report.row(
            "in process",
            &format!("{name} against 1 ms"),
            &format!("{filtered:.1} µs"),
            "1,000 µs",
            filtered / 1_000.0,
            Goal::AtMost(1.0),
        );
    }
    Ok(())
}

/// Every word that the seed's texts are made of, each asked for once and after a change, so that nothing kept answers it.
pub async fn search(engine: &Engine, report: &mut Report) -> Result<(), String> {
    let page = answer(engine, "GET", "/v1/risks?limit=200", None).await?;
    let data = page["data"].as_array().ok_or("a page has no data")?;
    let change = format!("/v1/risks/{}", data[0]["id"].as_str().ok_or("a risk has no id")?);
    let texts = data.iter().flat_map(|risk| [risk["name"].as_str(), risk["description"].as_str(), risk["owner"].as_str()]).flatten();
    let words: BTreeSet<String> = texts
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .filter(|word| word.len() > 1 && word.is_ascii())
        .map(str::to_lowercase)
        .collect();
    let mut spent = Vec::new();
    for (number, word) in words.iter().enumerate() {
        let step = json!({"likelihood": 1 + number % 5, "impact": 1 + number / 5 % 5});
        answer(engine, "PUT", &change, Some(&step)).await?;
        let begun = Instant::now();
        answer(engine, "GET", &format!("/v1/risks?limit=50&q={word}"), None).await?;
        spent.push(begun.elapsed());
    }
    spent.sort();
    let at = |share: usize| spent[(spent.len() - 1) * share / 100].as_secs_f64() * 1e6;
    report.row(
        "in process",
        &format!("search, first 50, {} words, each after a change: p99", words.len()),
        &format!("{:.1} µs (median {:.1})", at(99), at(50)),
        "5,000 µs",
        at(99) / 5_000.0,
        Goal::AtMost(1.0),
    );
    Ok(())
}

/// How a read is asked for.
#[derive(Clone, Copy)]
enum Asked {
    /// Again and again.
    Again,
    /// Each time after a write, which is not timed: nothing kept can answer it.
    AfterChange,
}

async fn changed_time(engine: &Engine, paths: &[String], change: &str) -> Result<Duration, String> {
    const CALLS: usize = 15;
    let mut spent = Vec::new();
    for number in 0..CALLS {
        let step = json!({"likelihood": 1 + number % 5, "impact": 1 + number / 5 % 5});
        answer(engine, "PUT", change, Some(&step)).await?;
        let begun = Instant::now();
        let path = &paths[number % paths.len()];
        let (status, _) = call(engine, "GET", path, None).await?;
        spent.push(begun.elapsed());
        if !status.is_success() {
            return Err(format!("{path}: {status}"));
        }
    }
    spent.sort();
    Ok(spent[CALLS / 2])
}

/// The token's part of a request: the same route with a bearer token and as the window asks it.
pub async fn token(engine: &Engine, key: &(String, String), report: &mut Report) -> Result<(), String> {
    // Fewer in all than one key may ask in a minute.
    const ASKED: u32 = 130;
    let signed = json!({"api_key": key.0, "secret": key.1}).to_string();
    let request = Request::post("/v1/auth/token")
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(signed))
        .map_err(|e| e.to_string())?;
    let signed = routed(engine, request).await?;
    let signed: Value = serde_json::from_slice(&signed).map_err(|e| e.to_string())?;
    let bearer = format!("Bearer {}", signed["token"].as_str().ok_or("no token")?);
    let path = "/v1/risks?limit=50";
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(product_time(engine, &[path.to_owned()], ASKED as usize).await?);
        let begun = Instant::now();
        for _ in 0..ASKED {
            let request = Request::get(path).header(header::AUTHORIZATION, &bearer).body(Body::empty()).map_err(|e| e.to_string())?;
            routed(engine, request).await?;
        }
        with.push(begun.elapsed() / ASKED);
    }
    let (with, without) = (middle(with), middle(without));
    report.row(
        "in process",
        "page of 50, unchanged, with a bearer token (signature, revocation, limit)",
        &format!("{with:.1} µs"),
        &format!("as the window, without one {without:.1} µs"),
        without / with,
        Goal::None,
    );
    Ok(())
}

async fn routed(engine: &Engine, request: Request<Body>) -> Result<Bytes, String> {
    let answer = engine.answer(request).await;
    let status = answer.status();
    let bytes = answer.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes();
    if status.is_success() { Ok(bytes) } else { Err(format!("{status}: {}", String::from_utf8_lossy(&bytes))) }
}

/// The address of a page of 50 in descending order, where nine tenths of all risks come before.
async fn deep(engine: &Engine, sort: &str) -> Result<String, String> {
    let list = format!("/v1/risks?sort=-{sort}&limit=");
    let (mut next, mut passed) = (format!("{list}200"), 0);
    loop {
        let page = answer(engine, "GET", &next, None).await?;
        passed += 200;
        let cursor = page["next_cursor"].as_str().ok_or("a list ends before its end")?;
        if passed * 10 >= page["total"].as_u64().ok_or("a list has no total")? * 9 {
            return Ok(format!("{list}50&cursor={cursor}"));
        }
        next = format!("{list}200&cursor={cursor}");
    }
}

/// The addresses of pages of 50, newest first, as `next_cursor` gives them.
async fn pages(engine: &Engine, most: usize) -> Result<Vec<String>, String> {
    let mut pages = vec!["/v1/risks?limit=50".to_owned()];
    while pages.len() < most {
        let page = answer(engine, "GET", &pages[pages.len() - 1], None).await?;
        match page["next_cursor"].as_str() {
            Some(cursor) => pages.push(format!("/v1/risks?limit=50&cursor={cursor}")),
            None => break,
        }
    }
    Ok(pages)
}

/// Durable updates, alone and 64 at once, against the raw statement committed one by one.
pub async fn writes(engine: &Engine, folder: &Path, risks: u64, report: &mut Report) -> Result<(), String> {
    let raw = Raw::create(folder, risks)?;
    let pages = pages(engine, 20).await?;
    let mut ids = Vec::new();
    for page in &pages {
        let page = answer(engine, "GET", page, None).await?;
        let data = page["data"].as_array().ok_or("a page has no data")?;
        ids.extend(data.iter().filter_map(|risk| risk["id"].as_str().map(str::to_owned)));
    }
    let mut start = 0;
    let mut sums = [(0_u64, Duration::ZERO); 3];
    for _ in 0..ROUNDS {
        let add = |sum: &mut (u64, Duration), (count, time): (u64, Duration)| {
            sum.0 += count;
            sum.1 += time;
        };
        let one_by_one = tokio::task::block_in_place(|| raw.update(start, WRITING))?;
        add(&mut sums[0], one_by_one);
        add(&mut sums[1], update(engine, &ids, 1, start).await?);
        add(&mut sums[2], update(engine, &ids, 64, start).await?);
        start += 10_000;
    }
    let rate = |(count, time): (u64, Duration)| count as f64 / time.as_secs_f64();
    let [raw, alone, together] = sums.map(rate);
    report.row(
        "write",
        "update, one at a time, durable",
        &format!("{alone:.0}/s"),
        &format!("raw statement {raw:.0}/s"),
        alone / raw,
        Goal::None,
    );
    report.row(
        "write",
        "update, 64 at once, durable",
        &format!("{together:.0}/s"),
        &format!("one commit for each update, raw {raw:.0}/s"),
        together / raw,
        Goal::None,
    );
    report.row(
        "write",
        "update, 64 at once, against one at a time",
        &format!("{together:.0}/s"),
        &format!("one commit for each request {alone:.0}/s"),
        together / alone,
        Goal::AtLeast(3.0),
    );
    Ok(())
}

async fn update(engine: &Engine, ids: &[String], writers: usize, start: u64) -> Result<(u64, Duration), String> {
    let begun = Instant::now();
    let tasks: Vec<_> = (0..writers)
        .map(|writer| {
            let engine = engine.clone();
            let mine: Vec<String> = ids.iter().skip(writer).step_by(writers).cloned().collect();
            tokio::spawn(async move {
                let mut count = 0;
                while begun.elapsed() < WRITING {
                    let number = start + count;
                    let path = format!("/v1/risks/{}", mine[number as usize % mine.len()]);
                    let step = number / mine.len() as u64 + start;
                    let change = json!({"likelihood": 1 + step % 5, "impact": 1 + step / 5 % 5});
                    answer(&engine, "PUT", &path, Some(&change)).await?;
                    count += 1;
                }
                Ok::<u64, String>(count)
            })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += task.await.map_err(|e| format!("a writer was lost: {e}"))??;
    }
    Ok((count, begun.elapsed()))
}

/// A catalog of 1,189 controls: checked, applied, taken back; against parsing its bytes as JSON.
pub async fn import(engine: &Engine, catalog: Option<&Path>, report: &mut Report) -> Result<(), String> {
    let bytes = match catalog {
        Some(path) => std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => made_up_catalog().to_string().into_bytes(),
    };
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let file = folder.path().join("catalog.json");
    std::fs::write(&file, &bytes).map_err(|e| e.to_string())?;
    let (mut parsed, mut checked, mut applied) = (Vec::new(), Vec::new(), Vec::new());
    let mut controls = Value::Null;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let value: Value = serde_json::from_slice(&bytes).map_err(|e| format!("the catalog: {e}"))?;
        parsed.push(begun.elapsed());
        drop(value);

        let begun = Instant::now();
        let mut import = answer(engine, "POST", "/v1/imports", Some(&json!({"path": file}))).await?;
        let id = import["id"].as_str().ok_or("an import has no id")?.to_owned();
        while import["state"] == "reading" {
            tokio::time::sleep(Duration::from_millis(1)).await;
            import = answer(engine, "GET", &format!("/v1/imports/{id}"), None).await?;
        }
        checked.push(begun.elapsed());
        if import["state"] != "checked" {
            return Err(format!("the catalog is not accepted: {import}"));
        }
        let begun = Instant::now();
        let mut import = answer(engine, "POST", &format!("/v1/imports/{id}/apply"), Some(&json!({}))).await?;
        while import["state"] == "applying" {
            tokio::time::sleep(Duration::from_millis(1)).await;
            import = answer(engine, "GET", &format!("/v1/imports/{id}"), None).await?;
        }
        applied.push(begun.elapsed());
        if import["state"] != "applied" {
            return Err(format!("the catalog is not applied: {import}"));
        }
        controls = import["framework"]["control_count"].clone();
        let framework = import["framework"]["id"].as_str().ok_or("an import has no framework")?;
        let (status, _) = call(engine, "DELETE", &format!("/v1/frameworks/{framework}"), None).await?;
        if !status.is_success() {
            return Err(format!("the framework is not removed: {status}"));
        }
    }
    let (parsed, checked, applied) = (middle(parsed) / 1e3, middle(checked) / 1e3, middle(applied) / 1e3);
    let size = bytes.len() as f64 / 1e6;
    let name = if catalog.is_some() { "the catalog given" } else { "a made-up catalog" };
    report.row(
        "import",
        &format!("{name}, {controls} controls, {size:.1} MB: checked {checked:.0} ms, stored {applied:.0} ms"),
        &format!("{:.0} ms", checked + applied),
        &format!("parsed as JSON only {parsed:.1} ms; goal 150 ms"),
        (checked + applied) / 150.0,
        Goal::AtMost(1.0),
    );
    Ok(())
}

/// An OSCAL catalog of the size and shape of a large public one.
fn made_up_catalog() -> Value {
    let prose = "The organisation defines, documents and reviews how this is done, names who is responsible for it, and keeps the evidence that it was. ".repeat(9);
    let control = |id: String, title: &str| {
        json!({
            "id": id, "title": title,
            "props": [{"name": "label", "value": id.to_uppercase()}],
            "parts": [
                {"id": format!("{id}_smt"), "name": "statement", "prose": prose},
                {"id": format!("{id}_gdn"), "name": "guidance", "prose": prose},
            ],
        })
    };
    let mut left = 1_189;
    let groups: Vec<Value> = (0..20)
        .map(|group| {
            let controls: Vec<Value> = (0..15)
                .map(|number| {
                    let id = format!("g{group}-{number}");
                    let mut outer = control(id.clone(), "A control of the group");
                    left -= 1;
                    let inner = if left > 0 { 3.min(left) } else { 0 };
                    let enhancements: Vec<Value> = (0..inner).map(|n| control(format!("{id}.{n}"), "An enhancement of it")).collect();
                    left -= inner;
                    outer["controls"] = Value::Array(enhancements);
                    outer
                })
                .collect();
            json!({"id": format!("g{group}"), "class": "family", "title": format!("Family {group}"), "controls": controls})
        })
        .collect();
    json!({"catalog": {
        "uuid": "6f0f2f9e-3c61-4e5c-9d3b-0a1b2c3d4e5f",
        "metadata": {"title": "A made-up catalog", "last-modified": "2026-01-01T00:00:00Z", "version": "1", "oscal-version": "1.1.2"},
        "groups": groups,
    }})
}
