//! The live configuration: one TOML file, and secrets from the environment. Everything is checked when it is loaded.

mod assets;
mod chain;
mod file;
mod merged;
mod operations;
mod problems;
mod sandbox;
mod shipped;
mod smtp;
#[cfg(test)]
mod tests;
mod treasury;
mod values;
mod words;

pub use chain::{ChainConfig, Endpoint};
pub use operations::Operations;
pub use problems::{ConfigError, Problem};
pub use sandbox::apart;
pub use shipped::{KnownChain, KnownToken, known_chains};
pub use treasury::TreasuryConfig;
pub use values::{base_url, network};

use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use alloy_primitives::Address;
use domain::asset::Asset;
use domain::fee::BasisPoints;
use ipnet::IpNet;
use rails::evm::sign::GasKey;
use rails::rates::Source;
use rust_decimal::Decimal;
use zeroize::Zeroizing;

use crate::app::CardIntake;
use crate::app::chains::Chain;
use crate::app::switch::Switch;
use crate::net::guard::Policy;
use crate::net::smtp::SmtpServer;
use crate::secrets::MasterKey;
use crate::store::Database;
use problems::Problems;

/// Seals secrets at rest: 64 hex digits.
/// Where PostgreSQL is, with its password: `postgres://user:password@host/database`.
pub const DATABASE_URL_ENV: &str = "LOCKGATE_DATABASE_URL";
pub const MASTER_KEY_ENV: &str = "LOCKGATE_MASTER_KEY";
/// The private key that pays for gas: 64 hex digits. Optional; without it nothing is flushed.
pub const GAS_KEY_ENV: &str = "LOCKGATE_GAS_KEY";
/// Key of CoinGecko's free plan. Optional.
pub const COINGECKO_KEY_ENV: &str = "LOCKGATE_COINGECKO_KEY";

/// Opens the key files of the treasuries. Needed if there is one.
pub const TREASURY_PASSPHRASE_ENV: &str = "LOCKGATE_TREASURY_PASSPHRASE";
/// The password of `smtp.username`.
pub const SMTP_PASSWORD_ENV: &str = "LOCKGATE_SMTP_PASSWORD";
/// Joins a live gateway and its sandbox: the same at both.
pub const SANDBOX_SECRET_ENV: &str = "LOCKGATE_SANDBOX_SECRET";

/// What is asked of the environment: `|name| std::env::var(name).ok()`, or a test's table.
pub type Env<'a> = &'a dyn Fn(&str) -> Option<String>;

#[derive(Debug)]
pub struct Config {
    pub listen: SocketAddr,
    /// Scheme, host and port as payers see them; no slash at the end.
    pub base_url: String,
    pub data_dir: PathBuf,
    /// In the data directory, or on the server that [`DATABASE_URL_ENV`] names.
    pub database: Database,
    /// Peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether callback and redirect URLs may be plain http and on private addresses.
    pub allow_private_targets: bool,
    pub limits: Limits,
    /// The operator's share for new merchants.
    pub default_fee: BasisPoints,
    /// Gets the operator's share, on every chain.
    pub fee_wallet: Address,
    /// Each is asked for what it knows: coins, currencies or both.
    pub rate_sources: Vec<Source>,
    /// How much of a currency one US dollar is, as the operator says, by `USD/code`.
    pub fixed_rates: Vec<(String, Decimal)>,
    pub cards: CardIntake,
    /// The asset in which card and UPI money on the operator's accounts is settled.
    pub settlement_coin: Option<String>,
    /// How long another wallet for a merchant waits before it is paid to, and another treasury before it is used.
    pub payee_wait_millis: i64,
    /// Who is told when the treasury is to change.
    pub operator_email: Option<String>,
    /// Through which mails are sent; without one they wait.
    pub smtp: Option<SmtpServer>,
    /// The operator's sandbox, into which merchants switch from their pages.
    pub sandbox: Option<Switch>,
    pub operations: Operations,
    /// When events and callbacks leave for archives, if they do.
    pub retention: Option<Retention>,
    pub chains: Vec<ChainConfig>,
    pub treasuries: Vec<TreasuryConfig>,
    pub master_key: MasterKey,
    gas_key: Option<GasKeyHex>,
}

