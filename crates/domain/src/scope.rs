//! What an API key may be used for.

/// One kind of use. Names are kept in the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Invoices and payment links are made.
    Sell,
    /// Invoices, pay-outs and balances are looked at.
    Read,
    /// Money leaves: refunds, funds and payments of pay-outs.
    PayOut,
    /// Callbacks are sent again; and they are signed with such a key.
    Callbacks,
}

impl Scope {
    pub const ALL: [Scope; 4] = [Scope::Sell, Scope::Read, Scope::PayOut, Scope::Callbacks];

    pub fn name(self) -> &'static str {
        match self {
            Scope::Sell => "sell",
            Scope::Read => "read",
            Scope::PayOut => "pay_out",
            Scope::Callbacks => "callbacks",
        }
    }

    pub fn parse(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.name() == name)
    }

    fn bit(self) -> u8 {
        match self {
            Scope::Sell => 1,
            Scope::Read => 2,
            Scope::PayOut => 4,
            Scope::Callbacks => 8,
        }
    }
}

/// The scopes of a key: at least one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// Of a key that was made without a choice.
    pub const ALL: Scopes = Scopes(0b1111);

    /// `None` without one.
    pub fn of(scopes: impl IntoIterator<Item = Scope>) -> Option<Scopes> {
        let bits = scopes.into_iter().fold(0, |bits, scope| bits | scope.bit());
        (bits != 0).then_some(Scopes(bits))
    }

    pub fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.has(*scope))
    }

    /// Their names, with blanks between.
    pub fn text(self) -> String {
        self.iter().map(Scope::name).collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`Scopes::text`] writes, and nothing else.
    pub fn parse(text: &str) -> Option<Scopes> {
        let scopes = text.split(' ').map(Scope::parse).collect::<Option<Vec<_>>>()?;
        Scopes::of(scopes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back_and_nothing_else_does() {
        for bits in 1..=15 {
            let scopes = Scopes(bits);
            assert_eq!(Scopes::parse(&scopes.text()), Some(scopes));
            assert_eq!(Scopes::of(scopes.iter()), Some(scopes));
        }
        assert_eq!(Scopes::ALL.text(), "sell read pay_out callbacks");
        for bad in ["", " ", "read ", "Read", "all", "read,sell", "read  sell"] {
            assert_eq!(Scopes::parse(bad), None, "{bad:?}");
        }
        assert_eq!(Scopes::of([]), None);
    }
}
