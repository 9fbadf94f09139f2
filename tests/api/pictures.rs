//! The risk map as a picture, against the heatmap that it is a picture of.

use super::{At, Bed};
use serde_json::json;

fn svg(bed: &Bed, query: &str) -> String {
    let answer = bed.get(&format!("/v1/risks/heatmap.svg{query}"));
    assert_eq!(answer.status, 200, "{query}: {}", String::from_utf8_lossy(&answer.bytes));
    assert_eq!(answer.header("content-type"), "image/svg+xml");
    String::from_utf8(answer.bytes).expect("an SVG is text")
}

/// The texts of an SVG, in the order in which they are drawn.
fn texts(svg: &str) -> Vec<String> {
    let texts = svg.split("<text ").skip(1);
    texts
        .map(|text| text.split_once('>').and_then(|(_, rest)| rest.split_once("</text>")).map_or("", |(text, _)| text).trim().to_owned())
        .collect()
}

fn plain(count: u64) -> String {
    if count < 1_000 { count.to_string() } else { format!("{},{:03}", count / 1_000, count % 1_000) }
}

#[test]
fn the_picture_holds_the_counts_of_the_heatmap_in_every_view_and_under_a_filter() {
    let bed = Bed::sample();
    for query in [
        "",
        "?view=inherent",
        "?view=target",
        "?status=in_treatment",
        "?treatment=mitigate&view=residual&q=supplier",
        "?check=review_overdue&view=target",
    ] {
        let map = bed.get(&format!("/v1/risks/heatmap{query}")).expect(200, query);
        let drawn = texts(&svg(&bed, query));
        let cells = map["cells"].as_array().expect("cells");
        let counts: Vec<String> = cells.iter().map(|cell| plain(cell["count"].as_u64().expect("a count"))).collect();
        assert!(drawn.windows(counts.len()).any(|window| window == counts), "{query}: {counts:?} in {drawn:?}");
        let above: u64 =
            cells.iter().filter(|cell| cell["score"].as_u64() > Some(10)).map(|cell| cell["count"].as_u64().expect("a count")).sum();
        let total: u64 =
            cells.iter().map(|cell| cell["count"].as_u64().expect("a count")).sum::<u64>() + map["unassessed"].as_u64().expect("a count");
        let says = format!("{} risks, {} above the appetite of 10.", plain(total), plain(above));
        assert!(drawn.iter().any(|text| text.starts_with(&says)), "{query}: {says} in {drawn:?}");
    }
}

#[test]
fn a_picture_says_whose_it_is_of_which_view_and_filters_in_the_readers_language() {
    let bed = Bed::sample();
    let asset = bed.get("/v1/assets?limit=1").json()["data"][0].clone();
    let id = asset["id"].as_str().expect("an id");
    let name = asset["name"].as_str().expect("a name").replace('&', "&amp;").replace('\'', "&apos;");
    let workspace = bed.get("/v1/workspace").json()["name"].as_str().expect("a name").to_owned();
    let english = texts(&svg(&bed, &format!("?view=residual&status=in_treatment&asset_id={id}")));
    for text in [
        "Risk map · Residual",
        &workspace,
        &format!("Status: In treatment · Asset: {name}"),
        "Possible",
        "€50k–250k",
        "Appetite 10",
        "One dot is one risk",
    ] {
        assert!(english.iter().any(|drawn| drawn == text), "{text} in {english:?}");
    }
    let french = bed.ask(At::Window, "GET", "/v1/risks/heatmap.svg?status=in_treatment", &[("accept-language", "fr")], None);
    assert_eq!(french.header("content-language"), "fr", "as every answer in French says");
    let french = texts(&String::from_utf8(french.bytes).expect("text"));
    for text in
        ["Carte des risques · Actuel", "Statut\u{a0}: En traitement", "Possible", "50–250 k€", "Appétence 10", "Un point est un risque"]
    {
        assert!(french.iter().any(|drawn| drawn == text), "{text} in {french:?}");
    }
    let asked = texts(&svg(&bed, "?language=fr"));
    assert!(asked.contains(&"Tous les risques du registre".to_owned()), "the parameter goes before the header: {asked:?}");
}

#[test]
fn the_themes_differ_and_a_png_is_one() {
    let bed = Bed::sample();
    assert!(svg(&bed, "").contains("#FDFEFE") && svg(&bed, "?theme=dark").contains("#131A1E"), "each theme has its ground");
    let png = bed.get("/v1/risks/heatmap.png?theme=dark");
    assert_eq!((png.status, png.header("content-type")), (200, "image/png"));
    assert!(png.bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "it has the signature of one");
    assert_eq!(
        (&png.bytes[16..20], &png.bytes[20..24]),
        (&3_200u32.to_be_bytes()[..], &1_800u32.to_be_bytes()[..]),
        "and the size of a slide"
    );
    assert!(png.header("content-disposition").starts_with("attachment; filename=\"risk-map-20"), "{}", png.header("content-disposition"));
}

#[test]
fn what_is_no_picture_is_refused() {
    let bed = Bed::sample();
    for (query, field) in
        [("theme=blue", "theme"), ("language=de", "language"), ("view=now", "view"), ("width=9", "width"), ("level=severe", "level")]
    {
        for ending in ["svg", "png"] {
            let answer = bed.get(&format!("/v1/risks/heatmap.{ending}?{query}"));
            assert_eq!((answer.status, answer.fields()), (400, vec![field.to_owned()]), "{query}");
        }
    }
}

#[test]
fn the_window_writes_a_picture_where_the_person_says_and_nobody_else_does() {
    let bed = Bed::sample();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("map.svg");
    let (body, query) = (json!({ "path": path }), "?theme=dark&view=inherent&status=monitored&check=no_owner");
    bed.send("POST", &format!("/v1/risks/heatmap/save{query}&format=svg"), &body).expect(204, "it is written");
    let written = std::fs::read_to_string(&path).expect("it is there");
    assert_eq!(written, svg(&bed, query), "the same picture");
    let refused = bed.ask(At::Port(&bed.admin), "POST", "/v1/risks/heatmap/save", &[], Some(body.to_string()));
    assert_eq!((refused.status, refused.fields()), (400, vec!["path".to_owned()]), "a path is the window's");
    let nowhere = json!({ "path": folder.path().join("none").join("map.png") });
    assert_eq!(bed.send("POST", "/v1/risks/heatmap/save?format=png", &nowhere).fields(), ["path"], "a folder that is not there");
    assert_eq!(bed.send("POST", "/v1/risks/heatmap/save?format=gif", &body).fields(), ["format"]);
    let left: Vec<_> = std::fs::read_dir(folder.path()).expect("a folder").collect();
    assert_eq!(left.len(), 1, "nothing else is left: {left:?}");
}
