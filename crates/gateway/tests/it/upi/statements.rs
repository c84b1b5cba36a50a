//! Bank statements: each credit settles at most one payment, by reference number, amount and day; what settles none is kept and shown.

use domain::charge::State;
use gateway::clock::Clock;
use jiff::civil::Date;

use super::own_vpa::{Asked, BANK_ACCOUNT, OwnVpa};
use crate::harness::*;

/// A credit or debit as any of the formats can write it.
#[derive(Debug, Clone)]
struct Line {
    rrn: String,
    text: String,
    rupees: &'static str,
    credit: bool,
    days_ago: i64,
}

fn credit(rrn: &str, rupees: &'static str) -> Line {
    Line { rrn: rrn.into(), text: format!("UPI/CR/{rrn}/JOHN"), rupees, credit: true, days_ago: 0 }
}

fn day(line: &Line) -> Date {
    let now = jiff::Timestamp::from_millisecond(Clock::system().now()).unwrap();
    let today = now.to_zoned(jiff::tz::TimeZone::UTC).date();
    today.checked_sub(jiff::Span::new().days(line.days_ago)).unwrap()
}

fn csv(account: &str, lines: &[Line]) -> String {
    let mut text = format!(
        "Account No :{account},,,,,,\nDate,Narration,Chq./Ref.No.,Value Dt,Withdrawal Amt.,Deposit Amt.,Closing Balance\n"
    );
    for line in lines {
        let day = day(line).strftime("%d/%m/%y").to_string();
        let (debit, credit) = if line.credit { ("", line.rupees) } else { (line.rupees, "") };
        text.push_str(&format!("{day},{},{},{day},{debit},{credit},0.00\n", line.text, line.rrn));
    }
    text
}

fn mt940(account: &str, lines: &[Line]) -> String {
    let mut text = format!(":20:STMT1\n:25:BANKINBB/{account}\n:28C:1/1\n:60F:C260114INR1000,00\n");
    for line in lines {
        let (day, sign) = (day(line).strftime("%y%m%d"), if line.credit { 'C' } else { 'D' });
        let reference = if line.rrn.is_empty() { "NONREF" } else { &line.rrn };
        let (rupees, words) = (line.rupees.replace('.', ","), &line.text);
        text.push_str(&format!(":61:{day}{sign}{rupees}NTRF{reference}\n:86:{words}\n"));
    }
    // the format says what must be in the end
    let paise = |line: &Line| line.rupees.replace('.', "").parse::<i64>().unwrap() * if line.credit { 1 } else { -1 };
    let closing = 100_000 + lines.iter().map(paise).sum::<i64>();
    format!("{text}:62F:C260115INR{},{:02}\n-\n", closing / 100, closing % 100)
}

fn camt053(account: &str, lines: &[Line]) -> String {
    let entry = |line: &Line| {
        let (day, sign) = (day(line), if line.credit { "CRDT" } else { "DBIT" });
        let reference = if line.rrn.is_empty() { String::new() } else { format!("<TxId>{}</TxId>", line.rrn) };
        format!(
            "<Ntry><Amt Ccy=\"INR\">{}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts><BookgDt><Dt>{day}</Dt></BookgDt>\
             <NtryDtls><TxDtls><Refs>{reference}</Refs><RmtInf><Ustrd>{}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>",
            line.rupees, line.text
        )
    };
    let entries: String = lines.iter().map(entry).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.02\">\
         <BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id><Acct><Id><Othr><Id>{account}</Id></Othr></Id>\
         <Ccy>INR</Ccy></Acct>{entries}</Stmt></BkToCstmrStmt></Document>"
    )
}

type Writer = fn(&str, &[Line]) -> String;
const FORMATS: [(&str, Writer); 3] = [("csv", csv), ("mt940", mt940), ("camt053", camt053)];

impl OwnVpa {
    fn import(&self, format: &str, text: &str) -> Result<String, String> {
        let file = self.sandbox.dir.join(format!("statement.{format}"));
        std::fs::write(&file, text).unwrap();
        self.upi(&["import", "1", &self.account, file.to_str().unwrap(), "--format", format])
    }

    fn assert_imported(&self, format: &str, text: &str, [settled, known, nothing, debits]: [u32; 4]) {
        let said = self.import(format, text).unwrap();
        let expected = format!(
            "{settled} charges settled, {known} known before, {nothing} credits settle nothing, {debits} debits, 0 lines not read"
        );
        assert!(said.contains(&expected), "{format}: {said} instead of {expected}\n{text}");
    }

    async fn claimed(&self, rrn: &str) -> Asked {
        let asked = self.ask().await;
        assert_eq!(shown(&self.claim(&asked, rrn).await), "upi-claimed");
        asked
    }
}