/// What was last heard of so many days ago, and is over, leaves for files in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    pub days: i64,
    pub directory: PathBuf,
}

/// Requests a minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    pub per_key_per_minute: NonZeroU32,
    pub per_ip_per_minute: NonZeroU32,
}

impl Default for Limits {
    /// A shop's server seldom makes ten invoices a second; a payer's page asks once in a few seconds.
    fn default() -> Self {
        const PER_KEY: NonZeroU32 = NonZeroU32::new(600).unwrap();
        const PER_IP: NonZeroU32 = NonZeroU32::new(300).unwrap();
        Self { per_key_per_minute: PER_KEY, per_ip_per_minute: PER_IP }
    }
}

/// Checked to be a key; kept as text because each chain takes its own.
struct GasKeyHex(Zeroizing<String>);

impl std::fmt::Debug for GasKeyHex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GasKeyHex(…)")
    }
}

fn database(name: &str, data_dir: &Path, env: Env<'_>) -> Result<Database, ConfigError> {
    let database = match env(DATABASE_URL_ENV) {
        Some(url) => Database::at(&url).map_err(|error| (DATABASE_URL_ENV, error)),
        None => Database::of(data_dir).map_err(|error| ("database.url", error)),
    };
    database.map_err(|(of, error)| ConfigError::whole_file(name, format!("{of}: {error}")))
}

impl Config {
    /// Reads and checks the file. A relative `data_dir` is taken from the file's directory.
    ///
    /// # Errors
    /// All problems at once; of a file that is not TOML, or has unknown keys or wrong types, the first.
    pub fn load(path: &Path, env: Env<'_>) -> Result<Config, ConfigError> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigError::whole_file(&name, format!("cannot be read: {error}")))?;
        let mut config = Self::parse(&name, &text, env)?;
        config.data_dir = path.parent().unwrap_or(Path::new("")).join(&config.data_dir);
        config.database = database(&name, &config.data_dir, env)?;
        Ok(config)
    }

    /// As [`Config::load`], of a text; `name` stands in the messages.
    pub fn parse(name: &str, text: &str, env: Env<'_>) -> Result<Config, ConfigError> {
        let mut problems = Problems::new(name, text);
        let file: file::File = match toml::from_str(text) {
            Ok(file) => file,
            Err(error) => return Err(problems.unparsed(&error)),
        };
        let base = Path::new(name).parent().unwrap_or(Path::new(""));
        let config = check(&file, base, env, &mut problems);
        match config {
            Some(config) if problems.is_empty() => Ok(config),
            _ => Err(problems.finish()),
        }
    }

    /// Every asset that is watched, payable or not, in the order in which payers see them.
    pub fn assets(&self) -> Vec<Asset> {
        self.chains.iter().flat_map(|chain| chain.assets.iter().cloned()).collect()
    }

    /// What the workers need. `http` must not follow redirects: an RPC answer is from whom we asked.
    ///
    /// # Errors
    /// Never with a configuration that was loaded: the gas key was checked then.
    pub fn chains(&self, http: reqwest::Client) -> Result<Vec<Chain>, ConfigError> {
        let treasury = |chain: &ChainConfig| {
            let found = self.treasuries.iter().find(|treasury| treasury.chain == chain.name);
            found.map(|found| found.treasury.clone())
        };
        let build =
            |chain: &ChainConfig| Ok(chain.build(http.clone(), self.gas_key()?, treasury(chain), self.fee_wallet));
        self.chains.iter().map(build).collect()
    }

    /// What the guard lets merchants name as targets.
    pub fn policy(&self) -> Policy {
        if self.allow_private_targets { Policy::Sandbox } else { Policy::Live }
    }

    /// The account that pays for flushes; without one, money waits in the forwarders.
    pub fn gas_address(&self) -> Option<Address> {
        self.gas_key().ok().flatten().map(|key| key.address())
    }

    fn gas_key(&self) -> Result<Option<GasKey>, ConfigError> {
        let read = |hex: &GasKeyHex| GasKey::from_hex(&hex.0);
        let key = self.gas_key.as_ref().map(read).transpose();
        key.map_err(|error| ConfigError::whole_file(GAS_KEY_ENV, error.to_string()))
    }
}

