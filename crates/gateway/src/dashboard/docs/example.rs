//! A value that fits a schema.

use serde_json::{Map, Value, json};

use super::document::follow;

const DEEPEST: usize = 6;

/// What must be there, and what the document has an example of.
pub fn example(root: &Value, schema: &Value, depth: usize) -> Value {
    let schema = follow(root, schema);
    let given = ["example", "default", "const"].iter().find_map(|key| schema.get(key));
    let first = |key: &str| schema[key].as_array().and_then(|all| all.first());
    if let Some(given) = given.or_else(|| first("examples")).or_else(|| first("enum")) {
        return given.clone();
    }
    if let Some(one) = first("oneOf").or_else(|| first("anyOf")) {
        return example(root, one, depth + 1);
    }
    if depth > DEEPEST {
        return Value::Null;
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let parts = parts.iter().map(|part| example(root, part, depth + 1));
        return Value::Object(parts.filter_map(|part| part.as_object().cloned()).flatten().collect());
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match kind {
        "object" => object(root, schema, depth),
        "array" => json!([example(root, &schema["items"], depth + 1)]),
        "string" => json!("string"),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or(json!(1)),
        "boolean" => json!(true),
        _ => Value::Null,
    }
}

fn object(root: &Value, schema: &Value, depth: usize) -> Value {
    let required = schema["required"].as_array();
    let is_required = |name: &str| required.is_some_and(|all| all.iter().any(|known| known == name));
    let mut made = Map::new();
    for (name, own) in schema["properties"].as_object().into_iter().flatten() {
        if is_required(name) || follow(root, own).get("example").is_some() {
            made.insert(name.clone(), example(root, own, depth + 1));
        }
    }
    Value::Object(made)
}
