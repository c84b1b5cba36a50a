// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

interface Flushable {
    function flush(address token) external returns (uint256, uint256);
}

interface Transferable {
    function transfer(address to, uint256 amount) external returns (bool);
}

/// A merchant's or fee wallet that misbehaves while it is being paid.
contract HostileWallet {
    enum Mode {
        Accept,
        Refuse,
        Reenter,
        ReenterAndPayBack,
        BurnGas,
        ReturnBomb
    }

    Mode public mode;
    address public token;
    uint256 public times;
    uint256 private depth;

    receive() external payable {
        _misbehave(msg.sender, msg.value);
    }

    /// `token_` is what it flushes when it re-enters, and `times_` how deep.
    function set(Mode mode_, address token_, uint256 times_) external {
        mode = mode_;
        token = token_;
        times = times_;
    }

    /// Lets anyone call from this wallet; hands on what comes back.
    function run(address to, bytes calldata data) external {
        (bool succeeded, bytes memory returned) = to.call(data);
        if (!succeeded) {
            assembly ("memory-safe") {
                revert(add(returned, 0x20), mload(returned))
            }
        }
    }

    function onTokens(address from, uint256 amount) external {
        _misbehave(from, amount);
    }

    function _misbehave(address from, uint256 amount) private {
        if (mode == Mode.Refuse) revert("refused");
        if (mode == Mode.BurnGas) while (true) {}
        if (mode == Mode.ReturnBomb) {
            assembly {
                revert(0, 100000)
            }
        }
        if ((mode == Mode.Reenter || mode == Mode.ReenterAndPayBack) && from.code.length != 0 && depth < times) {
            ++depth;
            // A refused inner flush is swallowed: the attacker would want the outer one to go on.
            try Flushable(from).flush(token) {} catch {}
            if (mode == Mode.ReenterAndPayBack) {
                if (token == address(0)) {
                    (bool sent, ) = from.call{value: amount}("");
                    sent;
                } else {
                    try Transferable(token).transfer(from, amount) {} catch {}
                }
            }
            --depth;
        }
    }
}
