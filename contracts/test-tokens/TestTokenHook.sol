// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

interface TokenReceiver {
    function onTokens(address from, uint256 amount) external;
}

/// A token that calls contracts it is sent to, as ERC-777 does, so that wallets can re-enter.
contract TestTokenHook is TestToken {
    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        if (to.code.length != 0) TokenReceiver(to).onTokens(msg.sender, amount);
        return true;
    }
}
