use domain::time::DAY;

use super::*;
use crate::provider::{Line, LineKind, Lines, LinesAsk, PaidOut, PaidOutState, Payouts, ReportAsk};

impl Shop {
    fn payouts(&mut self) -> Vec<PaidOut> {
        let (flows, ask) = (self.connector.report.as_ref().unwrap(), ReportAsk { since: START, after: None });
        let response = self.send(&(flows.payouts.request)(&self.account, &ask)).unwrap();
        match (flows.payouts.response)(&self.account, &ask, &response) {
            Payouts::Seen { payouts, more: None } => payouts,
            other => panic!("{other:?}"),
        }
    }

    fn lines(&mut self, payout: &str) -> Vec<Line> {
        let (flows, ask) = (self.connector.report.as_ref().unwrap(), LinesAsk { payout: payout.into(), after: None });
        let response = self.send(&(flows.lines.request)(&self.account, &ask)).unwrap();
        match (flows.lines.response)(&self.account, &ask, &response) {
            Lines::Seen { lines, more: None } => lines,
            other => panic!("{other:?}"),
        }
    }

    fn pay_on(&mut self, id: &str, account: &str, currency: &str) -> Charge {
        let mut charge = charge(id, 1_504, currency);
        charge.callback_url = format!("http://127.0.0.1:8080/hook/{account}");
        charge.reference = self.pay_by("4242424242424242", &charge).unwrap().reference;
        charge
    }
}

/// Once a day, net, of one account; what the bank sends back is in the next one.
#[test]
fn each_payment_is_paid_out_once() {
    let mut shop = Shop::new(&SANDBOX_CARD);
    let first = shop.pay_on("chg_1", "acc_1", "USD");
    shop.pay_on("chg_2", "acc_1", "EUR");
    shop.pay_on("chg_3", "acc_2", "USD");
    shop.refund("rfd_1", 500, &first);
    assert_eq!(shop.payouts(), [], "not on the same day");
    shop.wait(DAY);
    let paid_out = |id: &str, amount, currency: &str, state| PaidOut {
        id: id.into(),
        amount: Units(amount),
        currency: currency.into(),
        state,
    };
    use PaidOutState::{Failed, Paid};
    let expected = [paid_out("set_0", 1_483, "EUR", Paid), paid_out("set_1", 983, "USD", Paid)];
    assert_eq!(shop.payouts(), expected);
    assert_eq!(shop.payouts(), expected, "asked again");
    let lines = shop.lines("set_1");
    let seen: Vec<_> = lines.iter().map(|line| (line.kind, line.amount.0, line.about[0].as_str())).collect();
    assert_eq!(seen, [(LineKind::Charge, 1_504, "chg_1"), (LineKind::Refund, 500, "chg_1")]);
    assert_eq!(Some(&lines[0].about[1]), first.reference.as_ref());
    assert!(shop.acquirer.fail_settlement("set_1") && !shop.acquirer.fail_settlement("set_1"));
    shop.restart();
    let again = shop.payouts();
    assert_eq!(again[1..], [paid_out("set_1", 983, "USD", Failed), paid_out("set_2", 983, "USD", Paid)]);
    assert_eq!(shop.lines("set_2"), lines);
    let flows = SANDBOX_CARD.report.as_ref().unwrap();
    let ask = LinesAsk { payout: "set_9".into(), after: None };
    let response = shop.send(&(flows.lines.request)(&shop.account, &ask)).unwrap();
    assert!(matches!((flows.lines.response)(&shop.account, &ask, &response), Lines::Unknown(_)));
}
