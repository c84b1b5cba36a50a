//! Why an act was refused, in the viewer's language.

use crate::app::transfers::acts::{ActRefused, ChainSays, Proof};
use crate::checkout::text::Text;
use crate::dashboard::words::Words;

pub fn words(w: Words, why: &ActRefused) -> Text {
    match why {
        ActRefused::Store(_) | ActRefused::NotThere(_) => w.text("not-found"),
        ActRefused::Over(_) => w.text("refused-over"),
        ActRefused::Busy => w.text("refused-busy"),
        ActRefused::MayArrive { proof, .. } => may_arrive(w, proof),
        ActRefused::NotApproved => w.text("refused-not-approved"),
        ActRefused::NothingToApprove => w.text("refused-nothing-to-approve"),
        ActRefused::SamePerson(_) => w.text("refused-same-person"),
        ActRefused::KeysMaker(_) => w.text("refused-keys-maker"),
        ActRefused::Stopped => w.text("refused-stopped"),
        ActRefused::Nobody | ActRefused::NoPerson(_) => w.text("refused-no-person"),
        ActRefused::NoEvidence => w.text("refused-no-evidence"),
        ActRefused::CardNumber => w.text("wrong-card-number"),
        ActRefused::OnChain(ChainSays::LeftNotFinal) => w.text("refused-left-not-final"),
        ActRefused::OnChain(ChainSays::NotFinal) => w.text("refused-not-final"),
        ActRefused::OnChain(ChainSays::Succeeded) => w.text("refused-succeeded"),
        ActRefused::OnChain(ChainSays::MayBeMined) => w.text("refused-may-be-mined"),
        ActRefused::TooSoon => w.text("refused-too-soon"),
    }
}

fn may_arrive(w: Words, proof: &Proof) -> Text {
    match proof {
        Proof::CallOff(id) => w.fill("refused-call-off", &[command(w, id.as_str())]),
        Proof::KeyElsewhere(id) => w.fill("refused-key-elsewhere", &[command(w, id.as_str())]),
        Proof::NoKey(wallet) => w.fill("refused-no-key", &[w.ltr("wallet", wallet)]),
        Proof::Nonce { nonce, sender } => w.fill("refused-nonce", &[w.ltr("nonce", nonce), w.ltr("sender", sender)]),
        Proof::GivenOut => w.text("refused-given-out"),
        Proof::Provider(id) => w.fill("refused-provider", &[w.ltr("id", id)]),
    }
}

/// What is done where the keys are, which is not here.
fn command(w: Words, id: &str) -> crate::checkout::messages::Filling {
    w.ltr("command", format!("lockgate treasury export --call-off {id}"))
}
