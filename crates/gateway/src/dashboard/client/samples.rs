//! Code to begin with, in four languages, filled with the merchant's own values.

use domain::merchant::Merchant;

use crate::app::App;

/// A key stands in it only where it was just made.
pub const NO_KEY: &str = "YOUR_API_KEY";

pub struct Sample {
    /// What programmers call it, in every language.
    pub name: &'static str,
    pub code: String,
}

const CREATE: [(&str, &str); 4] = [
    ("curl", include_str!("../../../templates/dashboard/samples/create.sh")),
    ("PHP", include_str!("../../../templates/dashboard/samples/create.php")),
    ("Node.js", include_str!("../../../templates/dashboard/samples/create.mjs")),
    ("Python", include_str!("../../../templates/dashboard/samples/create.py")),
];
const CHECK: [(&str, &str); 3] = [
    ("PHP", include_str!("../../../templates/dashboard/samples/check.php")),
    ("Node.js", include_str!("../../../templates/dashboard/samples/check.mjs")),
    ("Python", include_str!("../../../templates/dashboard/samples/check.py")),
];

/// How an invoice is made.
pub fn create(app: &App, merchant: &Merchant, key: &str) -> Vec<Sample> {
    let amount = merchant.min_amount.decimal(2, 0);
    let filled =
        |code: &str| code.replace("{base_url}", &app.base_url).replace("{amount}", &amount).replace("{api_key}", key);
    CREATE.map(|(name, code)| Sample { name, code: filled(code) }).into()
}

/// How a callback's signature is checked.
pub fn check() -> Vec<Sample> {
    CHECK.map(|(name, code)| Sample { name, code: code.to_owned() }).into()
}
