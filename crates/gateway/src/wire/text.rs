//! JSON strings in the two spellings the contract needs.

/// A JSON string as `serde_json` writes it.
pub fn plain_string(out: &mut String, text: &str) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

/// A JSON string as PHP's `json_encode` writes it by default: `\/` for slashes, `\uXXXX` for everything beyond ASCII.
pub fn php_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '/' => out.push_str("\\/"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' '..='\u{7f}' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    out.push_str(&format!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn php(text: &str) -> String {
        let mut out = String::new();
        php_string(&mut out, text);
        out
    }

    #[test]
    fn as_php_writes_it() {
        assert_eq!(php("a/b"), r#""a\/b""#);
        assert_eq!(php("Zoë 😀"), r#""Zo\u00eb \ud83d\ude00""#);
        assert_eq!(php("\0\u{8}\t\n\u{b}\u{c}\r\u{1f}\u{7f}"), "\"\\u0000\\b\\t\\n\\u000b\\f\\r\\u001f\u{7f}\"");
        assert_eq!(php(r#""\"#), r#""\"\\""#);
    }

    proptest! {
        #[test]
        fn both_spellings_read_back(text in any::<String>()) {
            let mut plain = String::new();
            plain_string(&mut plain, &text);
            prop_assert!(php(&text).is_ascii());
            for json in [php(&text), plain] {
                let read: String = serde_json::from_str(&json).expect("a JSON string");
                prop_assert_eq!(&read, &text);
            }
        }
    }
}
