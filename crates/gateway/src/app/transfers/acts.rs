//! What an operator may do about a transfer. Each act is in the log of acts, in the same transaction.

pub mod allowed;
mod askers;
mod refused;

use domain::card::contains_number;
use domain::merchant::Merchant;
use domain::transfer::{Kind, State};
use domain::{Time, TransferId};

pub use askers::{by_key, is_key};
pub use refused::{ActRefused, ChainSays, EVIDENCE_CHARS, Proof};

use super::{arrived, ended, returned};
use crate::app::App;
use crate::app::acts::{Actor, record};
use crate::app::merchant_stop::may_go_on;
use crate::app::treasury::moves::link_withdrawn;
use crate::app::treasury::send::{self as treasury_send, CancelRefused};
use crate::store::transfers::{self, Approval, TransferRow};
use crate::store::{StoreError, Tx, chain_txs, merchants};

/// The act of deciding on a transfer, where a person did.
pub const ASKED: &str = "transfer.asked";
/// The act of a second person who agrees.
pub const APPROVED: &str = "transfer.approve";
/// The act of saying that a transfer arrived.
pub const MARKED_ARRIVED: &str = "transfer.mark_arrived";
/// What was sent may be on its way for so long before a person may say what became of it.
const MARK_AFTER_MILLIS: i64 = 3_600_000;

/// What a row is called in the log of acts.
pub fn about(id: &TransferId) -> String {
    format!("transfers {id}")
}

fn open(tx: &Tx<'_>, id: &TransferId) -> Result<TransferRow, ActRefused> {
    let row = transfers::find(tx, id)?.ok_or_else(|| ActRefused::NotThere(id.clone()))?;
    if row.state.is_open() { Ok(row) } else { Err(ActRefused::Over(row.state)) }
}

/// Writing would take the row from whoever is working on it, and what he hears would be lost.
fn not_busy(row: &TransferRow, now: Time) -> Result<(), ActRefused> {
    if row.leased_until > now { Err(ActRefused::Busy) } else { Ok(()) }
}

/// As [`open`], or arrived through a provider: that may have come back.
fn open_or_watched(tx: &Tx<'_>, id: &TransferId) -> Result<TransferRow, ActRefused> {
    let row = transfers::find(tx, id)?.ok_or_else(|| ActRefused::NotThere(id.clone()))?;
    let watched = row.state == State::Done && row.account_id.is_some();
    if row.state.is_open() || watched { Ok(row) } else { Err(ActRefused::Over(row.state)) }
}

/// Looks at it again now: sends what is set aside, asks about what was sent. Nothing that may have been sent is sent anew by this.
pub fn retry(app: &App, tx: &Tx<'_>, id: &TransferId, actor: &Actor) -> Result<TransferRow, ActRefused> {
    let (mut row, now) = (open_or_watched(tx, id)?, app.now());
    not_busy(&row, now)?;
    if row.state == State::Reserved && row.approval == Approval::Wanted {
        return Err(ActRefused::NotApproved);
    }
    // over a chain its transaction is seen to its end by itself, or a person has to
    if row.chain.is_some() && row.state != State::Reserved {
        return Err(ActRefused::MayArrive { state: row.state, proof: proof(&row) });
    }
    let why = row.parked.take().unwrap_or_else(|| "it was not parked".into());
    row.due_at = Some(now);
    row.asked = 0;
    transfers::update(tx, &mut row)?;
    record(app, tx, actor, "transfer.retry", about(id), why)?;
    Ok(row)
}

