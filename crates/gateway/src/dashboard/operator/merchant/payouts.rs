//! What a merchant may pay out to cards, and what the operator keeps of its funds.

use domain::Units;

use crate::app::accounts::sessions::Person;
use crate::app::payouts::rules::{RulesChange, change};
use crate::dashboard::ask::Ask;
use crate::dashboard::operator::actor;
use crate::dashboard::pages::Answer;
use crate::store::Tx;

pub async fn post(ask: Ask, person: Person) -> Answer {
    let merchant = super::named(&ask).await?;
    let euros = |name: &str| Units::parse(ask.form.text(name), 2).ok();
    let Some(spread) = super::percent(ask.form.text("payout_spread")) else {
        return super::again(&ask, merchant, "wrong-percent").await;
    };
    let above = match ask.form.text("payout_approval") {
        "" => Some(None),
        _ => euros("payout_approval").map(Some),
    };
    let (Some(min), Some(max), Some(day_max), Some(above)) =
        (euros("payout_min"), euros("payout_max"), euros("payout_day"), above)
    else {
        return super::again(&ask, merchant, "wrong-amount").await;
    };
    if min > max || max > day_max {
        return super::again(&ask, merchant, "wrong-payout-limits").await;
    }
    let wanted = RulesChange {
        min: Some(min),
        max: Some(max),
        day_max: Some(day_max),
        approval_above: Some(above),
        spread: Some(spread),
    };
    let (app, id, actor) = (ask.app().clone(), merchant.id.clone(), actor(&person));
    ask.app().store.write(move |tx: &Tx<'_>| change(&app, tx, &id, wanted, &actor)).await?;
    Ok(ask.go_saying(&super::path(merchant.number), "flash-terms-set"))
}
