//! What is accepted, and in which words everything else is refused.

use super::*;

const MASTER: &str = "0101010101010101010101010101010101010101010101010101010101010101";
const GAS: &str = "0x0202020202020202020202020202020202020202020202020202020202020202";

const GOOD: &str = r#"listen = "127.0.0.1:8080"
base_url = "https://pay.example.com"
data_dir = "data"
fee_wallet = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
[rates]
sources = ["coingecko", "kraken"]
[[chains]]
name = "polygon"
rpc = ["https://polygon.example.com/v3/rpc-secret"]
"#;

fn environment(name: &str) -> Option<String> {
    let value = match name {
        MASTER_KEY_ENV => MASTER,
        GAS_KEY_ENV => GAS,
        COINGECKO_KEY_ENV => "CG-env-secret",
        "POLYGON_RPC_URL" => "https://polygon.example.com/v3/env-secret",
        "WRONG_URL" => "env-secret is no URL",
        "EMPTY" => "",
        _ => return None,
    };
    Some(value.to_owned())
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::parse("lockgate.toml", text, &environment)
}

/// The message for the good file with one piece replaced, or with lines put at its end.
fn refusal(from: &str, to: &str) -> String {
    let text = if from.is_empty() { format!("{GOOD}{to}") } else { GOOD.replacen(from, to, 1) };
    assert!(from.is_empty() || GOOD.contains(from), "{from}");
    parse(&text).expect_err(&text).to_string()
}

#[test]
fn a_small_file_is_enough() {
    let config = parse(GOOD).unwrap();
    assert_eq!(config.base_url, "https://pay.example.com");
    assert_eq!(config.default_fee.get(), 0);
    assert_eq!(config.limits.per_key_per_minute.get(), 600);
    let codes: Vec<String> = config.assets().into_iter().map(|asset| asset.code).collect();
    assert_eq!(codes, ["USDT_polygon", "USDC_polygon", "POL_polygon"]);
    assert!(config.assets().iter().all(|asset| asset.payable));
    let pol = &config.assets()[2];
    assert!(pol.is_called("matic_polygon") && pol.decimals == 18 && !pol.at_par);
    let chain = &config.chains[0];
    assert_eq!((chain.chain_id, chain.confirmations.deepest()), (137, 128));
    let needed = |cents| chain.confirmations.needed(Some(domain::Units(cents)));
    assert_eq!((needed(10_000), needed(10_001), needed(1_000_001)), (5, 16, 128));
    assert_eq!(chain.flush.max_fee_per_gas, 1_000_000_000_000);
    assert_eq!((chain.flush.at_once_minor, chain.flush.after_millis), (2_000, 86_400_000));
}

#[test]
fn chains_are_built() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = parse(&GOOD.replace("[\"https://polygon.example.com/v3/rpc-secret\"]", "[\"env:POLYGON_RPC_URL\"]"));
    let config = config.unwrap();
    let chains = config.chains(reqwest::Client::new()).unwrap();
    assert_eq!((chains.len(), chains[0].name.as_str(), chains[0].tokens().len()), (1, "polygon", 2));
    assert!(chains[0].watches_native());
    let gas = chains[0].gas_key.as_ref().map(GasKey::address);
    assert!(gas.is_some() && gas == config.gas_address());
    assert_eq!(chains[0].fee_wallet, config.fee_wallet);
}

#[test]
fn without_a_gas_key_nothing_is_flushed() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let env = |name: &str| environment(name).filter(|_| name != GAS_KEY_ENV);
    let config = Config::parse("lockgate.toml", GOOD, &env).unwrap();
    assert_eq!(config.gas_address(), None);
    assert!(config.chains(reqwest::Client::new()).unwrap()[0].gas_key.is_none());
}

#[test]
fn secrets_are_not_in_debug() {
    let text = GOOD.replace("[\"https://pol", "[\"env:POLYGON_RPC_URL\", \"https://pol");
    let shown = format!("{:?}", parse(&text).unwrap());
    assert!(shown.contains("Endpoint(polygon.example.com)"), "{shown}");
    for secret in ["rpc-secret", "env-secret", "01010101", "02020202", "CG-"] {
        assert!(!shown.contains(secret), "{secret} in {shown}");
    }
}