/// Nothing is returned when something is missing; then there are problems. There may be problems with a result, too.
fn check(file: &file::File, base: &Path, env: Env<'_>, problems: &mut Problems<'_>) -> Option<Config> {
    let listen = problems.required("listen", file.listen.as_ref(), |text| values::socket(text));
    let base_url = problems.required("base_url", file.base_url.as_ref(), |text| values::base_url(text));
    let data_dir = problems.required("data_dir", file.data_dir.as_ref(), |text| values::directory(text));
    let fee_wallet = problems.required("fee_wallet", file.fee_wallet.as_ref(), |text| values::address(text));
    let trusted_proxies = file
        .trusted_proxies
        .iter()
        .filter_map(|text| problems.keep(text.span(), "trusted_proxies", values::network(text.get_ref())))
        .collect();
    let bps = file.fees.default_bps.as_ref();
    let default_fee = match bps {
        Some(bps) => problems.keep(
            bps.span(),
            "fees.default_bps",
            BasisPoints::new(*bps.get_ref()).map_err(|error| error.to_string()),
        ),
        None => BasisPoints::new(0).ok(),
    };
    let rate_sources = sources(file, env, problems);
    let shipped = shipped::chains(problems);
    let chains = chain::check_all(&file.chains, &shipped, env, problems);
    assets::check_priced(&chains, &rate_sources, problems);
    let fixed_rates = fixed_rates(file, problems);
    let cards = match &file.cards.pci_mode {
        None => CardIntake::ProviderOnly,
        Some(text) if text.get_ref() == PCI_MODE => CardIntake::Direct { check_expiry: true },
        Some(text) => {
            let what =
                format!("the one mode there is is called {PCI_MODE:?}; leave it out to let providers take card data");
            problems.add(Some(text.span()), "cards.pci_mode", what);
            CardIntake::ProviderOnly
        }
    };
    let settlement_coin = settlement_coin(file, &chains, problems);
    let payee_wait = payee_wait(file, problems);
    let retention = retention(file, base, problems);
    let operator_email = operator_email(file, problems);
    let smtp = smtp::check(file.smtp.as_ref(), base_url.as_deref(), env, problems);
    let sandbox = sandbox::check(file.sandbox.as_ref(), base_url.as_deref(), env, problems);
    let operations = operations::check(file, env, problems);
    let master_key = problems.secret(MASTER_KEY_ENV, env(MASTER_KEY_ENV), values::master_key);
    let gas_key = env(GAS_KEY_ENV).map(Zeroizing::new).filter(|text| !text.is_empty());
    let gas_address = match &gas_key {
        Some(text) => match GasKey::from_hex(text) {
            Ok(key) => Some(key.address()),
            Err(error) => {
                problems.add(None, GAS_KEY_ENV, error.to_string());
                None
            }
        },
        None => None,
    };
    if let (Some(gas), Some(fee)) = (gas_address, fee_wallet)
        && gas == fee
    {
        let what = format!("this is the account of {GAS_KEY_ENV}, whose key is on the server; fees belong elsewhere");
        problems.add(file.fee_wallet.as_ref().map(toml::Spanned::span), "fee_wallet", what);
    }
    let taken = [(gas_address, GAS_KEY_ENV), (fee_wallet, "fee_wallet")];
    let treasuries = treasury::check_all(&file.treasury, &chains, base, &taken, env, problems);
    Some(Config {
        listen: listen?,
        base_url: base_url?,
        database: Database::File(data_dir.clone()?.join("lockgate.db")),
        data_dir: data_dir?,
        trusted_proxies,
        allow_private_targets: file.allow_private_targets,
        limits: Limits {
            per_key_per_minute: file.limits.per_key_per_minute,
            per_ip_per_minute: file.limits.per_ip_per_minute,
        },
        default_fee: default_fee?,
        fee_wallet: fee_wallet?,
        rate_sources,
        fixed_rates,
        cards,
        settlement_coin,
        payee_wait_millis: payee_wait?,
        operator_email,
        smtp,
        sandbox,
        operations: operations?,
        retention,
        chains: chains.into_iter().map(|chain| chain.config).collect(),
        treasuries,
        master_key: master_key?,
        gas_key: gas_key.map(GasKeyHex),
    })
}

