//! A payment's request to the processor, and the question what became of it.

use domain::card::{CardNumber, Expiry};
use rails::provider::{Payout, PayoutAnswer, PayoutCard, PayoutFlows, PayoutOutcome};

use super::{cards, of_transfer};
use crate::app::SharedApp;
use crate::app::providers::Opened;
use crate::app::transfers::drive::{Answer, Ready, Said, hash_of};
use crate::net::provider::NoAnswer;
use crate::store::payouts::PayoutRow;
use crate::store::transfers::TransferRow;
use crate::store::{StoreError, provider_accounts};

/// Builds the request of a payment that is set aside.
pub async fn ready(app: &SharedApp, row: &TransferRow) -> Result<Ready, Answer> {
    let unknown = |why: String| Answer::of(Said::Unknown(why));
    let (payout, opened, flows) = open(app, row).await?;
    // what is set aside is not at the processor, and without the number it never will be
    let sealed = payout.card_sealed.as_ref().ok_or_else(|| Answer::of(Said::Declined(cards::GONE.into())))?;
    let digits = app.master_key.open(row.id.as_str(), sealed).map_err(|error| unknown(error.to_string()))?;
    let digits = std::str::from_utf8(&digits).map_err(|_| unknown("the card's number cannot be read".into()))?;
    let number = CardNumber::parse(digits).map_err(|error| unknown(error.to_string()))?;
    let expiry = Expiry::parse(&payout.card_expiry).map_err(|error| unknown(error.to_string()))?;
    let card = PayoutCard { number, expiry };
    let operation = operation(&payout, row);
    let hash = hash(&payout, row, &opened);
    let app = app.clone();
    let send = async move {
        let mut opened = opened;
        let answer = opened.ask(&app, "payout", |account| (flows.create.request)(account, &operation, &card)).await;
        match answer {
            Ok(answer) => said((flows.create.response)(&opened.account, &operation, &answer)),
            Err(NoAnswer::NotSent(why)) => Answer::of(Said::Nothing(why)),
            Err(NoAnswer::Unclear(why)) => Answer::of(Said::Unknown(why)),
        }
    };
    Ok(Ready { hash, send: Box::pin(send) })
}

/// Asks what became of a payment that may have been sent.
pub async fn ask(app: &SharedApp, row: &TransferRow) -> Answer {
    let (payout, mut opened, flows) = match open(app, row).await {
        Ok(opened) => opened,
        Err(answer) => return answer,
    };
    let operation = operation(&payout, row);
    match opened.ask(app, "payout", |account| (flows.sync.request)(account, &operation)).await {
        Ok(answer) => said((flows.sync.response)(&opened.account, &operation, &answer)),
        Err(error) => Answer::of(Said::Unknown(error.to_string())),
    }
}

async fn open(app: &SharedApp, row: &TransferRow) -> Result<(PayoutRow, Opened, &'static PayoutFlows), Answer> {
    let read = app.store.read(|tx| {
        let id = row.account_id.as_ref();
        let id = id.ok_or_else(|| StoreError::Inconsistent(format!("transfer {} names no account", row.id)))?;
        let opened = app.open_account(provider_accounts::existing(tx, id)?)?;
        Ok::<_, StoreError>((of_transfer(tx, row)?, opened))
    });
    let (payout, opened) = read.await.map_err(|error| Answer::of(Said::Unknown(error.to_string())))?;
    let flows = opened.connector.payout.as_ref();
    let flows = flows.ok_or_else(|| Answer::of(Said::Unknown("this provider does not pay out".into())))?;
    Ok((payout, opened, flows))
}

fn operation(payout: &PayoutRow, row: &TransferRow) -> Payout {
    Payout {
        id: row.id.to_string(),
        amount: payout.minor,
        currency: payout.currency.clone(),
        description: format!("Payment {}", payout.number),
        first_name: payout.first_name.clone(),
        last_name: payout.last_name.clone(),
        reference: row.reference.clone(),
    }
}

/// Over all that decides what is sent, without the number but for what is shown of it.
fn hash(payout: &PayoutRow, row: &TransferRow, opened: &Opened) -> String {
    let minor = payout.minor.to_string();
    hash_of(&[
        row.id.as_str(),
        opened.account.id.as_str(),
        &minor,
        &payout.currency,
        &payout.first_name,
        &payout.last_name,
        &payout.card_shown,
        &payout.card_expiry,
    ])
}

fn said(answer: PayoutAnswer) -> Answer {
    let said = match answer.outcome {
        PayoutOutcome::Done { amount, currency } => Said::Done { units: amount, asset: currency },
        PayoutOutcome::Pending => Said::Pending,
        PayoutOutcome::Declined(why) => Said::Declined(why),
        PayoutOutcome::NotSent(why) => Said::Nothing(why),
        PayoutOutcome::Unknown(why) => Said::Unknown(why),
    };
    Answer { said, reference: answer.reference }
}
