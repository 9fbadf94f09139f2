//! Examples of request bodies: what people copy from the reference page, and what the tests send first.

use serde_json::Value;

/// By method and path.
const BODIES: &str = include_str!("examples.json");

/// Puts each example beside the schema that it is an example of.
pub(super) fn add(document: &mut Value) {
    let bodies: serde_json::Map<String, Value> = serde_json::from_str(BODIES).expect("the examples are JSON, which a test reads");
    for (operation, example) in bodies {
        let Some((method, path)) = operation.split_once(' ') else { continue };
        let place = format!("/paths/{}/{}/requestBody/content/application~1json", path.replace('/', "~1"), method.to_lowercase());
        if let Some(content) = document.pointer_mut(&place).and_then(Value::as_object_mut) {
            content.insert("example".into(), example);
        }
    }
}