/// What an operator writes who takes card data in: their whole gateway is then in the scope of PCI DSS, as a service provider.
pub const PCI_MODE: &str = "pci-dss-saq-d-service-provider";

fn fixed_rates(file: &file::File, problems: &mut Problems<'_>) -> Vec<(String, Decimal)> {
    let mut rates = Vec::new();
    for (code, text) in &file.rates.fixed {
        let known = domain::fiat::DEVISES.contains(&code.as_str()) && code != "USD";
        let price: Option<Decimal> = text.get_ref().parse().ok().filter(|price| *price > Decimal::ZERO);
        match price.filter(|_| known) {
            Some(price) => rates.push((format!("USD/{code}"), price)),
            None => {
                let what = "must be how much of the currency one US dollar is, in decimals in quotes, for EUR, GBP, INR or ZAR";
                problems.add(Some(text.span()), "rates.fixed", what);
            }
        }
    }
    rates
}

/// A day: long enough for a mail to be read.
pub const DEFAULT_PAYEE_WAIT_MILLIS: i64 = domain::time::DAY;

/// An hour at least, else it guards nothing; a month at most.
fn payee_wait(file: &file::File, problems: &mut Problems<'_>) -> Option<i64> {
    let Some(hours) = &file.payees.wait_hours else { return Some(DEFAULT_PAYEE_WAIT_MILLIS) };
    if (1..=720).contains(hours.get_ref()) {
        return Some(hours.get_ref() * domain::time::HOUR);
    }
    problems.add(Some(hours.span()), "payees.wait_hours", "is 1 to 720 hours");
    None
}

fn retention(file: &file::File, base: &Path, problems: &mut Problems<'_>) -> Option<Retention> {
    let file::Retention { days, directory } = file.retention.as_ref()?;
    if !(30..=36_500).contains(days.get_ref()) {
        problems.add(Some(days.span()), "retention.days", "is 30 to 36500 days");
    }
    let directory = problems.keep(directory.span(), "retention.directory", values::directory(directory.get_ref()))?;
    Some(Retention { days: *days.get_ref(), directory: base.join(directory) })
}

fn operator_email(file: &file::File, problems: &mut Problems<'_>) -> Option<String> {
    let text = file.operator_email.as_ref()?;
    let email = text.get_ref();
    let is_one = email.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && email.len() <= 254
        && !email.contains(|c: char| c.is_whitespace() || c.is_control());
    if !is_one {
        problems.add(Some(text.span()), "operator_email", "must be an e-mail address");
    }
    is_one.then(|| email.clone())
}

/// As named; else USDC, else USDT, of the first chain that has it.
fn settlement_coin(file: &file::File, chains: &[chain::Checked], problems: &mut Problems<'_>) -> Option<String> {
    let coins = || chains.iter().flat_map(|chain| &chain.config.assets).filter(|asset| asset.at_par);
    match &file.settlement_coin {
        Some(text) => {
            let found = coins().find(|asset| asset.is_called(text.get_ref()));
            if found.is_none() {
                let what = "must be a coin of a configured chain that counts as one US dollar, e.g. USDC_polygon";
                problems.add(Some(text.span()), "settlement_coin", what);
            }
            found.map(|asset| asset.code.clone())
        }
        None => ["USDC", "USDT"]
            .iter()
            .find_map(|symbol| coins().find(|asset| asset.symbol == *symbol))
            .map(|asset| asset.code.clone()),
    }
}

fn sources(file: &file::File, env: Env<'_>, problems: &mut Problems<'_>) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for name in &file.rates.sources {
        let source = match name.get_ref().as_str() {
            "coingecko" => Source::coingecko(env(COINGECKO_KEY_ENV).filter(|key| !key.is_empty())),
            "kraken" => Source::kraken(),
            "ecb" => Source::ecb(),
            other => {
                let what = words::unknown("rate source", other, &rails::rates::NAMES);
                problems.add(Some(name.span()), "rates.sources", what);
                continue;
            }
        };
        if sources.iter().any(|earlier| earlier.name() == source.name()) {
            problems.add(Some(name.span()), "rates.sources", format!("{} is listed twice", source.name()));
        }
        sources.push(source);
    }
    sources
}
