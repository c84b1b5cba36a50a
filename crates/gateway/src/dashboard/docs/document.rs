//! An OpenAPI document as the pages show it: operations with what goes in and what comes out, references followed.

use serde_json::Value;

use super::example::example;

/// Deeper nests are left to the example.
const DEEPEST: usize = 4;

/// A sentence with code in it: what stood between backticks is code.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prose(pub Vec<(bool, String)>);

impl Prose {
    fn of(text: &str) -> Prose {
        let parts = text.split('`').enumerate().map(|(at, part)| (at % 2 == 1, part.to_owned()));
        Prose(parts.filter(|(_, part)| !part.is_empty()).collect())
    }
}

/// A parameter, or a field of a body.
#[derive(Debug, Clone)]
pub struct Field {
    /// `payment_link.url`, `list[].id`.
    pub name: String,
    /// `path`, `query`, `header`, `body`.
    pub place: String,
    pub kind: String,
    pub required: bool,
    pub about: Prose,
    pub example: String,
}

#[derive(Debug, Clone)]
pub struct Reply {
    pub status: String,
    pub about: Prose,
    /// Of each form that the answer may have.
    pub forms: Vec<Vec<Field>>,
    pub example: Option<String>,
}

#[derive(Debug, Clone)]
pub struct Operation {
    /// Its anchor.
    pub id: String,
    pub method: String,
    pub path: String,
    /// The page it is on.
    pub part: String,
    pub summary: String,
    pub about: Prose,
    pub needs_key: bool,
    pub params: Vec<Field>,
    pub body: Vec<Field>,
    /// JSON, to begin with.
    pub body_example: Option<String>,
    pub replies: Vec<Reply>,
}

#[derive(Debug)]
pub struct Document {
    pub about: Prose,
    pub operations: Vec<Operation>,
}

fn text(value: &Value, key: &str) -> String {
    value[key].as_str().unwrap_or_default().to_owned()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

impl Document {
    /// Reads one of our own documents. `part_of` names the page of an operation without a tag by its path.
    pub fn read(root: &Value, part_of: fn(&str) -> String) -> Document {
        let mut operations = Vec::new();
        for (path, methods) in root["paths"].as_object().into_iter().flatten() {
            let methods = methods.as_object().into_iter().flatten();
            for (method, operation) in methods.filter(|(method, _)| method.as_str() != "parameters") {
                operations.push(read_operation(root, path, method, operation, part_of));
            }
        }
        Document { about: Prose::of(&text(&root["info"], "description")), operations }
    }
}

fn read_operation(root: &Value, path: &str, method: &str, own: &Value, part_of: fn(&str) -> String) -> Operation {
    let media = &follow(root, &own["requestBody"])["content"]["application/json"];
    let mut body = Vec::new();
    fields(root, &media["schema"], ("", 0), &mut body);
    let with_body = !media["schema"].is_null();
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let mut tags = list(&own["tags"]).iter().filter_map(Value::as_str);
    Operation {
        id: std::iter::once(method).chain(words).collect::<Vec<_>>().join("-"),
        method: method.to_uppercase(),
        path: path.to_owned(),
        part: tags.next().map_or_else(|| part_of(path), ToOwned::to_owned),
        summary: text(own, "summary"),
        about: Prose::of(&text(own, "description")),
        needs_key: !list(own.get("security").unwrap_or(&root["security"])).is_empty(),
        params: list(&own["parameters"]).iter().map(|param| parameter(root, follow(root, param))).collect(),
        body_example: with_body.then(|| pretty(&own_example(root, media))),
        body,
        replies: own["responses"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(status, own)| reply(root, status, own))
            .collect(),
    }
}

fn parameter(root: &Value, param: &Value) -> Field {
    let schema = follow(root, &param["schema"]);
    let example =
        [&param["example"], &schema["example"], &schema["default"]].into_iter().find(|value| !value.is_null());
    Field {
        name: text(param, "name"),
        place: text(param, "in"),
        kind: kind(root, schema),
        required: param["required"] == true,
        about: Prose::of(&text(param, "description")),
        example: example.map(shown).unwrap_or_default(),
    }
}

fn reply(root: &Value, status: &str, own: &Value) -> Reply {
    let own = follow(root, own);
    let media = &own["content"]["application/json"];
    let schema = follow(root, &media["schema"]);
    let choices = match list(&schema["oneOf"]) {
        [] => vec![schema],
        several => several.iter().collect(),
    };
    let form = |schema: &Value| {
        let mut found = Vec::new();
        fields(root, schema, ("", 0), &mut found);
        found
    };
    let has_example = !media["schema"].is_null() || !media["example"].is_null() || !media["examples"].is_null();
    Reply {
        status: status.to_owned(),
        about: Prose::of(&text(own, "description")),
        forms: choices.into_iter().map(form).filter(|form| !form.is_empty()).collect(),
        example: has_example.then(|| pretty(&own_example(root, media))),
    }
}

/// The example that the document gives, or one that fits the schema.
fn own_example(root: &Value, media: &Value) -> Value {
    let named = media["examples"].as_object().and_then(|all| all.values().next()).map(|one| one["value"].clone());
    match (&media["example"], named) {
        (Value::Null, Some(named)) => named,
        (Value::Null, None) => example(root, &media["schema"], 0),
        (given, _) => given.clone(),
    }
}

/// Where a reference leads; anything else is itself.
pub(super) fn follow<'d>(root: &'d Value, value: &'d Value) -> &'d Value {
    let target = value["$ref"].as_str().and_then(|name| root.pointer(name.strip_prefix('#')?));
    target.unwrap_or(value)
}

/// All that an object has, nested ones by their path.
fn fields(root: &Value, schema: &Value, (prefix, depth): (&str, usize), found: &mut Vec<Field>) {
    let schema = follow(root, schema);
    for part in list(&schema["allOf"]) {
        fields(root, part, (prefix, depth), found);
    }
    if schema["type"] == "array" && depth < DEEPEST {
        fields(root, &schema["items"], (&format!("{prefix}[]"), depth + 1), found);
    }
    let required = |name: &str| list(&schema["required"]).iter().any(|known| known == name);
    for (name, own) in schema["properties"].as_object().into_iter().flatten() {
        let own = follow(root, own);
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        found.push(Field {
            kind: kind(root, own),
            place: "body".into(),
            required: required(name),
            about: Prose::of(&text(own, "description")),
            example: own.get("example").map(shown).unwrap_or_default(),
            name: path.clone(),
        });
        if depth < DEEPEST {
            fields(root, own, (&path, depth + 1), found);
        }
    }
}

/// `string`, `integer or null`, `USD | EUR`, `0`.
fn kind(root: &Value, schema: &Value) -> String {
    let schema = follow(root, schema);
    if let Some(only) = schema.get("const") {
        return shown(only);
    }
    if let [_, ..] = list(&schema["enum"]) {
        return list(&schema["enum"]).iter().map(shown).collect::<Vec<_>>().join(" | ");
    }
    match &schema["type"] {
        Value::String(one) if one == "array" => format!("array of {}", kind(root, &schema["items"])),
        Value::String(one) => one.clone(),
        several => list(several).iter().map(shown).collect::<Vec<_>>().join(" or "),
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
