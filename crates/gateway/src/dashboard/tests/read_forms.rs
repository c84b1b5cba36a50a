//! The forms of a page, as a browser reads them.

/// A field that is sent: its name, what it is sent with if nobody touches it, and whether a person types into it.
#[derive(Debug, Clone)]
pub struct Field {
    pub name: String,
    pub value: String,
    pub is_typed: bool,
}

#[derive(Debug, Clone)]
pub struct Form {
    id: String,
    pub is_post: bool,
    pub action: String,
    /// With a file: its body is of another kind.
    pub has_file: bool,
    pub fields: Vec<Field>,
    /// The buttons that send a value of their own.
    pub buttons: Vec<(String, String)>,
}

struct Tag<'h> {
    name: &'h str,
    attributes: Vec<(&'h str, String)>,
    /// What stands between this tag and the next.
    text: &'h str,
}

impl Tag<'_> {
    fn has(&self, name: &str) -> bool {
        self.attributes.iter().any(|(known, _)| *known == name)
    }

    fn get(&self, name: &str) -> &str {
        self.attributes.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

fn unescaped(text: &str) -> String {
    let pairs = [("&#60;", "<"), ("&#62;", ">"), ("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    ["&quot;", "&#38;", "&amp;"].iter().zip(["\"", "&", "&"]).fold(text, |text, (from, to)| text.replace(from, to))
}

/// The attributes of a tag, and what comes after it.
fn attributes(mut rest: &str) -> (Vec<(&str, String)>, &str) {
    let mut found = Vec::new();
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == '/');
        if rest.is_empty() || rest.starts_with('>') {
            return (found, rest.get(1..).unwrap_or_default());
        }
        let ends = rest.find(|c: char| c.is_whitespace() || "=>/".contains(c)).unwrap_or(rest.len()).max(1);
        let (name, after) = rest.split_at(ends);
        let (value, after) = match after.strip_prefix('=') {
            None => ("", after),
            Some(quoted) if quoted.starts_with(['"', '\'']) => {
                let (quote, inside) = quoted.split_at(1);
                inside.split_once(quote).expect("an attribute ends")
            }
            Some(bare) => bare.split_at(bare.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(bare.len())),
        };
        found.push((name, unescaped(value)));
        rest = after;
    }
}

fn tags(html: &str) -> Vec<Tag<'_>> {
    let (mut found, mut rest) = (Vec::new(), html);
    while let Some((_, after)) = rest.split_once('<') {
        let ends = after.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(after.len());
        let (name, inside) = after.split_at(ends);
        let (attributes, after) = attributes(inside);
        let text = after.split('<').next().unwrap_or_default();
        found.push(Tag { name, attributes, text });
        rest = after;
    }
    found
}

/// What a field of this kind takes that nobody fills in with care.
fn plausible(tag: &Tag<'_>) -> String {
    match tag.get("type") {
        _ if !tag.get("value").is_empty() => tag.get("value"),
        "email" => "payer@example.com",
        "url" => "https://shop.example/there",
        "date" => "2035-01-01",
        "color" => "#005ac8",
        _ => "5",
    }
    .to_owned()
}

/// Every form of a page; `here` is the path of the page.
pub fn forms(html: &str, here: &str) -> Vec<Form> {
    let mut found: Vec<Form> = Vec::new();
    let mut open = None;
    // the list of choices that is open: its field, and whether it has a choice
    let mut choices = None::<(usize, usize, bool)>;
    for tag in tags(html) {
        let outside = found.iter().position(|form| tag.has("form") && form.id == tag.get("form"));
        let Some(form) = outside.or(open).filter(|_| tag.name != "form") else {
            if tag.name == "form" {
                let action = if tag.has("action") { tag.get("action") } else { here }.to_owned();
                let (id, is_post) = (tag.get("id").to_owned(), tag.get("method").eq_ignore_ascii_case("post"));
                found.push(Form { id, is_post, action, has_file: false, fields: Vec::new(), buttons: Vec::new() });
                open = Some(found.len() - 1);
            }
            continue;
        };
        let fields = &mut found[form].fields;
        let name = tag.get("name").to_owned();
        let mut field = |value: String, is_typed| fields.push(Field { name: name.clone(), value, is_typed });
        match tag.name {
            "/form" => open = None,
            "option" => {
                let value = if tag.has("value") { tag.get("value").to_owned() } else { unescaped(tag.text) };
                if let Some((form, at, has_one)) = &mut choices
                    && (!*has_one || tag.has("selected"))
                {
                    *has_one = true;
                    found[*form].fields[*at].value = value;
                }
            }
            "/select" => choices = None,
            _ if tag.get("name").is_empty() || tag.has("disabled") => {}
            "select" => {
                field(String::new(), false);
                choices = Some((form, fields.len() - 1, false));
            }
            "textarea" => field(if tag.text.trim().is_empty() { "5".into() } else { unescaped(tag.text) }, true),
            "button" => found[form].buttons.push((name, tag.get("value").to_owned())),
            "input" => match tag.get("type") {
                "file" => found[form].has_file = true,
                "hidden" => field(tag.get("value").to_owned(), false),
                "checkbox" | "radio" if tag.has("checked") => field(tag.get("value").to_owned(), false),
                "checkbox" | "radio" => {}
                _ => field(plausible(&tag), true),
            },
            _ => {}
        }
    }
    found
}

#[test]
fn forms_are_read_as_browsers_do() {
    let html = r#"<body hx-headers='{"a":"b>"}'><p>5 &#60; 6<form method="post" id=f><input type="hidden" name="t" value="&#34;&#38;lt;">
        <input name=a><input type="checkbox" name="b" value="1"><input type="radio" name="c" value="2" checked>
        <select name="d"><option value="">any</option><option>two</option></select><select name="i"><option>one</option><option value="2" selected>two</option></select><button name="act" value="go">Go</button>
        </form><form action="/there"><textarea name="e"></textarea></form><input type="email" name="g" form="f" disabled><input type="email" name="h" form="f">"#;
    let [first, second] = &forms(html, "/here")[..] else { panic!("two forms") };
    let fields: Vec<_> =
        first.fields.iter().map(|field| (field.name.as_str(), field.value.as_str(), field.is_typed)).collect();
    let expected = [
        ("t", "\"&lt;", false),
        ("a", "5", true),
        ("c", "2", false),
        ("d", "", false),
        ("i", "2", false),
        ("h", "payer@example.com", true),
    ];
    assert_eq!(fields, expected);
    assert_eq!(
        (first.action.as_str(), first.is_post, &first.buttons[..]),
        ("/here", true, &[("act".into(), "go".into())][..])
    );
    assert_eq!((second.action.as_str(), second.is_post, second.fields.len()), ("/there", false, 1));
}
