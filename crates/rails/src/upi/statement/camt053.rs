//! ISO 20022 `camt.053` (bank to customer statement). Names are compared without their namespace, which differs by version.

use super::reading::{Entry, Reading};
use super::{LineError, Statement, StatementError, day};
use domain::Units;
use jiff::civil::Date;
use roxmltree::{Document, Node, ParsingOptions};

/// More than 10 MiB of sensible XML has. A node takes some fifty bytes.
const MAX_NODES: u32 = 1_000_000;

pub(super) fn read(text: &str) -> Result<Statement, StatementError> {
    // A document type is refused, and with it every entity that could grow or fetch something.
    let options = ParsingOptions { allow_dtd: false, nodes_limit: MAX_NODES, ..ParsingOptions::default() };
    let document = Document::parse_with_options(text, options).map_err(|error| match error {
        roxmltree::Error::NodesLimitReached => StatementError::TooManyLines,
        roxmltree::Error::DtdDetected => StatementError::DocumentType,
        error => StatementError::Xml(error.pos().row),
    })?;
    let message = child(document.root_element(), "BkToCstmrStmt").ok_or(StatementError::WrongFormat)?;
    let (mut reading, mut place) = (Reading::default(), Place { text, at: 0, line: 1 });
    for statement in children(message, "Stmt") {
        if let Some(id) = at(statement, &["Acct", "Id"]) {
            let number = at(id, &["IBAN"]).or(at(id, &["Othr", "Id"])).map(words).unwrap_or_default();
            reading.of_account(number)?;
        }
        let stated = at(statement, &["Acct", "Ccy"]).map(words);
        let used = statement.descendants().find_map(|node| node.attribute("Ccy"));
        let currency = stated.or(used).ok_or(StatementError::NoCurrency)?;
        let decimals = reading.in_currency(currency)?;
        for entry in children(statement, "Ntry") {
            let line_number = place.of(entry);
            for line in lines(entry, currency, decimals) {
                reading.add(line_number, line)?;
            }
        }
    }
    reading.finish()
}

/// Line numbers, for nodes asked about in the order of the document: the parser would count from the start for each.
struct Place<'a> {
    text: &'a str,
    at: usize,
    line: u32,
}

impl Place<'_> {
    fn of(&mut self, node: Node<'_, '_>) -> u32 {
        let start = node.range().start;
        let newlines = self.text.as_bytes()[self.at..start].iter().filter(|byte| **byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(newlines).unwrap_or(u32::MAX));
        self.at = start;
        self.line
    }
}

/// An entry is one line, or one for each of its transactions when the bank booked several at once.
fn lines<'a>(entry: Node<'a, 'a>, currency: &str, decimals: u8) -> Vec<Result<Entry<'a>, LineError>> {
    let parts: Vec<Node<'a, 'a>> =
        children(entry, "NtryDtls").flat_map(|details| children(details, "TxDtls")).collect();
    let whole = match booked(entry, currency, decimals) {
        Ok(whole) => whole,
        Err(error) => return vec![Err(error)],
    };
    let own: Option<Vec<Node<'a, 'a>>> = parts.iter().map(|part| amount_of(*part)).collect();
    let (Some(amounts), true) = (own, parts.len() > 1) else {
        return vec![Ok(described(&whole, entry, &parts, whole.amount))];
    };
    let units: Result<Vec<Units>, LineError> = amounts.iter().map(|node| units(*node, currency, decimals)).collect();
    let sum =
        units.as_ref().ok().and_then(|units| units.iter().try_fold(Units::ZERO, |sum, part| sum.plus(*part).ok()));
    let same_way = parts.iter().all(|part| at(*part, &["CdtDbtInd"]).is_none_or(|way| words(way) == whole.way));
    match units {
        Ok(units) if sum == Some(whole.amount) && same_way => {
            parts.iter().zip(units).map(|(part, units)| Ok(described(&whole, *part, &[*part], units))).collect()
        }
        _ => vec![Err(LineError::Batch)],
    }
}

/// What is said of an entry as a whole.
struct Whole<'a> {
    amount: Units,
    way: &'a str,
    day: Date,
}

fn booked<'a>(entry: Node<'a, 'a>, currency: &str, decimals: u8) -> Result<Whole<'a>, LineError> {
    let status = at(entry, &["Sts", "Cd"]).or(at(entry, &["Sts"])).map(words);
    if status.is_some_and(|status| status != "BOOK") {
        return Err(LineError::NotBooked);
    }
    if at(entry, &["RvslInd"]).is_some_and(|reversal| matches!(words(reversal), "true" | "1")) {
        return Err(LineError::Reversal);
    }
    let way = at(entry, &["CdtDbtInd"])
        .map(words)
        .filter(|way| matches!(*way, "CRDT" | "DBIT"))
        .ok_or(LineError::Direction)?;
    let dates = ["BookgDt", "ValDt"].into_iter().filter_map(|name| child(entry, name));
    let date = dates.filter_map(|date| child(date, "Dt").or(child(date, "DtTm"))).next().ok_or(LineError::Day)?;
    let day = day::read(words(date), day::DayOrder::YearMonthDay).ok_or(LineError::Day)?;
    let amount = units(child(entry, "Amt").ok_or(LineError::NoAmount)?, currency, decimals)?;
    Ok(Whole { amount, way, day })
}

fn described<'a>(whole: &Whole<'_>, from: Node<'a, 'a>, parts: &[Node<'a, 'a>], amount: Units) -> Entry<'a> {
    let references = ["NtryRef", "AcctSvcrRef"].into_iter().filter_map(|name| child(from, name)).map(words);
    let named = parts.iter().filter_map(|part| child(*part, "Refs")).flat_map(|refs| refs.children()).map(words);
    let references = references.chain(named).filter(|text| !text.is_empty() && *text != "NOTPROVIDED").collect();
    let nodes = from
        .descendants()
        .filter(|node| ["Ustrd", "AddtlTxInf", "AddtlNtryInf", "Ref"].contains(&node.tag_name().name()));
    let words = nodes.map(words).filter(|text| !text.is_empty()).collect();
    Entry { references, words, rejoined: None, amount, credit: whole.way == "CRDT", day: whole.day }
}

fn amount_of<'a>(part: Node<'a, 'a>) -> Option<Node<'a, 'a>> {
    child(part, "Amt").or(at(part, &["AmtDtls", "TxAmt", "Amt"]))
}

fn units(amount: Node<'_, '_>, currency: &str, decimals: u8) -> Result<Units, LineError> {
    if amount.attribute("Ccy") != Some(currency) {
        return Err(LineError::Currency);
    }
    Units::parse(words(amount), decimals).map_err(|_| LineError::Amount)
}

fn children<'a>(node: Node<'a, 'a>, name: &'static str) -> impl Iterator<Item = Node<'a, 'a>> {
    node.children().filter(move |child| child.tag_name().name() == name)
}

fn child<'a>(node: Node<'a, 'a>, name: &'static str) -> Option<Node<'a, 'a>> {
    children(node, name).next()
}

fn at<'a>(node: Node<'a, 'a>, path: &[&'static str]) -> Option<Node<'a, 'a>> {
    path.iter().try_fold(node, |node, name| child(node, name))
}

fn words<'a>(node: Node<'a, 'a>) -> &'a str {
    node.text().unwrap_or_default().trim()
}