/// Calls off what cannot have been sent. Whoever is about to send it finds its fence changed, and does not.
pub fn cancel(app: &App, tx: &Tx<'_>, id: &TransferId, actor: &Actor) -> Result<TransferRow, ActRefused> {
    let (mut row, now) = (open(tx, id)?, app.now());
    if row.chain.is_some() && row.nonce.is_some() && matches!(row.state, State::Sending | State::Pending) {
        let others = others_of(tx, &row)?;
        // its nonce is given to a transaction that moves nothing: the chain decides which of the two is mined
        let row = match treasury_send::cancel(app, tx, &row.merchant_id, id, "asked for by the operator") {
            Ok(row) => row,
            Err(CancelRefused::Store(error)) => return Err(error.into()),
            Err(CancelRefused::SignedElsewhere(id)) => {
                return Err(ActRefused::MayArrive { state: row.state, proof: Proof::KeyElsewhere(id) });
            }
            Err(CancelRefused::NoKey(wallet)) => {
                return Err(ActRefused::MayArrive { state: row.state, proof: Proof::NoKey(wallet) });
            }
            Err(CancelRefused::NotOnItsWay(_) | CancelRefused::Over) => {
                return Err(ActRefused::MayArrive { state: row.state, proof: proof(&row) });
            }
        };
        record(app, tx, actor, "transfer.call_off", about(id), others)?;
        return Ok(row);
    }
    if row.state != State::Reserved {
        return Err(ActRefused::MayArrive { state: row.state, proof: proof(&row) });
    }
    ended(app, tx, &mut row, State::Canceled, "called off by the operator", now)?;
    record(app, tx, actor, "transfer.cancel", about(id), String::new())?;
    Ok(row)
}

/// What else its transaction carries, in words.
fn others_of(tx: &Tx<'_>, row: &TransferRow) -> Result<String, StoreError> {
    let (Some(chain), Some(sender), Some(nonce)) = (&row.chain, &row.sender, row.nonce) else {
        return Ok(String::new());
    };
    let carried = transfers::by_nonce(tx, chain, sender, nonce)?;
    let others: Vec<&str> = carried.iter().filter(|other| other.id != row.id).map(|other| other.id.as_str()).collect();
    Ok(if others.is_empty() { String::new() } else { format!("with it went {}, which go anew", others.join(", ")) })
}

/// What would prove that a transfer cannot arrive any more.
fn proof(row: &TransferRow) -> Proof {
    match (row.nonce, &row.sender) {
        (Some(_), Some(_)) if row.state == State::Signing => Proof::CallOff(row.id.clone()),
        (Some(nonce), Some(sender)) => Proof::Nonce { nonce, sender: sender.clone() },
        _ if row.chain.is_some() => Proof::GivenOut,
        _ => Proof::Provider(row.id.clone()),
    }
}

/// A person's name without what says how he came, however often and in whatever case that is written.
fn bare(name: &str) -> &str {
    const CLI: &str = "cli:";
    let mut name = name.trim();
    while let Some((_, rest)) = name.split_at_checked(CLI.len()).filter(|(start, _)| start.eq_ignore_ascii_case(CLI)) {
        name = rest.trim_start();
    }
    name
}

/// A second person agrees: the operator's side of [`agree`].
pub fn approve(app: &App, tx: &Tx<'_>, id: &TransferId, by: &str, actor: &Actor) -> Result<TransferRow, ActRefused> {
    let row = agree(app, tx, id, by)?;
    record(app, tx, actor, APPROVED, about(id), format!("by {}", by.trim()))?;
    Ok(row)
}

/// A second person agrees; the caller writes the act down. Whoever asked is in the payment's row and in the log of acts. What a person asked
/// for, another person may approve; what a merchant's key asked for, any who is neither that merchant nor made that key. A key, or the
/// gateway itself, is nobody's second person. Nothing goes to a card on behalf of a merchant that is stopped.
pub fn agree(app: &App, tx: &Tx<'_>, id: &TransferId, by: &str) -> Result<TransferRow, ActRefused> {
    let (mut row, now) = (open(tx, id)?, app.now());
    let by = by.trim();
    if by.is_empty() {
        return Err(ActRefused::Nobody);
    }
    if row.approval != Approval::Wanted || row.state != State::Reserved {
        return Err(ActRefused::NothingToApprove);
    }
    if row.kind == Kind::CardPayout {
        may_go_on(&merchants::existing(tx, &row.merchant_id)?).map_err(|_| ActRefused::Stopped)?;
    }
    let name = bare(by);
    if name.is_empty() || is_key(name) || name.eq_ignore_ascii_case("lockgate") {
        return Err(ActRefused::NoPerson(by.to_owned()));
    }
    for asker in askers::askers(tx, &row)? {
        let merchant = if is_key(&asker) { Some(merchants::existing(tx, &row.merchant_id)?) } else { None };
        if askers::makers(tx, &row.merchant_id, &asker)?.iter().any(|maker| bare(maker).eq_ignore_ascii_case(name)) {
            return Err(ActRefused::KeysMaker(by.to_owned()));
        }
        let asker = bare(&asker);
        let is_merchant =
            |merchant: Merchant| [merchant.name, merchant.email].iter().any(|own| own.eq_ignore_ascii_case(name));
        if asker.eq_ignore_ascii_case(name) || merchant.is_some_and(is_merchant) {
            return Err(ActRefused::SamePerson(by.to_owned()));
        }
    }
    (row.approval, row.approved_by, row.due_at) = (Approval::Given, Some(by.to_owned()), Some(now));
    transfers::update(tx, &mut row)?;
    Ok(row)
}