#[test]
fn the_example_file_lacks_only_the_wallet() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../lockgate.example.toml");
    // It does not start by accident: fees sent to a made-up address would be gone.
    let refused = Config::load(Path::new(path), &environment).unwrap_err();
    let keys: Vec<_> = refused.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(keys, ["fee_wallet"], "{refused}");
    let text = std::fs::read_to_string(path).unwrap();
    let text = text.replace("0x (your address)", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
    let config = parse(&text).unwrap();
    let names: Vec<_> = config.chains.iter().map(|chain| chain.name.as_str()).collect();
    assert_eq!(names, ["polygon", "ethereum", "gnosis"]);
    let ethereum = &config.chains[1];
    let payable: Vec<_> = ethereum.assets.iter().filter(|asset| asset.payable).map(|asset| &asset.code).collect();
    assert_eq!(payable, ["USDC_ethereum", "ETH_ethereum"]);
    let needed = |cents| ethereum.confirmations.needed(Some(domain::Units(cents)));
    assert_eq!((needed(25_000), needed(25_001), needed(500_001)), (4, 32, 96));
    assert_eq!(ethereum.assets.last().map(|asset| asset.code.as_str()), Some("EXUSD_ethereum"));
    assert_eq!(config.chains[2].assets[0].code, "XDAI_gnosis");
    assert_eq!(config.data_dir, Path::new("/var/lib/lockgate"));
    let sources: Vec<_> = config.rate_sources.iter().map(Source::name).collect();
    assert_eq!(sources, rails::rates::NAMES);
}

#[test]
fn every_shipped_chain_works_as_it_is() {
    let chains = ["polygon", "ethereum", "bsc", "arbitrum", "base"];
    let chains = chains.map(|name| format!("[[chains]]\nname = \"{name}\"\nrpc = [\"https://node.example\"]\n"));
    let text = GOOD.split("[[chains]]").next().unwrap().to_owned() + &chains.concat();
    let config = parse(&text).unwrap();
    assert_eq!(config.assets().len(), 14);
    for chain in &config.chains {
        let needed: Vec<u64> = [1, 50_000, 500_000, 5_000_000]
            .map(|cents| chain.confirmations.needed(Some(domain::Units(cents))))
            .to_vec();
        assert!(needed.is_sorted_by(|a, b| a < b), "{}: {needed:?}", chain.name);
    }
}

