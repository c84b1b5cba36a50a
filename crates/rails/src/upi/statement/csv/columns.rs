//! Which column is which.

use crate::upi::statement::day::DayOrder;
use ::csv::StringRecord;

/// Where the amount stands. `C` names a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AmountColumns<C = String> {
    /// One column for what came and one for what went.
    Split { credit: C, debit: C },
    /// One amount, and a column that says `CR` or `DR`.
    Marked { amount: C, mark: C },
    /// One amount, with a minus sign or a `Dr` behind it for what went. What has neither came.
    Signed { amount: C },
}

/// The columns of one bank, by the names in its header row; case, blanks and punctuation of a name do not matter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CsvColumns {
    pub date: String,
    pub amount: AmountColumns,
    /// The bank's reference, which may be the RRN.
    pub reference: Option<String>,
    /// The narration. One of `reference` and `text` at least is needed.
    pub text: Option<String>,
    pub day_order: DayOrder,
    /// `None`: comma, tab, semicolon and bar are tried.
    pub delimiter: Option<u8>,
    /// ISO 4217: the file does not say it. `INR` for UPI.
    pub currency: String,
}

/// As [`CsvColumns`], by number.
pub(super) struct Layout {
    pub date: usize,
    pub amount: AmountColumns<usize>,
    pub reference: Option<usize>,
    pub text: Option<usize>,
    pub day_order: DayOrder,
    pub currency: String,
    /// How many columns the header has.
    pub width: usize,
}

// Usual names, the better ones first, in the form of [`plain`].
const DATES: &[&str] =
    &["txndate", "transactiondate", "trandate", "transdate", "postingdate", "postdate", "date", "valuedate", "valuedt"];
const CREDITS: &[&str] = &[
    "credit",
    "creditamount",
    "creditamt",
    "cr",
    "cramount",
    "deposit",
    "deposits",
    "depositamount",
    "depositamt",
    "depositcr",
];
const DEBITS: &[&str] = &[
    "debit",
    "debitamount",
    "debitamt",
    "dr",
    "dramount",
    "withdrawal",
    "withdrawals",
    "withdraws",
    "withdrawalamount",
    "withdrawalamt",
    "withdrawaldr",
];
const AMOUNTS: &[&str] = &["amount", "transactionamount", "txnamount"];
const MARKS: &[&str] = &["drcr", "crdr", "debitcredit", "creditdebit", "type", "transactiontype"];
const REFERENCES: &[&str] = &[
    "rrn",
    "utr",
    "utrno",
    "utrnumber",
    "utrrrn",
    "bankreference",
    "referenceno",
    "referencenumber",
    "refno",
    "refnochequeno",
    "chqrefno",
    "chqrefnumber",
    "refchqno",
    "reference",
];
const TEXTS: &[&str] =
    &["narration", "description", "particulars", "transactionremarks", "remarks", "transactiondetails", "details"];

impl Layout {
    /// If this row is the header.
    pub fn of(columns: Option<&CsvColumns>, row: &StringRecord) -> Option<Self> {
        let header: Vec<String> = row.iter().map(plain).collect();
        match columns {
            Some(columns) => Self::named(columns, &header),
            None => Self::usual(&header),
        }
    }

    fn named(columns: &CsvColumns, header: &[String]) -> Option<Self> {
        let at = |name: &String| find(header, &[&plain(name)]);
        let optional = |name: &Option<String>| match name {
            Some(name) => at(name).map(Some),
            None => Some(None),
        };
        let amount = match &columns.amount {
            AmountColumns::Split { credit, debit } => AmountColumns::Split { credit: at(credit)?, debit: at(debit)? },
            AmountColumns::Marked { amount, mark } => AmountColumns::Marked { amount: at(amount)?, mark: at(mark)? },
            AmountColumns::Signed { amount } => AmountColumns::Signed { amount: at(amount)? },
        };
        let (reference, text) = (optional(&columns.reference)?, optional(&columns.text)?);
        (reference.is_some() || text.is_some()).then_some(())?;
        let (day_order, currency, width) = (columns.day_order, columns.currency.clone(), header.len());
        Some(Self { date: at(&columns.date)?, amount, reference, text, day_order, currency, width })
    }

    /// A lone amount column is not taken: it does not say which way the money went.
    fn usual(header: &[String]) -> Option<Self> {
        let amount = match (find(header, CREDITS), find(header, DEBITS)) {
            (Some(credit), Some(debit)) => AmountColumns::Split { credit, debit },
            _ => AmountColumns::Marked { amount: find(header, AMOUNTS)?, mark: find(header, MARKS)? },
        };
        let (reference, text) = (find(header, REFERENCES), find(header, TEXTS));
        (reference.is_some() || text.is_some()).then_some(())?;
        let date = find(header, DATES)?;
        Some(Self {
            date,
            amount,
            reference,
            text,
            day_order: DayOrder::default(),
            currency: "INR".into(),
            width: header.len(),
        })
    }
}

fn find(header: &[String], names: &[&str]) -> Option<usize> {
    names.iter().find_map(|name| header.iter().position(|column| column == name))
}

/// Letters and digits in lower case, without the currency that some banks add.
pub(super) fn plain(name: &str) -> String {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    plain.strip_suffix("inr").or(plain.strip_suffix("rs")).filter(|rest| !rest.is_empty()).unwrap_or(&plain).to_owned()
}