#[tokio::test]
async fn matched_by_number_amount_and_day() {
    for (format, write) in FORMATS {
        let own = OwnVpa::start().await;
        let rrn = |last: u32| format!("527013524{last:03}");
        let (claimed, named) = (own.claimed(&rrn(1)).await, own.ask().await);
        let (less, old) = (own.claimed(&rrn(3)).await, own.claimed(&rrn(4)).await);
        let (twice, twice_too) = (own.claimed(&rrn(5)).await, own.claimed(&rrn(5)).await);
        let lines = [
            credit(&rrn(1), "409.71"),
            // this payer gave no number, but his app wrote our reference
            Line { text: format!("UPI/CR/JOHN/{}", named.reference), ..credit(&rrn(2), "409.71") },
            credit(&rrn(3), "409.70"),
            Line { days_ago: 3, ..credit(&rrn(4), "409.71") },
            credit(&rrn(5), "409.71"),
            credit(&rrn(6), "409.71"),
            Line { text: "UPI/CR/JOHN".into(), ..credit("", "409.71") },
            Line { credit: false, ..credit(&rrn(7), "409.71") },
            // the first again, in the same statement
            credit(&rrn(1), "409.71"),
        ];
        let text = write(BANK_ACCOUNT, &lines);
        own.assert_imported(format, &text, [2, 1, 5, 1]);
        for (asked, state) in [
            (&claimed, State::Paid),
            (&named, State::Paid),
            (&less, State::Claimed),
            (&old, State::Claimed),
            (&twice, State::Claimed),
            (&twice_too, State::Claimed),
        ] {
            assert_eq!(own.state(asked).await, state, "{format}");
        }
        for asked in [&claimed, &named] {
            assert_told(&own.sandbox, asked.id, &[CREATED, OPENED, RECEIVED, PAID]).await;
        }
        own.assert_received(2).await;
        own.assert_imported(format, &text, [0, 3, 5, 1]);
        own.assert_received(2).await;
        let pending = own.upi(&["pending", "1"]).unwrap();
        for said in ["amount or day differ", "several charges claim it", "no charge claims it"] {
            assert!(pending.contains(said), "{format}: {said}: {pending}");
        }
        // one of the two takes his claim back: the next import settles the other
        own.upi(&["reject", "1", &twice_too.charge]).unwrap();
        own.claim(&twice_too, &rrn(8)).await;
        own.assert_imported(format, &text, [1, 3, 4, 1]);
        assert_eq!((own.state(&twice).await, own.state(&twice_too).await), (State::Paid, State::Claimed), "{format}");
        // what was confirmed by hand is known to the statement; the same number over another sum is not believed
        own.upi(&["confirm", "1", &less.charge, "--rrn", &rrn(9)]).unwrap();
        own.assert_imported(format, &write(BANK_ACCOUNT, &[credit(&rrn(9), "409.71")]), [0, 1, 0, 0]);
        own.assert_imported(format, &write(BANK_ACCOUNT, &[credit(&rrn(9), "1.00")]), [0, 0, 1, 0]);
        own.assert_received(4).await;
    }
}

/// Of another account, in another currency, unreadable, or for somebody else's account: nothing is settled.
#[tokio::test]
async fn statements_that_are_not_taken() {
    let own = OwnVpa::start().await;
    let asked = own.claimed("527013524001").await;
    let lines = [credit("527013524001", "409.71")];
    for (format, write) in FORMATS {
        let refused = own.import(format, &write("00099999999999", &lines)).unwrap_err();
        assert!(refused.contains("the VPA's account is"), "{format}: {refused}");
        for broken in ["", "nothing of the kind", "\u{0}\u{1}"] {
            assert!(own.import(format, broken).is_err(), "{format}: {broken:?}");
        }
        // a damaged amount: of MT940 the balances no longer fit, of the others the line is named
        let damaged = if format == "mt940" { "408,71N" } else { "4O9.71" };
        let unreadable =
            own.import(format, &write(BANK_ACCOUNT, &lines).replace("409.71", damaged).replace("409,71N", damaged));
        assert!(unreadable.is_err(), "{format}: {unreadable:?}");
    }
    assert!(own.import("mt940", &mt940(BANK_ACCOUNT, &lines).replace("INR", "USD")).is_err(), "in another currency");
    let other = own.sandbox.ready_merchant(&own.sandbox.client, &[]);
    let file = own.sandbox.dir.join("statement.csv");
    std::fs::write(&file, csv(BANK_ACCOUNT, &lines)).unwrap();
    let theirs = own.upi(&["import", &other.number, &own.account, file.to_str().unwrap(), "--format", "csv"]);
    assert!(theirs.unwrap_err().contains("is no own VPA of this merchant"));
    let list = own.sandbox.said(&["provider", "list"]);
    let card = list.lines().find(|line| line.contains(" sandbox_card ")).unwrap().split(' ').next().unwrap();
    assert!(own.upi(&["import", "1", card, file.to_str().unwrap(), "--format", "csv"]).is_err());
    assert_eq!(own.state(&asked).await, State::Claimed, "nothing of all that settled it");
    own.assert_received(0).await;
    own.assert_imported("csv", &csv(BANK_ACCOUNT, &lines), [1, 0, 0, 0]);
    own.assert_received(1).await;
}
