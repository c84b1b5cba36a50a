// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// A token that sends nothing to those it has blocked, as USDC and USDT do. Anyone may turn anyone away.
contract TestTokenBlocklist is TestToken {
    error Blocked(address account);

    mapping(address => bool) private blocked;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function turnAway(address account) external {
        blocked[account] = true;
    }

    function _update(address from, address to, uint256 value) internal override {
        if (blocked[to]) revert Blocked(to);
        super._update(from, to, value);
    }
}
