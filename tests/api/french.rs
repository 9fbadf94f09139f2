//! Who prefers French reads French; everybody else reads what was always said.

use super::{Answer, At, Bed};
use serde_json::{Value, json};

const FRENCH: (&str, &str) = ("accept-language", "fr-FR,fr;q=0.9,en;q=0.5");

/// Every sentence of an answer for which there is a place.
fn sentences(path: &str, answer: &Answer) -> Vec<String> {
    let body = answer.json();
    let text = |value: &Value, member: &str| value[member].as_str().map(str::to_owned);
    let mut all: Vec<String> = text(&body["error"], "message").into_iter().collect();
    all.extend(body["error"]["details"].as_array().into_iter().flatten().filter_map(|detail| text(detail, "message")));
    if path.starts_with("/v1/imports") || path.starts_with("/v1/risks/bulk") {
        all.extend(text(&body, "message"));
        for row in body["data"].as_array().into_iter().flatten() {
            all.extend(text(row, "message"));
            all.extend(row["problems"].as_array().into_iter().flatten().filter_map(|problem| text(problem, "message")));
        }
    }
    all
}

/// Called for each answer that any test of the API provokes.
pub fn check(path: &str, answer: &Answer) {
    if !answer.header("content-language").is_empty() {
        return;
    }
    for sentence in sentences(path, answer) {
        assert!(amtia_engine::in_french(&sentence).is_some(), "{path}: there is no French for: {sentence}");
    }
}

#[test]
fn errors_come_in_the_language_that_the_caller_prefers() {
    let bed = Bed::new(false);
    let cases: Vec<(&str, &str, Option<Value>, &str, &str)> = vec![
        (
            "GET",
            "/v1/nothing",
            None,
            "No such path. Check the endpoint path.",
            "Ce chemin n’existe pas. Vérifiez l’adresse de l’opération.",
        ),
        ("GET", "/v1/risks/nobody", None, "No risk with this identifier.", "Aucun risque ne porte cet identifiant."),
        (
            "POST",
            "/v1/risks",
            Some(json!({ "name": "One", "impact": 9, "likelihood": 2 })),
            "The field `impact` must be 1 to 5.",
            "Le champ `impact` doit être compris entre 1 et 5.",
        ),
        (
            "GET",
            "/v1/risks?colour=red",
            None,
            "The parameter `colour` is not a parameter of this operation.",
            "Le paramètre `colour` n’est pas un paramètre de cette opération.",
        ),
        ("POST", "/v1/undo", Some(json!({})), "There is nothing to undo.", "Il n’y a rien à annuler."),
    ];
    for (method, path, body, english, french) in cases {
        for at in [At::Window, At::Port(&bed.admin)] {
            let body = body.as_ref().map(Value::to_string);
            for other in [vec![], vec![("accept-language", "en, fr;q=0.9")], vec![("accept-language", "de")]] {
                let answer = bed.ask(at, method, path, &other, body.clone());
                assert_eq!(answer.json()["error"]["message"], english, "{method} {path} for {other:?}");
                assert_eq!((answer.header("content-language"), answer.header("vary")), ("", ""), "as it always was");
            }
            let answer = bed.ask(at, method, path, &[FRENCH], body.clone());
            assert_eq!(answer.json()["error"]["message"], french, "{method} {path}");
            assert_eq!((answer.header("content-language"), answer.header("vary")), ("fr", "accept-language"), "{method} {path}");
            assert_eq!(answer.header("cache-control"), "no-store", "and nobody keeps it");
        }
    }
}

#[test]
fn each_field_is_told_in_french_under_its_own_name() {
    let bed = Bed::new(false);
    let answer = bed.ask(At::Window, "POST", "/v1/risks", &[FRENCH], Some(json!({ "name": "", "impact": 0, "colour": 1 }).to_string()));
    let details = answer.json()["error"]["details"].clone();
    let said = |field: &str| {
        let found = details.as_array().into_iter().flatten().find(|detail| detail["field"] == field);
        found.and_then(|detail| detail["message"].as_str()).unwrap_or_default().to_owned()
    };
    assert_eq!(answer.json()["error"]["message"], "3 champs ne sont pas valides.");
    assert_eq!(said("name"), "ne doit pas être vide");
    assert_eq!(said("impact"), "doit être compris entre 1 et 5");
    assert_eq!(said("colour"), "n’est pas un champ de cette fiche");
}

#[test]
fn a_change_of_somebody_else_is_told_in_french_with_both_values() {
    let bed = Bed::new(false);
    let path = format!("/v1/risks/{}", bed.risk(&json!({ "name": "One" })));
    let answer = bed.ask(At::Window, "PUT", &path, &[FRENCH, ("if-match", "\"0\"")], Some(json!({ "name": "Two" }).to_string()));
    assert_eq!(answer.status, 412);
    let error = answer.json()["error"].clone();
    assert!(error["message"].as_str().is_some_and(|text| text.contains("sur le risque depuis votre lecture")), "{error}");
    let detail = &error["details"][0];
    assert_eq!((&detail["message"], &detail["yours"]), (&json!("a changé depuis votre lecture"), &json!("Two")), "both values stay");
}

#[test]
fn without_a_token_french_is_refused_in_french() {
    let bed = Bed::new(false);
    let answer = bed.ask(At::Nobody, "GET", "/v1/risks", &[FRENCH], None);
    let error = answer.json()["error"].clone();
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("Le jeton d’authentification manque")), "{error}");
    let answer = bed.ask(At::Nobody, "GET", "/v1/risks", &[FRENCH, ("origin", "http://elsewhere.example")], None);
    let error = answer.json()["error"].clone();
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("Cette adresse ne répond qu’aux pages")), "{error}");
}

#[test]
fn why_a_file_was_refused_follows_the_reader_and_not_the_one_who_sent_it() {
    let bed = Bed::new(false);
    let kind = "multipart/form-data; boundary=X";
    let body = "--X\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n%PDF-1.7\r\n--X--\r\n".to_owned();
    let sent = bed.ask(At::Window, "POST", "/v1/imports", &[("content-type", kind), FRENCH], Some(body));
    let path = format!("/v1/imports/{}", sent.json()["id"].as_str().expect("an import"));
    let said = |headers: &[(&str, &str)]| {
        for _ in 0..200 {
            let answer = bed.ask(At::Window, "GET", &path, headers, None);
            if answer.json()["state"] == "refused" {
                return answer;
            }
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        panic!("the import is never settled");
    };
    // In turn, so that an answer kept for the one would show in the other.
    for _ in 0..3 {
        let french = said(&[FRENCH]);
        let message = french.json()["message"].as_str().expect("a reason").to_owned();
        assert!(message.starts_with("Ce fichier est un document PDF"), "{message}");
        assert_eq!((french.header("content-language"), french.header("vary")), ("fr", "accept-language"));
        let english = said(&[]);
        let message = english.json()["message"].as_str().expect("a reason").to_owned();
        assert!(message.starts_with("This is a PDF document; "), "{message}");
        assert_eq!((english.header("content-language"), english.header("vary")), ("", ""));
    }
}
