//! A statement's text. It is written once, with PostgreSQL's `$1`; SQLite numbers parameters `?1`, where a `$1` would be a *name*.

/// One statement for both databases.
#[derive(Debug, Clone, Copy)]
pub struct Sql {
    pub(super) text: &'static str,
    /// The same with `?` for each `$`.
    pub(super) sqlite: &'static str,
}

impl Sql {
    pub(super) const fn of(text: &'static str, sqlite: &'static str) -> Sql {
        Sql { text, sqlite }
    }

    /// Whether it changes anything.
    pub(super) fn writes(self) -> bool {
        !self.text.starts_with("SELECT")
    }

    /// Tells statements apart without reading them: what is at one place with one length is one text.
    pub(super) fn place(self) -> (usize, usize) {
        (self.text.as_ptr().addr(), self.text.len())
    }
}

impl std::fmt::Display for Sql {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text)
    }
}

/// For statements without parameters, or for one database.
impl From<&'static str> for Sql {
    fn from(text: &'static str) -> Self {
        Sql::of(text, text)
    }
}

/// `text` with `?` for each `$`. `N` is its length.
pub(super) const fn numbered<const N: usize>(text: &str) -> [u8; N] {
    let (from, mut to, mut at) = (text.as_bytes(), [0; N], 0);
    while at < N {
        to[at] = if from[at] == b'$' { b'?' } else { from[at] };
        at += 1;
    }
    to
}

/// Declares a file's statements: a constant each, and `STATEMENTS`, which the test that prepares all of them on both databases reads.
macro_rules! statements {
    ($($(#[$doc:meta])* $name:ident = $sql:expr;)*) => {
        $($(#[$doc])* const $name: $crate::store::sql::Sql = {
            const TEXT: &str = $sql;
            const NUMBERED: [u8; TEXT.len()] = $crate::store::sql::numbered(TEXT);
            match std::str::from_utf8(&NUMBERED) {
                Ok(numbered) => $crate::store::sql::Sql::of(TEXT, numbered),
                Err(_) => $crate::store::sql::Sql::of(TEXT, TEXT),
            }
        };)*
        #[cfg(test)]
        pub(in crate::store) const STATEMENTS: &[(&str, &str)] = &[$((stringify!($name), $sql)),*];
    };
}
pub(crate) use statements;
