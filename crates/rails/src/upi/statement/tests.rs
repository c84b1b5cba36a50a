use super::*;
use proptest::prelude::*;

const DEPOSITS: &str = include_str!("../../../fixtures/statements/deposit-withdrawal.csv");
const TABS: &str = include_str!("../../../fixtures/statements/tabs.tsv");
const MARKED: &str = include_str!("../../../fixtures/statements/marked.csv");
const MT940: &str = include_str!("../../../fixtures/statements/statement.mt940");
const CAMT053: &str = include_str!("../../../fixtures/statements/statement.camt053.xml");
const BOMB: &str = include_str!("../../../fixtures/statements/bomb.camt053.xml");
const HEADER: &str = "Date,Narration,Ref No,Debit,Credit\n";

fn csv(text: &str) -> Result<Statement, StatementError> {
    read(&Format::Csv(None), text.as_bytes())
}

/// RRN, minor units, whether it came, day, position.
type Short = (Option<String>, u128, bool, String, u32);

fn lines(statement: &Statement) -> Vec<Short> {
    let short = |line: &Line| {
        (line.rrn.as_ref().map(Rrn::to_string), line.amount.0, line.credit, line.day.to_string(), line.position)
    };
    statement.lines.iter().map(short).collect()
}

fn short(rrn: Option<&str>, amount: u128, credit: bool, day: &str, position: u32) -> Short {
    (rrn.map(str::to_owned), amount, credit, day.to_owned(), position)
}

fn rejected(statement: &Statement) -> Vec<(u32, LineError)> {
    statement.rejected.iter().map(|rejected| (rejected.line_number, rejected.why)).collect()
}

