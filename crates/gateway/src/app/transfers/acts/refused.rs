//! Why an act about a transfer is refused. The command line says it as it stands here; a page finds its own words for each case.

use domain::TransferId;
use domain::transfer::State;

use crate::store::StoreError;

/// A word is no evidence, and a file does not belong here.
pub const EVIDENCE_CHARS: std::ops::RangeInclusive<usize> = 8..=1_000;

#[derive(Debug, thiserror::Error)]
pub enum ActRefused {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("there is no transfer {0}")]
    NotThere(TransferId),
    #[error("it is over: {}", .0.words())]
    Over(State),
    #[error("it is being sent or asked about at this moment: look again in a minute and a half")]
    Busy,
    #[error("it may have been sent ({}); {proof}", .state.words())]
    MayArrive { state: State, proof: Proof },
    #[error("it waits for a second person: approve it")]
    NotApproved,
    #[error("it does not wait for anybody's approval")]
    NothingToApprove,
    #[error("{0} asked for it; somebody else has to approve it")]
    SamePerson(String),
    #[error("{0} made the key that asked for it; somebody else has to approve it")]
    KeysMaker(String),
    #[error("the operator has stopped this merchant: nothing is paid out for it until it may go on")]
    Stopped,
    #[error("say who approves it")]
    Nobody,
    #[error("{0} is no person; a person has to approve it")]
    NoPerson(String),
    #[error("the evidence is {} to {} characters: what was seen, where, and its number", EVIDENCE_CHARS.start(), EVIDENCE_CHARS.end())]
    NoEvidence,
    #[error("the evidence holds a card number, and the log of acts is for ever: leave it out")]
    CardNumber,
    #[error("the chain has the last word: {0}")]
    OnChain(ChainSays),
    #[error("it is neither parked nor older than an hour: it may still end by itself")]
    TooSoon,
}

/// What would prove that a transfer cannot arrive any more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Proof {
    #[error(
        "it was given out to be signed, and whoever signs it may send it: `lockgate treasury export --call-off {0}`, sign that, and `import` it"
    )]
    CallOff(TransferId),
    #[error("its key is not on this server: `lockgate treasury export --call-off {0}`, and sign that")]
    KeyElsewhere(TransferId),
    #[error(
        "the key of {0} is not in the configuration, so that nothing could sign what would use up its nonce: put it back, then cancel"
    )]
    NoKey(String),
    #[error(
        "it cannot arrive any more once another transaction has used nonce {nonce} of {sender} and is final: then `mark --failed` with \
             that transaction as evidence"
    )]
    Nonce { nonce: u64, sender: String },
    #[error(
        "it cannot arrive any more once what was given out to be signed is destroyed, or its nonce used by another final transaction: then \
             `mark --failed` with that as evidence"
    )]
    GivenOut,
    #[error(
        "it is over once the provider says that it has nothing under {0}: `retry` asks; with the provider's word in writing, `mark --failed` \
             and that as evidence"
    )]
    Provider(TransferId),
}

/// What a transfer's transaction says against a person's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ChainSays {
    #[error("coins left the treasury like it, and are not final yet")]
    LeftNotFinal,
    #[error("it has arrived when its transaction is final")]
    NotFinal,
    #[error("its transaction is final and succeeded")]
    Succeeded,
    #[error("its transaction may still be mined; `cancel` gives its nonce to one that moves nothing")]
    MayBeMined,
}
