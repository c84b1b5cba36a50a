//! The committed bytecode of the factory and of the multi-send contract, and the addresses that follow from it. Both are
//! deployed through the deterministic deployment proxy, so these addresses are the same on every chain and known before
//! anything is deployed.

use alloy_primitives::{Address, B256, Bytes, address, hex, keccak256};
use std::sync::LazyLock;

/// The deterministic deployment proxy: call it with `salt ++ creation code` and it deploys by CREATE2.
pub const PROXY: Address = address!("4e59b44847b379578588920cA78FbF26c0B4956C");

/// The proxy's code, for a chain that is being made from nothing.
pub const PROXY_CODE: [u8; 69] = hex!(
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffe03601600081602082378035828234f58015156039578182fd"
    "5b8082525050506014600cf3"
);

/// The salt both are deployed with.
pub const FACTORY_SALT: B256 = B256::ZERO;

const FACTORY_JSON: &[u8] = include_bytes!("../../../../contracts/artifacts/ForwarderFactory.json");
const BYTECODE_AT: usize = after(FACTORY_JSON, b"\"bytecode\": \"0x");
/// Decoded by the compiler, so that a broken artifact breaks the build and nothing can fail while running.
static FACTORY_CODE: [u8; hex_len(FACTORY_JSON, BYTECODE_AT) / 2] = unhex(FACTORY_JSON, BYTECODE_AT);

const MULTI_SEND_JSON: &[u8] = include_bytes!("../../../../contracts/artifacts/MultiSend.json");
const MULTI_SEND_AT: usize = after(MULTI_SEND_JSON, b"\"bytecode\": \"0x");
static MULTI_SEND_CODE: [u8; hex_len(MULTI_SEND_JSON, MULTI_SEND_AT) / 2] = unhex(MULTI_SEND_JSON, MULTI_SEND_AT);

static MULTI_SEND: LazyLock<Address> = LazyLock::new(|| PROXY.create2(FACTORY_SALT, keccak256(MULTI_SEND_CODE)));

static ADDRESSES: LazyLock<(Address, Address)> = LazyLock::new(|| {
    let factory = PROXY.create2(FACTORY_SALT, keccak256(FACTORY_CODE));
    // A contract's first CREATE has nonce 1 (EIP-161); the factory's constructor makes the implementation with it.
    (factory, factory.create(1))
});

/// The factory's creation code. It takes no constructor arguments.
pub fn factory_creation_code() -> Bytes {
    Bytes::from_static(&FACTORY_CODE)
}

/// Where the factory is, on every chain where it has been deployed.
pub fn factory_address() -> Address {
    ADDRESSES.0
}

/// The forwarder implementation that every clone delegates to.
pub fn implementation_address() -> Address {
    ADDRESSES.1
}

/// The input of the transaction to [`PROXY`] that deploys the factory. Anyone may send it; a second one reverts.
pub fn deployment_call() -> Bytes {
    [FACTORY_SALT.as_slice(), &FACTORY_CODE].concat().into()
}

/// Where the contract is that sends a token to many, on every chain where it has been deployed.
pub fn multi_send_address() -> Address {
    *MULTI_SEND
}

/// The input of the transaction to [`PROXY`] that deploys the multi-send contract. Anyone may send it; a second one reverts.
pub fn multi_send_deployment_call() -> Bytes {
    [FACTORY_SALT.as_slice(), &MULTI_SEND_CODE].concat().into()
}

/// Reading past the end (no such field) is an error at compile time.
const fn after(text: &[u8], field: &[u8]) -> usize {
    let mut at = 0;
    let mut matched = 0;
    while matched < field.len() {
        if text[at + matched] == field[matched] {
            matched += 1;
        } else {
            at += 1;
            matched = 0;
        }
    }
    at + field.len()
}

const fn hex_len(text: &[u8], start: usize) -> usize {
    let mut end = start;
    while text[end] != b'"' {
        end += 1;
    }
    end - start
}

const fn unhex<const N: usize>(text: &[u8], start: usize) -> [u8; N] {
    let mut bytes = [0; N];
    let mut i = 0;
    while i < N {
        bytes[i] = nibble(text[start + 2 * i]) * 16 + nibble(text[start + 2 * i + 1]);
        i += 1;
    }
    bytes
}

const fn nibble(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        // Not a hex digit: 240 + 16 * 240 does not fit a byte, which stops the build.
        _ => 240,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evm::abi;
    use alloy_sol_types::{SolCall, SolEvent};

    fn artifact(text: &[u8]) -> serde_json::Value {
        serde_json::from_slice(text).unwrap()
    }

    #[test]
    fn the_code_is_what_the_artifact_says() {
        let json = artifact(FACTORY_JSON);
        assert_eq!(factory_creation_code().to_string(), json["bytecode"].as_str().unwrap());
        let json = artifact(MULTI_SEND_JSON);
        assert_eq!(Bytes::from_static(&MULTI_SEND_CODE).to_string(), json["bytecode"].as_str().unwrap());
    }

    #[test]
    fn proxy_code_is_the_published_one() {
        assert_eq!(keccak256(PROXY_CODE), hex!("2fa86add0aed31f33a762c9d88e807c475bd51d0f52bd0955754b2608f7e4989"));
    }

    /// The ABI we speak is the ABI that was compiled.
    #[test]
    fn abi_matches_the_artifacts() {
        let forwarder = artifact(include_bytes!("../../../../contracts/artifacts/Forwarder.json"));
        let (factory, multi_send) = (artifact(FACTORY_JSON), artifact(MULTI_SEND_JSON));
        let signatures = |json: &serde_json::Value| -> Vec<String> {
            let entries = json["abi"].as_array().unwrap().iter();
            entries
                .filter_map(|entry| Some(format!("{}({})", entry["name"].as_str()?, types(&entry["inputs"]))))
                .collect()
        };
        for (json, wanted) in [
            (&forwarder, abi::Forwarder::flushCall::SIGNATURE),
            (&forwarder, abi::Forwarder::Flushed::SIGNATURE),
            (&factory, abi::ForwarderFactory::flushCall::SIGNATURE),
            (&factory, abi::ForwarderFactory::addressOfCall::SIGNATURE),
            (&factory, abi::ForwarderFactory::implementationCall::SIGNATURE),
            (&factory, abi::ForwarderFactory::FlushFailed::SIGNATURE),
            (&multi_send, abi::MultiSend::sendCall::SIGNATURE),
        ] {
            assert!(signatures(json).iter().any(|found| found == wanted), "{wanted} not in {:?}", signatures(json));
        }
    }

    fn types(inputs: &serde_json::Value) -> String {
        let one = |input: &serde_json::Value| match input["type"].as_str().unwrap().strip_prefix("tuple") {
            Some(suffix) => format!("({}){suffix}", types(&input["components"])),
            None => input["type"].as_str().unwrap().to_owned(),
        };
        inputs.as_array().unwrap().iter().map(one).collect::<Vec<_>>().join(",")
    }
}