/// Somebody has seen what became of it where we cannot look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    Arrived,
    Failed,
}

/// Ends a transfer on a person's word.
pub fn mark(
    app: &App,
    tx: &Tx<'_>,
    id: &TransferId,
    seen: Seen,
    evidence: &str,
    actor: &Actor,
) -> Result<TransferRow, ActRefused> {
    let (mut row, now) = (open_or_watched(tx, id)?, app.now());
    let arrived_already = row.state == State::Done;
    if arrived_already && seen == Seen::Arrived {
        return Err(ActRefused::Over(row.state));
    }
    let evidence = evidence.trim();
    if !EVIDENCE_CHARS.contains(&evidence.chars().count()) {
        return Err(ActRefused::NoEvidence);
    }
    not_busy(&row, now)?;
    if row.parked.is_none() && now.since(row.created_at) < MARK_AFTER_MILLIS {
        return Err(ActRefused::TooSoon);
    }
    if contains_number(evidence) {
        return Err(ActRefused::CardNumber);
    }
    if row.chain.is_some() {
        the_chain_allows(tx, &row, seen)?;
    }
    let act = match seen {
        Seen::Arrived => {
            if row.chain.is_some() && !link_withdrawn(tx, &mut row, now)? {
                return Err(ActRefused::OnChain(ChainSays::LeftNotFinal));
            }
            arrived(app, tx, &mut row, now)?;
            MARKED_ARRIVED
        }
        Seen::Failed if arrived_already => {
            returned(app, tx, &mut row, "found by the operator to have come back", now)?;
            "transfer.mark_failed"
        }
        Seen::Failed => {
            // the merchant reads the reason; who said so, and on what evidence, is in the log of acts
            ended(app, tx, &mut row, State::Failed, "found by the operator not to have arrived", now)?;
            "transfer.mark_failed"
        }
    };
    record(app, tx, actor, act, about(id), evidence.to_owned())?;
    Ok(row)
}

/// Over a chain a person's word counts only where the chain has spoken: on a transaction that is over, and did not move what it should.
fn the_chain_allows(tx: &Tx<'_>, row: &TransferRow, seen: Seen) -> Result<(), ActRefused> {
    let sent = match (&row.chain, &row.sender, row.nonce) {
        (Some(chain), Some(sender), Some(nonce)) => chain_txs::by_nonce(tx, chain, sender, nonce)?,
        _ => None,
    };
    let over = sent.filter(|sent| matches!(sent.state.as_str(), "final" | "parked"));
    // its nonce is used by what nobody knows: whether that paid it, only a person can find out
    if seen == Seen::Arrived && row.parked.is_some() && over.as_ref().is_some_and(|sent| sent.state == "parked") {
        return Ok(());
    }
    match (seen, over.map(|sent| sent.succeeded == Some(true))) {
        // final, and the watcher was not looking at the wallet then
        (Seen::Arrived, Some(true)) | (Seen::Failed, Some(false)) => Ok(()),
        (Seen::Arrived, _) => Err(ActRefused::OnChain(ChainSays::NotFinal)),
        (Seen::Failed, Some(true)) => Err(ActRefused::OnChain(ChainSays::Succeeded)),
        (Seen::Failed, None) => Err(ActRefused::OnChain(ChainSays::MayBeMined)),
    }
}

#[cfg(test)]
mod tests;
