//! What people are told by mail about their accounts. A mail may hold a link that is a secret; the outbox erases it once it is sent.

use crate::app::App;
use crate::store::{StoreError, Tx, mails};

/// Something a person is told.
#[derive(Debug, Clone)]
pub enum Notice<'a> {
    Confirm {
        link: String,
    },
    /// Somebody signed up with an address that has an account.
    AlreadyThere,
    Reset {
        link: String,
    },
    NewBrowser {
        ip: String,
        agent: String,
    },
    PasswordChanged,
    SecondFactorOn,
    SecondFactorOff,
    /// The codes of the app are off; passkeys are left.
    CodesOff,
    PasskeyAdded {
        name: &'a str,
    },
    PasskeyRemoved {
        name: &'a str,
        /// Nothing but the password guards the account from now on.
        is_last: bool,
    },
    /// Its count of uses went backwards: perhaps there are two of it.
    PasskeyRefused {
        name: &'a str,
    },
    Invited {
        merchant: &'a str,
        by: &'a str,
        link: String,
    },
    /// To the merchant's owners.
    Joined {
        merchant: &'a str,
        who: &'a str,
    },
    Removed {
        merchant: &'a str,
    },
}

const IF_NOT_YOU: &str = "If this was not you, change your password at once and end the sessions you do not know.";

impl Notice<'_> {
    fn words(&self, app: &App) -> (&'static str, String) {
        let base = &app.base_url;
        match self {
            Notice::Confirm { link } => (
                "Confirm your address",
                format!("Open this link to confirm that this is your address. It is good for 3 days.\n\n{link}\n"),
            ),
            Notice::AlreadyThere => (
                "You have an account already",
                format!(
                    "Somebody, perhaps you, has asked for an account with this address, which has one. Sign in at {base}/login, or \
                     choose a new password at {base}/forgot. If it was not you, there is nothing to do.\n"
                ),
            ),
            Notice::Reset { link } => (
                "Choose a new password",
                format!(
                    "Open this link to choose a new password. It works once, for an hour.\n\n{link}\n\nIf you did not ask for it, \
                     there is nothing to do.\n"
                ),
            ),
            Notice::NewBrowser { ip, agent } => (
                "A new browser signed in",
                format!(
                    "Your account was signed in to from {ip} with a browser that we did not know:\n\n{agent}\n\n{IF_NOT_YOU}\n{base}/account/\n"
                ),
            ),
            Notice::PasswordChanged => (
                "Your password was changed",
                format!(
                    "Your password was changed, and all other sessions ended. If this was not you, choose another at {base}/forgot.\n"
                ),
            ),
            Notice::SecondFactorOn => {
                ("Two-step sign-in is on", format!("Codes of an app are asked for from now on. {IF_NOT_YOU}\n"))
            }
            Notice::SecondFactorOff => {
                ("Two-step sign-in is off", format!("Only your password is asked for from now on. {IF_NOT_YOU}\n"))
            }
            Notice::CodesOff => {
                ("Codes of your app are off", format!("One of your passkeys is still asked for. {IF_NOT_YOU}\n"))
            }
            Notice::PasskeyAdded { name } => (
                "A passkey was added",
                format!(
                    "The passkey “{name}” signs in to your account from now on. {IF_NOT_YOU}\n{base}/account/passkeys\n"
                ),
            ),
            Notice::PasskeyRemoved { name, is_last } => {
                let rest = if *is_last { " Only your password is asked for from now on." } else { "" };
                (
                    "A passkey was removed",
                    format!("The passkey “{name}” was removed from your account.{rest} {IF_NOT_YOU}\n"),
                )
            }
            Notice::PasskeyRefused { name } => (
                "A passkey was refused",
                format!(
                    "Somebody tried to sign in with the passkey “{name}”, whose count of uses is lower than it was: there may be a copy of \
                     it. Remove it and add a new one: {base}/account/passkeys. {IF_NOT_YOU}\n"
                ),
            ),
            Notice::Invited { merchant, by, link } => (
                "You are invited to a team",
                format!("{by} invites you to work with {merchant}. Open this link within 7 days:\n\n{link}\n"),
            ),
            Notice::Joined { merchant, who } => (
                "Somebody joined your team",
                format!("{who} now belongs to the team of {merchant}: {base}/client/team\n"),
            ),
            Notice::Removed { merchant } => {
                ("You were taken off a team", format!("You do not belong to the team of {merchant} any more.\n"))
            }
        }
    }
}

/// Puts a mail into the outbox.
pub fn tell(app: &App, tx: &Tx<'_>, email: &str, notice: &Notice<'_>) -> Result<(), StoreError> {
    let (subject, body) = notice.words(app);
    // names of merchants and browsers are strangers' words
    let body: String = body.chars().filter(|c| *c == '\n' || !c.is_control()).collect();
    mails::insert(tx, email, subject, &body, app.now())
}
