//! Payment links for wallets, and their QR codes.

use std::fmt::Write;

use alloy_primitives::Address;
use domain::asset::Kind;
use qrcode::{Color, EcLevel, QrCode};

/// Modules of white around the code (ISO/IEC 18004 asks for four).
const QUIET_MODULES: usize = 4;

/// What moves on an EVM chain: its own coin, or a token's contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvmAsset {
    Native,
    Erc20(Address),
}

impl From<&Kind> for EvmAsset {
    fn from(kind: &Kind) -> EvmAsset {
        match kind {
            Kind::Native => EvmAsset::Native,
            Kind::Token(contract) => EvmAsset::Erc20(Address::from(*contract)),
        }
    }
}

/// The EIP-681 link asking a wallet to send `units` (base units: wei, or the token's smallest part) to `recipient`.
pub fn eip681(chain_id: u64, asset: EvmAsset, recipient: Address, units: u128) -> String {
    match asset {
        EvmAsset::Native => format!("ethereum:{recipient}@{chain_id}?value={units}"),
        EvmAsset::Erc20(token) => {
            format!("ethereum:{token}@{chain_id}/transfer?address={recipient}&uint256={units}")
        }
    }
}

/// The code as SVG, dark on white whatever the page's colours, with `title` for screen readers; `None` if `data` is too long.
pub fn svg(data: &str, title: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(data, EcLevel::M).ok()?;
    let (width, modules) = (code.width(), code.to_colors());
    let side = width + 2 * QUIET_MODULES;
    // One stroke per run of dark modules, along the middle of its row; the box is moved up by half a module to fit.
    let mut path = String::new();
    for (y, row) in modules.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|a, b| a == b) {
            if run.first() == Some(&Color::Dark) {
                write!(path, "M{} {}h{}", x + QUIET_MODULES, y + QUIET_MODULES, run.len()).ok()?;
            }
            x += run.len();
        }
    }
    let title = askama::filters::escape(title, askama::filters::Html).ok()?;
    Some(format!(
        "<svg class=\"qr\" role=\"img\" aria-label=\"{title}\" viewBox=\"0 -.5 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0-.5h{side}v{side}H0z\"/><path stroke=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::address;

    const TOKEN: Address = address!("0xc2132D05D31c914a87C6611C10748AEb04B58e8F");
    const RECIPIENT: Address = address!("0x52908400098527886E0F7030069857D2E4169EE7");

    #[test]
    fn links_follow_the_standard() {
        assert_eq!(
            eip681(137, EvmAsset::Erc20(TOKEN), RECIPIENT, 25_000_001),
            "ethereum:0xc2132D05D31c914a87C6611C10748AEb04B58e8F@137/transfer\
             ?address=0x52908400098527886E0F7030069857D2E4169EE7&uint256=25000001"
        );
        assert_eq!(
            eip681(1, EvmAsset::Native, RECIPIENT, 1_000_000_000_000_000_000_000),
            "ethereum:0x52908400098527886E0F7030069857D2E4169EE7@1?value=1000000000000000000000"
        );
    }

    #[test]
    fn every_dark_module_is_drawn_once() {
        let data = eip681(137, EvmAsset::Erc20(TOKEN), RECIPIENT, 25_000_001);
        let dark = QrCode::with_error_correction_level(&data, EcLevel::M).unwrap();
        let dark = dark.to_colors().into_iter().filter(|c| *c == Color::Dark).count();
        let svg = svg(&data, "a \"title\"").unwrap();
        let drawn: usize = svg.split('h').filter_map(|s| s.split(['M', '"']).next()?.parse::<usize>().ok()).sum();
        assert_eq!(drawn, dark);
        assert!(!svg.contains("\"title\""));
    }

    #[test]
    fn too_long_is_refused() {
        assert_eq!(svg(&"x".repeat(3000), ""), None);
    }
}