#[test]
fn columns_for_deposits_and_withdrawals() {
    let statement = csv(DEPOSITS).unwrap();
    assert_eq!((statement.account.as_deref(), statement.currency.as_str()), (Some("00012345678901"), "INR"));
    let first = short(Some("601512345678"), 10_000_000, true, "2026-01-15", 1);
    let expected = [
        first.clone(),
        // the same line twice stays twice
        (first.0, first.1, first.2, first.3, 2),
        short(Some("601687654321"), 40_971, false, "2026-01-16", 3),
        // two numbers that could be it
        short(None, 1250, true, "2026-01-17", 5),
    ];
    assert_eq!(lines(&statement), expected);
    assert_eq!(rejected(&statement), [(9, LineError::Day), (11, LineError::Day), (12, LineError::Day)]);
    assert_eq!(statement.lines[3].text, r#"0000000000000000 UPI/601712345679/note, with "comma"/601712345680"#);
}

#[test]
fn tabs_and_names_of_months() {
    let statement = csv(TABS).unwrap();
    assert_eq!(statement.account.as_deref(), Some("00000012345678"));
    let expected = [
        short(Some("601512345678"), 50_000, true, "2026-01-15", 1),
        short(Some("601612345678"), 2000, false, "2026-01-16", 2),
    ];
    assert_eq!((lines(&statement), rejected(&statement)), (expected.into(), vec![]));
}

#[test]
fn one_amount_and_a_mark() {
    let statement = csv(MARKED).unwrap();
    let expected = [
        short(Some("601512345678"), 150_000, true, "2026-01-15", 1),
        short(Some("601512345679"), 2000, false, "2026-01-15", 2),
    ];
    assert_eq!((lines(&statement), rejected(&statement)), (expected.into(), vec![(4, LineError::Direction)]));
    assert_eq!(statement.account, None);
}

#[test]
fn named_columns() {
    let columns = CsvColumns {
        date: "Wann".into(),
        amount: AmountColumns::Signed { amount: "Betrag".into() },
        reference: None,
        text: Some("Text".into()),
        day_order: DayOrder::MonthDayYear,
        delimiter: Some(b';'),
        currency: "JPY".into(),
    };
    let text = "x\nwann;TEXT;betrag;Saldo\n01/15/2026;UPI 601512345678;1,500;1\n01/15/2026;UPI 601512345679;-20.00;1\n15/01/2026;x;1;1\n";
    let statement = read(&Format::Csv(Some(columns.clone())), text.as_bytes()).unwrap();
    let expected = [
        short(Some("601512345678"), 1500, true, "2026-01-15", 1),
        short(Some("601512345679"), 20, false, "2026-01-15", 2),
    ];
    assert_eq!((lines(&statement), rejected(&statement)), (expected.into(), vec![(5, LineError::Day)]));
    for (columns, error) in [
        (CsvColumns { date: "When".into(), ..columns.clone() }, StatementError::NoHeader),
        (CsvColumns { text: Some("Words".into()), ..columns.clone() }, StatementError::NoHeader),
        (CsvColumns { delimiter: Some(b','), ..columns.clone() }, StatementError::NoHeader),
        (CsvColumns { text: None, ..columns.clone() }, StatementError::NoHeader),
        (CsvColumns { currency: "BTC".into(), ..columns }, StatementError::NoCurrency),
    ] {
        assert_eq!(read(&Format::Csv(Some(columns)), text.as_bytes()), Err(error));
    }
}

#[test]
fn each_bad_row_has_its_reason() {
    for (row, why) in [
        ("15/01/26,x,601512345678,,", LineError::NoAmount),
        ("15/01/26,x,601512345678,0.00,0.00", LineError::NoAmount),
        ("15/01/26,x,601512345678,5.00,5.00", LineError::BothAmounts),
        ("15/01/26,x,601512345678,,5.001", LineError::Amount),
        ("15/01/26,x,601512345678,,five", LineError::Amount),
        ("15/01/26,x,601512345678,,-5.00", LineError::Direction),
        ("15/01/26,x,601512345678,-5.00,", LineError::Direction),
        ("15/01/26,x,601512345678,,5.00 Dr", LineError::Direction),
        ("32/01/26,x,601512345678,,5.00", LineError::Day),
        (",x,601512345678,,5.00", LineError::Day),
        // a comma of the words moved the columns
        ("15/01/26,x,y,601512345678,,5.00", LineError::Columns),
        ("15/01/26,x", LineError::Columns),
    ] {
        let statement = csv(&format!("{HEADER}{row}\n15/01/26,good,601512345678,,5.00\n")).unwrap();
        assert_eq!((statement.lines.len(), rejected(&statement)), (1, vec![(2, why)]), "{row}");
        assert_eq!(statement.lines[0].position, 2, "{row}");
    }
    let fine = csv(&format!("{HEADER}15/01/26,x,601512345678,-,5.00,,\n,,,,\n")).unwrap();
    assert_eq!((fine.lines.len(), fine.rejected.len()), (1, 0));
}

#[test]
fn files_that_are_refused() {
    let two = "Account No: 000111122223\nAccount Number: 000111122224\n";
    let many = "x\n".repeat(MAX_LINES + 1);
    for (format, text, error) in [
        (Format::Csv(None), "", StatementError::Empty),
        (Format::Csv(None), "\u{feff} \r\n", StatementError::Empty),
        (Format::Csv(None), "a,b\n1,2\n", StatementError::NoHeader),
        (Format::Csv(None), "Date,Narration,Amount\n15/01/26,x,5\n", StatementError::NoHeader),
        (Format::Csv(None), &format!("{two}{HEADER}"), StatementError::SeveralAccounts),
        (Format::Csv(None), &format!("{HEADER}15/01/26,\"x,1,,5\n16/01/26,y,1,,5\n"), StatementError::OpenQuote(2)),
        (Format::Csv(None), &many, StatementError::TooManyLines),
        (Format::Mt940, &many, StatementError::TooManyLines),
        (Format::Mt940, DEPOSITS, StatementError::WrongFormat),
        (Format::Mt940, CAMT053, StatementError::WrongFormat),
        (Format::Camt053, MT940, StatementError::Xml(1)),
        (Format::Camt053, "<Document><Other/></Document>", StatementError::WrongFormat),
        (Format::Camt053, "<Document><BkToCstmrStmt/></Document>", StatementError::NoCurrency),
        (Format::Camt053, BOMB, StatementError::DocumentType),
        (Format::Camt053, "<a>&lol;</a>", StatementError::Xml(1)),
    ] {
        assert_eq!(read(&format, text.as_bytes()), Err(error), "{text:.60}");
    }
    assert_eq!(read(&Format::Csv(None), &vec![b' '; MAX_BYTES + 1]), Err(StatementError::TooLarge));
}

#[test]
fn encodings() {
    let text = format!("{HEADER}15/01/26,Café 601512345678,,,5.00\n");
    let crlf = text.replace('\n', "\r\n");
    let windows: Vec<u8> = text.chars().map(|c| if c == 'é' { 0xe9 } else { u8::try_from(c).unwrap() }).collect();
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [text.as_bytes(), format!("\u{feff}{text}").as_bytes(), crlf.as_bytes(), &windows, &utf16] {
        let statement = read(&Format::Csv(None), bytes).unwrap();
        assert_eq!(statement.lines[0].text, "Café 601512345678");
        assert_eq!(lines(&statement), [short(Some("601512345678"), 500, true, "2026-01-15", 1)]);
    }
}

#[test]
fn what_a_file_looks_like() {
    let utf16: Vec<u8> = "\u{feff}<Document/>".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (file, format) in [
        (DEPOSITS.as_bytes(), Format::Csv(None)),
        (TABS.as_bytes(), Format::Csv(None)),
        (MARKED.as_bytes(), Format::Csv(None)),
        (MT940.as_bytes(), Format::Mt940),
        (b"{1:F01BANKINBB0000000000}{2:I940}{4:\r\n:20:X", Format::Mt940),
        (CAMT053.as_bytes(), Format::Camt053),
        (BOMB.as_bytes(), Format::Camt053),
        (b"\xef\xbb\xbf\n<Document/>", Format::Camt053),
        (&utf16[..], Format::Camt053),
        (b"", Format::Csv(None)),
    ] {
        assert_eq!(guess(file), format, "{}", String::from_utf8_lossy(file));
    }
}

#[test]
fn mt940() {
    let statement = read(&Format::Mt940, MT940.as_bytes()).unwrap();
    assert_eq!((statement.account.as_deref(), statement.currency.as_str()), (Some("BANKINBB/00012345678901"), "INR"));
    let expected = [
        short(Some("601512345678"), 150_000, true, "2026-01-15", 1),
        // cut in two by the structure of the words
        short(Some("601512345679"), 25_050, true, "2026-01-15", 2),
        short(Some("601512345680"), 10_000, false, "2026-01-15", 3),
    ];
    assert_eq!((lines(&statement), rejected(&statement)), (expected.into(), vec![(14, LineError::Reversal)]));
    assert_eq!(
        statement.lines[0].text,
        "601512345678 BANKREF1 UPI COLLECTION UPI/CR/601512345678/JOHN/9876543210@ybl/Tea"
    );
    let other = MT940.replace("00012345678901", "00099999999999");
    assert_eq!(read(&Format::Mt940, other.as_bytes()).unwrap().account.as_deref(), Some("BANKINBB/00099999999999"));
    let with = |from: &str, to: &str| read(&Format::Mt940, MT940.replace(from, to).as_bytes());
    assert_eq!(with("INR2640,50", "INR2640,51"), Err(StatementError::Balance(16)));
    assert_eq!(with(":62F:C260115INR", ":62F:C260115USD"), Err(StatementError::SeveralCurrencies));
    assert_eq!(with(":60F:C260114INR", ":60F:C260114XXX"), Err(StatementError::NoCurrency));
    assert_eq!(with(":60F:C260114INR1000,00", ":60F:X"), Err(StatementError::WrongFormat));
    assert_eq!(read(&Format::Mt940, format!("{MT940}{other}").as_bytes()), Err(StatementError::SeveralAccounts));
    let twice = read(&Format::Mt940, format!("{MT940}{MT940}").as_bytes()).unwrap();
    assert_eq!((twice.lines.len(), twice.rejected.len()), (6, 2));
    // a forged entry at the beginning of a line shows in the balance
    let forged = with("?22:61:", "\r\n:61:");
    assert_eq!(forged, Err(StatementError::Balance(17)));
    for (from, to, why) in [
        (":61:260115C250,50NTRFNONREF", ":61:260230C250,50NTRFNONREF", LineError::Day),
        (":61:260115C250,50NTRFNONREF", ":61:260115X250,50NTRFNONREF", LineError::Direction),
        (":61:260115C250,50NTRFNONREF", ":61:260115C250,505NTRFNONREF", LineError::Amount),
    ] {
        let statement = with(from, to).unwrap();
        assert_eq!(rejected(&statement), [(9, why), (14, LineError::Reversal)], "{to}");
    }
    let loose = read(&Format::Mt940, format!("nonsense\n{MT940}").as_bytes()).unwrap();
    assert_eq!(rejected(&loose)[0], (1, LineError::Unreadable));
}

#[test]
fn camt053() {
    let statement = read(&Format::Camt053, CAMT053.as_bytes()).unwrap();
    assert_eq!((statement.account.as_deref(), statement.currency.as_str()), (Some("00012345678901"), "INR"));
    let expected = [
        short(Some("601512345678"), 50_000, true, "2026-01-15", 1),
        short(Some("601512345679"), 2000, false, "2026-01-15", 2),
        short(Some("601512345680"), 150, true, "2026-01-15", 3),
        short(Some("601512345681"), 250, true, "2026-01-15", 4),
    ];
    assert_eq!(lines(&statement), expected);
    assert_eq!(statement.lines[0].text, "601512345678 UPI Tea & milk");
    let why: Vec<LineError> = statement.rejected.iter().map(|rejected| rejected.why).collect();
    use LineError::{Amount, Batch, Currency, Day, Direction, NotBooked, Reversal};
    assert_eq!(why, [Batch, NotBooked, Reversal, Currency, Day, Amount, Direction]);
    assert_eq!(statement.rejected[0].line_number, 29);
    assert_eq!(CAMT053.lines().nth(28).unwrap().trim(), "<Ntry>");

    let iban =
        CAMT053.replace("<Othr><Id>00012345678901</Id></Othr>", "<IBAN>DE00 1234</IBAN>").replace("001.02", "001.08");
    assert_eq!(read(&Format::Camt053, iban.as_bytes()).unwrap().account.as_deref(), Some("DE00 1234"));
    let nested = format!("<Document><BkToCstmrStmt><Stmt>{}</Stmt></BkToCstmrStmt></Document>", "<a>".repeat(300_000));
    assert!(matches!(read(&Format::Camt053, nested.as_bytes()), Err(StatementError::Xml(_))));
    let closed = format!("<Document>{}{}</Document>", "<a>".repeat(300_000), "</a>".repeat(300_000));
    assert_eq!(read(&Format::Camt053, closed.as_bytes()), Err(StatementError::WrongFormat));
    let wide = format!("<Document>{}</Document>", "<a/>".repeat(1_100_000));
    assert_eq!(read(&Format::Camt053, wide.as_bytes()), Err(StatementError::TooManyLines));
}

#[test]
fn large_files_are_read_in_time() {
    let row = "15/01/26,UPI/601512345678/Tea,,,5.00\n";
    let full = format!("{HEADER}{}", row.repeat(MAX_LINES - 1));
    assert_eq!(csv(&full).unwrap().lines.len(), MAX_LINES - 1);
    let (head, entry, tail) = (
        "<Document><BkToCstmrStmt><Stmt>",
        "\n<Ntry><Amt Ccy=\"INR\">5</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-15</Dt></BookgDt></Ntry>",
        "</Stmt></BkToCstmrStmt></Document>",
    );
    let full = format!("{head}{}{tail}", entry.repeat(90_000));
    let statement = read(&Format::Camt053, full.as_bytes()).unwrap();
    assert_eq!((statement.lines.len(), statement.lines[89_999].position), (90_000, 90_000));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [Format::Csv(None), Format::Mt940, Format::Camt053] {
            let _ = read(&format, &bytes);
        }
    }

    /// Whatever is put into a good file: each of its rows is a line or a rejection, or the file is refused.
    #[test]
    fn nothing_is_dropped(at in 0_usize..12, with in "[ -~\u{20b9}]{0,12}", which in 0_usize..3) {
        let (format, text) = [(Format::Csv(None), DEPOSITS), (Format::Mt940, MT940), (Format::Camt053, CAMT053)][which].clone();
        let mut rows: Vec<String> = text.lines().map(str::to_owned).collect();
        let row = &mut rows[at];
        let half = (0..=row.len() / 2).rev().find(|half| row.is_char_boundary(*half)).unwrap_or(0);
        row.insert_str(half, &with);
        if let Ok(statement) = read(&format, rows.join("\n").as_bytes()) {
            let (least, all) = ([7, 4, 11][which], statement.lines.len() + statement.rejected.len());
            prop_assert!(all >= least, "{} of {}: {:?}", all, least, statement);
        }
    }
}
