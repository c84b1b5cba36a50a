//! The statements that do not stay within one merchant, by why that is rare or does no harm. None of them is on the way of creating, showing
//! or paying an invoice.

use super::key::Reach::{self, Across, EachMerchant};

type List = &'static [(&'static str, &'static str)];

pub const CROSSING: &[(&str, Reach, List)] = &[
    (
        "workers look for what is due, a bounded number, some times a second however many requests there are; what they find is worked on \
         merchant by merchant",
        EachMerchant,
        &[
            ("charges", "DUE"),
            ("charges", "MERCHANTS_TO_SETTLE"),
            ("coin_refunds", "REPORTED"),
            ("deliveries", "DUE"),
            ("deliveries", "NEXT_DUE"),
            ("deliveries", "STRANDED"),
            ("funds", "CHAINS_DUE"),
            ("funds", "DUE"),
            ("invoices", "OPEN_DAYS"),
            ("payer_mails", "DUE"),
            ("payouts", "SEALED"),
            ("settlements", "DUE_RESERVES"),
            ("transfers", "ACCOUNTS_DUE"),
            ("transfers", "DUE"),
            ("transfers", "TO_SIGN"),
        ],
    ),
    (
        "what waits is looked at for those who watch the gateway, once a scrape, from indexes of what is open",
        EachMerchant,
        &[
            ("due", "CALLBACKS"),
            ("due", "CHAIN_TRANSFERS"),
            ("due", "CHARGES"),
            ("due", "FUNDS"),
            ("due", "PARKED_CALLBACKS"),
            ("due", "PARKED_CHARGES"),
            ("due", "PARKED_LINES"),
            ("due", "PARKED_PAYMENTS"),
            ("due", "PARKED_TRANSFERS"),
            ("due", "PROVIDER_TRANSFERS"),
            ("due", "REPORTED_REFUNDS"),
            ("due", "RESERVES"),
        ],
    ),
    (
        "a chain knows no merchants: asked once when its watcher starts, or once a block",
        EachMerchant,
        &[
            ("attempts", "MADE_AFTER"),
            ("attempts", "WATCHED"),
            ("flushes", "ABOVE"),
            ("flushes", "SEEN"),
            ("payments", "ABOVE"),
            ("payments", "REVERSED"),
            ("payments", "SEEN"),
        ],
    ),
    (
        "a wallet serves all merchants: asked by the one node that flushes or sends from it, before a transaction",
        EachMerchant,
        &[
            ("payments", "LYING"),
            ("payments", "TO_FLUSH"),
            ("transfers", "BY_NONCE"),
            ("transfers", "DONE_ALIKE"),
            ("transfers", "ON_ITS_WAY"),
            ("transfers", "OUT_ALIKE"),
            ("transfers", "SENT_SINCE"),
        ],
    ),
    (
        "coins on a chain may be one merchant's only: asked when a fund or a refund of coins is claimed or confirmed, by an index",
        EachMerchant,
        &[("attempts", "IS_ADDRESS"), ("coin_refunds", "BY_LOG"), ("funds", "BY_TX")],
    ),
    (
        "a payer comes with a secret link that names no merchant: once a refund of coins",
        EachMerchant,
        &[("coin_refunds", "BY_TOKEN")],
    ),
    (
        "a provider posts its own id: one question by an index for each such callback, on accounts that several merchants use",
        EachMerchant,
        &[
            ("charges", "BY_OUR_ID"),
            ("charges", "BY_REFERENCE"),
            ("transfers", "HURRY_ID"),
            ("transfers", "HURRY_REFERENCE"),
        ],
    ),
    (
        "a person looks for something by its id, or at what waits for him",
        EachMerchant,
        &[
            ("attempts", "OPEN_IN_COIN"),
            ("coin_refunds", "FIND"),
            ("overviews", "PARKED_CHARGES"),
            ("overviews", "PARKED_PAYMENTS"),
            ("transfers", "FIND"),
            ("transfers", "OPEN"),
            ("transfers", "PARKED"),
            ("transfers", "WANTED"),
        ],
    ),
    (
        "`audit` reads everything",
        EachMerchant,
        &[
            ("charges", "COUNT_ALL"),
            ("coin_refunds", "COUNT_ALL"),
            ("disputes", "COUNT_ALL"),
            ("funds", "COUNT_ALL"),
            ("invoices", "COUNT_ALL"),
            ("ledger", "ALL_ACCOUNTS"),
            ("payments", "COUNT_ALL"),
            ("payouts", "COUNT_ALL"),
            ("provider_payouts", "COUNT_ALL"),
            ("provider_payouts", "COUNT_LINES"),
            ("settlements", "COUNT_ALL"),
            ("settlements", "COUNT_ITEMS"),
            ("settlements", "COUNT_RESERVES"),
            ("transfers", "COUNT_ALL"),
        ],
    ),
    ("`audit` reads everything: a union of the books' tables", Across, &[("ledger", "BOOKS")]),
    (
        "funds and the coins of the treasury that they are: a worker's look, and one question when a merchant names a wallet",
        Across,
        &[("funds", "DUE_AND_THERE"), ("payout_senders", "OTHERS_FUND")],
    ),
];