#[test]
fn a_relative_data_dir_starts_at_the_file() {
    let dir = std::env::temp_dir().join(format!("lockgate-config-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let path = dir.join("lockgate.toml");
    std::fs::write(&path, GOOD).unwrap();
    assert_eq!(Config::load(&path, &environment).unwrap().data_dir, dir.join("data"));
    let missing = Config::load(&dir.join("none.toml"), &environment).unwrap_err().to_string();
    assert!(missing.contains("none.toml: cannot be read:"), "{missing}");
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let cases = [
        (
            ("listen =", "lisen ="),
            "lockgate.toml:1:1: lisen: unknown key `lisen`; did you mean `listen`?\n    lisen = …",
        ),
        (
            ("name =", "colour = 1\nname ="),
            "lockgate.toml:8:1: colour: unknown key `colour`; there are: name, title, chain_id, native, rpc, \
             explorer_tx_url, assets, tokens, confirmations, deepest, flush_at_once_usd, flush_after_hours, max_fee_gwei, \
             bump_after_seconds\n    colour = …",
        ),
        (
            ("\"127.0.0.1:8080\"", "8080"),
            "lockgate.toml:1:10: listen: invalid type: integer `8080`, expected a string\n    listen = 8080",
        ),
        (
            ("[rates]", "[limits]\nper_ip_per_minute = 0\n[rates]"),
            "lockgate.toml:6:21: per_ip_per_minute: invalid value: integer `0`, expected a nonzero u32\n    \
             per_ip_per_minute = 0",
        ),
        // the key of the node's provider is not repeated
        (
            ("[\"https://polygon.example.com/v3/rpc-secret\"]", "\"https://polygon.example.com/v3/rpc-secret\""),
            "lockgate.toml:9:7: rpc: invalid type: string \"https://polygon.example.com/…\", expected a sequence\n    \
             rpc = \"https://polygon.example.com/…\"",
        ),
        (
            ("name = \"polygon\"", "name = \"polygon\"\nmax_fee_gwei = 0.5"),
            "lockgate.toml:9:16: max_fee_gwei: write a decimal in quotes, e.g. \"0.5\", so that it is read exactly\n    \
             max_fee_gwei = 0.5",
        ),
    ];
    for ((from, to), expected) in cases {
        assert_eq!(refusal(from, to), expected);
    }
    let pasted = refusal("[rates]", "gas_key = \"hunter2\"\n[rates]");
    assert!(pasted.contains("unknown key `gas_key`") && !pasted.contains("hunter2"), "{pasted}");
    let unclosed = refusal("rpc-secret\"]", "rpc-secret");
    assert!(unclosed.starts_with("lockgate.toml:9:") && !unclosed.contains("rpc-secret"), "{unclosed}");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_place() {
    let cases = [
        ("127.0.0.1:8080", "8080", "1:10: listen: must be an IP address and a port, e.g. 127.0.0.1:8080"),
        ("https://pay.", "http://pay.", "2:12: base_url: must begin with https://: only a loopback host may use http"),
        ("pay.example.com", "pay.example.com/shop", "2:12: base_url: must be scheme, host and port only"),
        ("https://pay.example.com", "pay", "2:12: base_url: must be a URL"),
        ("\"data\"", "\"\"", "3:12: data_dir: must name a directory"),
        ("5aAeb", "5AAeb", "4:14: fee_wallet: the checksum (EIP-55) does not match"),
        ("BeAed", "BeAe", "4:14: fee_wallet: must be an address: 0x and 40 hex digits"),
        (
            "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
            "0000000000000000000000000000000000000000",
            "4:14: fee_wallet: must not be the zero address",
        ),
        (
            "[rates]",
            "trusted_proxies = [\"10.0.0.0/40\"]\n[rates]",
            "5:20: trusted_proxies: must be an address or a network",
        ),
        ("[rates]", "trusted_proxies = [\"::/0\"]\n[rates]", "5:20: trusted_proxies: must not be everyone"),
        (
            "[rates]",
            "[fees]\ndefault_bps = 10_001\n[rates]",
            "6:15: fees.default_bps: a fee is 0 to 10000 basis points, not 10001",
        ),
        ("kraken", "krakan", "6:25: rates.sources: unknown rate source `krakan`; did you mean `kraken`?"),
        ("kraken", "coingecko", "6:25: rates.sources: coingecko is listed twice"),
        ("kraken\"", "ecb\", \"ecb\"", "6:32: rates.sources: ecb is listed twice"),
        (
            "\"coingecko\", \"kraken\"",
            "\"ecb\"",
            "8:8: chains.assets: POL_polygon has no price: no source in rates.sources",
        ),
        ("\"coingecko\", \"kraken\"", "", "8:8: chains.assets: POL_polygon has no price"),
        ("polygon\"", "poligon\"", "8:8: chains.name: unknown chain `poligon`; did you mean `polygon`?"),
        ("[\"https://polygon.example.com/v3/rpc-secret\"]", "[]", "9:7: chains.rpc: must name at least one node"),
        (
            "https://polygon.",
            "http://polygon.",
            "9:8: chains.rpc: must begin with https://: http is for nodes on this machine",
        ),
        ("https://polygon.", "wss://polygon.", "9:8: chains.rpc: must be the node's http address"),
        (
            "https://polygon.example.com/v3/rpc-secret",
            "env:NODE",
            "9:8: chains.rpc: NODE is not set in the environment",
        ),
        (
            "https://polygon.example.com/v3/rpc-secret",
            "env:EMPTY",
            "9:8: chains.rpc: EMPTY is not set in the environment",
        ),
        ("https://polygon.example.com/v3/rpc-secret", "env:WRONG_URL", "9:8: chains.rpc: must be a URL"),
    ];
    for (from, to, expected) in cases {
        let message = refusal(from, to);
        assert!(message.starts_with(&format!("lockgate.toml:{expected}")), "{message}\nexpected {expected}");
        assert!(!message.contains("secret"), "{message}");
        assert_eq!(message.matches("lockgate.toml:").count(), 1, "{message}");
    }
}

#[test]
fn chains_that_make_no_sense() {
    let token = "[[chains.tokens]]\nsymbol = \"EXUSD\"\nname = \"Example\"\nat_par = true\n";
    let good = "contract = \"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"\n";
    let own = "[[chains]]\nname = \"gnosis\"\nrpc = [\"https://g.example\"]\n";
    let node = "rpc = [\"https://node.example\"]\n";
    let cases = [
        (
            "assets = [\"USDT_polygon\", \"USDX_polygon\"]".to_owned(),
            "unknown asset `USDX_polygon`; did you mean `USDC_polygon`?",
        ),
        ("chain_id = 138".into(), "chains.chain_id: is fixed for a chain of the shipped table"),
        (
            "native = { symbol = \"X\", name = \"X\" }".into(),
            "chains.native: is fixed for a chain of the shipped table",
        ),
        ("deepest = 8".into(), "chains.confirmations: confirmation steps must rise"),
        ("deepest = 513".into(), "chains.deepest: must be at most 512"),
        ("deepest = 0".into(), "chains.confirmations: confirmations must be at least 1"),
        (
            "confirmations = [{ up_to_usd = 100, blocks = 9 }, { up_to_usd = 1000, blocks = 2 }]".into(),
            "10:32: chains.confirmations: confirmation steps must rise",
        ),
        ("confirmations = [{ up_to_usd = \"1.005\", blocks = 9 }]".into(), "must be US dollars"),
        ("flush_at_once_usd = -1".into(), "chains.flush_at_once_usd: must be US dollars"),
        ("max_fee_gwei = 0".into(), "chains.max_fee_gwei: must be above zero"),
        ("max_fee_gwei = \"0.0000000001\"".into(), "chains.max_fee_gwei: must be gwei"),
        ("bump_after_seconds = 0".into(), "chains.bump_after_seconds: must be above zero"),
        (
            "explorer_tx_url = \"https://scan.example\"".into(),
            "chains.explorer_tx_url: must begin with https:// and end",
        ),
        (format!("{token}{good}decimals = 31"), "chains.tokens.decimals: must be 0 to 30"),
        (format!("{token}{good}"), "missing field `decimals`"),
        (
            format!("{token}{good}decimals = 6\ncode = \"usdt_POLYGON\""),
            "the name usdt_POLYGON of usdt_POLYGON is also that of USDT_polygon",
        ),
        (
            format!("{token}{good}decimals = 6\naliases = [\"POL_polygon\"]"),
            "the name POL_polygon of EXUSD_polygon is also that of POL_polygon",
        ),
        (format!("{token}{good}decimals = 6\ncode = \"EX USD\""), "code: must be 1 to 40 letters"),
        (
            format!("{token}contract = \"0xc2132d05d31c914a87c6611c10748aeb04b58e8f\"\ndecimals = 6"),
            "USDT_polygon and EXUSD_polygon are both 0xc2132D05D31c914a87C6611C10748AEb04B58e8F",
        ),
        (format!("[[chains]]\nname = \"polygon\"\n{node}"), "chains.name: polygon is listed twice"),
        (
            own.into(),
            "unknown chain `gnosis`; there are: polygon, ethereum, bsc, arbitrum, base, anvil (a chain of your own needs",
        ),
        (format!("{own}chain_id = 137"), "chains.deepest: is missing for gnosis"),
        (
            format!(
                "{own}chain_id = 137\ntitle = \"G\"\ndeepest = 9\nmax_fee_gwei = 1\nnative = {{ symbol = \"G\", name = \"G\", at_par = true }}"
            ),
            "has the chain id of polygon",
        ),
        ("[[chains]]\nname = \"bsc\"".into(), "chains.rpc: is missing for bsc"),
    ];
    for (lines, expected) in cases {
        let message = refusal("", &lines);
        assert!(message.contains(expected), "{lines}\n\n{message}\nexpected {expected}");
    }
}

#[test]
fn one_list_names_sources_of_coins_and_of_currencies() {
    let config = parse(&GOOD.replace("\"kraken\"", "\"kraken\", \"ecb\"")).unwrap();
    let knowing = |symbol: &str| -> Vec<_> {
        config.rate_sources.iter().filter(|source| source.knows(symbol)).map(Source::name).collect()
    };
    assert_eq!(knowing("POL"), ["coingecko", "kraken"]);
    assert_eq!(knowing("USD/INR"), ["coingecko", "ecb"]);
}

#[test]
fn all_problems_are_told_at_once_in_the_order_of_the_file() {
    let text = GOOD.replace("https://pay.", "http://pay.").replace("5aAeb", "5AAeb").replace("\"data\"", "\"\"");
    let error = Config::parse("lockgate.toml", &text.replace("kraken", "x"), &|_| None).unwrap_err();
    let found: Vec<_> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(found, ["base_url", "data_dir", "fee_wallet", "rates.sources", MASTER_KEY_ENV]);
    let error = parse("").unwrap_err();
    let found: Vec<_> = error.problems.iter().map(|problem| problem.key.as_str()).collect();
    assert_eq!(found, ["listen", "base_url", "data_dir", "fee_wallet", "chains"]);
}

#[test]
fn secrets_of_the_environment() {
    let with = |name: &'static str, value: &'static str| {
        move |asked: &str| if asked == name { Some(value.to_owned()) } else { environment(asked) }
    };
    let cases = [
        (MASTER_KEY_ENV, "", "LOCKGATE_MASTER_KEY: is not set in the environment"),
        (MASTER_KEY_ENV, "0101", "LOCKGATE_MASTER_KEY: must be 64 hex digits"),
        (GAS_KEY_ENV, "0202", "LOCKGATE_GAS_KEY: a private key is 64 hexadecimal digits, with or without 0x"),
    ];
    for (name, value, expected) in cases {
        let error = Config::parse("lockgate.toml", GOOD, &with(name, value)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn fees_do_not_go_to_the_account_whose_key_is_on_the_server() {
    let gas = parse(GOOD).unwrap().gas_address().unwrap().to_checksum(None);
    let message = refusal("0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", &gas);
    assert!(message.contains("4:14: fee_wallet: this is the account of LOCKGATE_GAS_KEY"), "{message}");
}

/// The good file with a treasury, its key made for the test.
fn with_treasury(name: &str, change: impl Fn(&str) -> String) -> Result<Config, ConfigError> {
    let dir = std::env::temp_dir().join(format!("lockgate-config-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    rails::evm::keystore::seal(&dir.join("treasury.json"), &"46".repeat(32), "twelve letters").unwrap();
    rails::evm::keystore::seal(&dir.join("gas.json"), GAS, "twelve letters").unwrap();
    let text = format!(
        "{GOOD}[[treasury]]\nchain = \"polygon\"\nsigner = \"hot\"\nkey_file = \"treasury.json\"\ndaily_cap = 500\ntransfer_cap = 100\n"
    );
    let env = |name: &str| match name {
        TREASURY_PASSPHRASE_ENV => Some("twelve letters".to_owned()),
        name => environment(name),
    };
    let file = dir.join("lockgate.toml");
    let config = Config::parse(file.to_str().unwrap(), &change(&text), &env);
    let _ = std::fs::remove_dir_all(&dir);
    config
}

#[test]
fn a_treasury_is_opened_and_shows_no_key() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let config = with_treasury("opened", str::to_owned).unwrap();
    let chains = config.chains(reqwest::Client::new()).unwrap();
    let treasury = chains[0].treasury.as_ref().unwrap();
    assert_eq!((treasury.caps.daily, treasury.caps.transfer, treasury.allow.clone()), (500, 100, None));
    let shown = format!("{config:?} {treasury:?}");
    assert!(shown.contains("0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f") && !shown.contains("4646"), "{shown}");
    let listed =
        with_treasury("listed", |text| format!("{text}allow = [\"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"]\n"));
    assert_eq!(listed.unwrap().treasuries[0].treasury.allow.as_ref().map(Vec::len), Some(1));
}

#[test]
fn an_offline_treasury_needs_an_address_and_no_key() {
    let offline = |address: &str| {
        let to = format!("\"offline\"\naddress = \"{address}\"\n");
        with_treasury(address, move |text| text.replace("\"hot\"\nkey_file = \"treasury.json\"\n", &to))
    };
    let address = "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359";
    let config = offline(address).unwrap();
    let treasury = &config.treasuries[0].treasury;
    assert!(treasury.key().is_none() && treasury.address().to_string() == address && treasury.caps.daily == 500);
    assert!(offline("0x12").unwrap_err().to_string().contains("treasury.address: must be an address"));
    let fee_wallet = parse(GOOD).unwrap().fee_wallet.to_string();
    assert!(offline(&fee_wallet).unwrap_err().to_string().contains("is fee_wallet; a treasury needs its own"));
    let mail = |text: &str| parse(&format!("operator_email = \"{text}\"\n{GOOD}")).map(|config| config.operator_email);
    assert_eq!(mail("ops@example.com").unwrap().as_deref(), Some("ops@example.com"));
    for bad in ["ops", "@example.com", "a b@example.com", "ops@example"] {
        assert!(mail(bad).unwrap_err().to_string().contains("operator_email: must be an e-mail address"), "{bad}");
    }
}

#[test]
fn a_treasury_is_refused_in_words_with_its_place() {
    let cases = [
        ("chain = \"polygon\"", "chain = \"poligon\"", "did you mean `polygon`?"),
        ("\"hot\"", "\"warm\"", "treasury.signer: unknown signer `warm`"),
        ("\"hot\"", "\"offline\"", "treasury.key_file: an offline signer's key is on another machine"),
        ("\"hot\"", "\"offline\"", "treasury.address: is missing"),
        (
            "\"hot\"",
            "\"hot\"\naddress = \"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed\"",
            "treasury.address: of a hot signer",
        ),
        ("key_file = \"treasury.json\"\n", "", "treasury.key_file: is missing"),
        ("treasury.json", "nowhere.json", "`lockgate treasury new` makes one"),
        ("treasury.json", "gas.json", "is the key of LOCKGATE_GAS_KEY"),
        ("daily_cap = 500", "daily_cap = 50", "transfer_cap: must not be above daily_cap"),
        ("transfer_cap = 100", "transfer_cap = 0", "must be above zero, in whole coins"),
        ("transfer_cap = 100", "transfer_cap = 100\nallow = [\"0x12\"]", "treasury.allow: must be an address"),
        ("transfer_cap = 100", "transfer_cap = 100\nlimit = 1", "unknown key `limit`"),
    ];
    for (case, (from, to, words)) in cases.into_iter().enumerate() {
        // the last of several: the chain's own name comes before the treasury's
        let change = |text: &str| {
            let at = text.rfind(from).unwrap();
            format!("{}{to}{}", &text[..at], &text[at + from.len()..])
        };
        let refused = with_treasury(&case.to_string(), change).expect_err(to).to_string();
        assert!(refused.contains(words) && refused.contains("lockgate.toml:"), "{to}: {refused}");
    }
    let closed = format!(
        "{GOOD}[[treasury]]\nchain = \"polygon\"\nsigner = \"hot\"\nkey_file = \"x\"\ndaily_cap = 5\ntransfer_cap = 1\n"
    );
    let refused = parse(&closed).expect_err("no passphrase").to_string();
    assert!(refused.contains("LOCKGATE_TREASURY_PASSPHRASE is not set in the environment"), "{refused}");
}

const SMTP: &str =
    "[smtp]\nhost = \"smtp.example.com\"\nport = 587\ntls = \"starttls\"\nfrom = \"Pay <pay@example.com>\"\n";

#[test]
fn a_mail_server_is_configured_or_refused_in_words() {
    use crate::net::smtp::Security;
    let with = |from: &str, to: &str, password: &'static str| {
        let text = format!("{GOOD}{}", SMTP.replacen(from, to, 1));
        let env = move |name: &str| match name {
            SMTP_PASSWORD_ENV => Some(password.to_owned()),
            other => environment(other),
        };
        Config::parse("lockgate.toml", &text, &env)
    };
    assert!(parse(GOOD).unwrap().smtp.is_none());
    let server = with("", "", "").unwrap().smtp.unwrap();
    assert_eq!((server.host.as_str(), server.port, server.security), ("smtp.example.com", 587, Security::StartTls));
    assert_eq!((server.from.to_string().as_str(), server.credentials.is_none()), ("Pay <pay@example.com>", true));
    assert_eq!(server.hello.to_string(), "pay.example.com");
    let named = with("tls =", "username = \"pay\"\ntls =", "smtp-secret").unwrap();
    assert!(named.smtp.as_ref().unwrap().credentials.is_some());
    assert!(!format!("{named:?}").contains("smtp-secret"));
    for here in ["localhost", "127.0.0.1", "::1"] {
        let text = SMTP.replace("smtp.example.com", here).replace("starttls", "none");
        let server = parse(&format!("{GOOD}{text}")).unwrap().smtp.unwrap();
        assert_eq!(server.security, Security::None);
    }
    let cases = [
        ("\"starttls\"", "\"none\"", "", "smtp.tls: may be \"none\" only for a server on this machine"),
        ("\"starttls\"", "\"startls\"", "", "smtp.tls: unknown kind of TLS `startls`"),
        ("587", "0", "", "smtp.port: must be 1 to 65535; 465 is usual"),
        ("smtp.example.com", "smtp.example.com:25", "", "smtp.host: must be a host name"),
        ("smtp.example.com", "a b", "", "smtp.host: must be a host name"),
        ("Pay <pay@example.com>", "pay", "", "smtp.from: must be an e-mail address"),
        ("tls =", "username = \"pay\"\ntls =", "", "LOCKGATE_SMTP_PASSWORD is not set in the environment"),
        ("tls =", "username = \"\"\ntls =", "p", "smtp.username: must not be empty"),
        ("", "", "smtp-secret", "smtp.username: is missing: whose password is in LOCKGATE_SMTP_PASSWORD"),
        ("tls =", "password = \"smtp-secret\"\ntls =", "", "unknown key `password`"),
    ];
    for (from, to, password, words) in cases {
        let refused = with(from, to, password).expect_err(to).to_string();
        assert!(refused.contains(words) && refused.contains("lockgate.toml:"), "{to}: {refused}");
        assert!(!refused.contains("smtp-secret"), "{refused}");
    }
}

#[test]
fn a_sandbox_is_on_a_host_of_its_own_and_joined_by_a_secret() {
    const SECRET: &str = "sandbox-secret-of-32-characters!";
    let with = |url: &str, secret: &'static str| {
        let env = move |name: &str| match name {
            SANDBOX_SECRET_ENV => Some(secret.to_owned()),
            other => environment(other),
        };
        Config::parse("lockgate.toml", &format!("{GOOD}[sandbox]\nbase_url = \"{url}\"\n"), &env)
    };
    assert!(parse(GOOD).unwrap().sandbox.is_none());
    let config = with("https://sandbox.pay.example.com/", SECRET).unwrap();
    assert_eq!(config.sandbox.as_ref().unwrap().url, "https://sandbox.pay.example.com");
    assert!(!format!("{config:?}").contains("sandbox-secret"));
    let cases = [
        ("https://pay.example.com:8443", SECRET, "sandbox.base_url: must be another host"),
        ("http://sandbox.pay.example.com", SECRET, "sandbox.base_url: must begin with https://"),
        ("https://sandbox.pay.example.com/x", SECRET, "sandbox.base_url: must be scheme, host and port only"),
        ("https://sandbox.pay.example.com", "", "LOCKGATE_SANDBOX_SECRET: is not set in the environment"),
        ("https://sandbox.pay.example.com", &SECRET[1..], "LOCKGATE_SANDBOX_SECRET: is too short"),
    ];
    for (url, secret, words) in cases {
        let refused = with(url, secret).expect_err(words).to_string();
        assert!(refused.contains(words) && !refused.contains("andbox-secret"), "{url}: {refused}");
    }
}

#[test]
fn what_is_kept_how_long() {
    let retention = |days: i64, directory: &str| {
        let text = format!("{GOOD}\n[retention]\ndays = {days}\ndirectory = \"{directory}\"\n");
        parse(&text).map(|config| config.retention.unwrap())
    };
    assert!(parse(GOOD).unwrap().retention.is_none());
    let kept = retention(430, "/srv/archive").unwrap();
    assert_eq!((kept.days, kept.directory.to_str().unwrap()), (430, "/srv/archive"));
    for (days, directory, what) in [(29, "a", "retention.days"), (430, " ", "retention.directory")] {
        assert!(retention(days, directory).unwrap_err().to_string().contains(what), "{what}");
    }
}
