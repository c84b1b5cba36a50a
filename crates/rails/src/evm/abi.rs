//! The calls and events we speak, as Solidity. A test compares them with the committed artifacts.

// The generated modules and constants are the macro's, not ours to document.
#![allow(missing_docs, missing_debug_implementations)]

alloy_sol_types::sol! {
    /// An order to flush some tokens of one forwarder; `contracts/src/ForwarderFactory.sol`.
    #[derive(Debug)]
    struct Flush {
        bytes32 salt;
        address merchant;
        address feeWallet;
        uint16 feeBps;
        address[] tokens;
    }

    #[derive(Debug)]
    interface ForwarderFactory {
        event FlushFailed(address indexed forwarder, address indexed token, bytes reason);

        function implementation() external view returns (address);
        function addressOf(bytes32 salt, address merchant, address feeWallet, uint16 feeBps) external view returns (address);
        function flush(Flush[] calldata flushes) external;
    }

    #[derive(Debug)]
    interface Forwarder {
        event Flushed(address indexed token, uint256 merchantAmount, uint256 feeAmount);

        function flush(address token) external returns (uint256 merchantAmount, uint256 feeAmount);
    }

    #[derive(Debug)]
    interface Erc20 {
        event Transfer(address indexed from, address indexed to, uint256 value);

        function balanceOf(address owner) external view returns (uint256);
        function decimals() external view returns (uint8);
        function symbol() external view returns (string);
        function transfer(address to, uint256 amount) external returns (bool);
        function approve(address spender, uint256 amount) external returns (bool);
        function allowance(address owner, address spender) external view returns (uint256);
    }

    #[derive(Debug)]
    interface MultiSend {
        function send(address token, address[] calldata receivers, uint256[] calldata amounts) external;
    }
}
