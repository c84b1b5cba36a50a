-- A transfer whose batch failed on the chain goes alone from then on; one that a person called off ends when its nonce is used up by
-- what moves nothing.
ALTER TABLE transfers ADD COLUMN alone BIGINT NOT NULL DEFAULT 0;
ALTER TABLE transfers ADD COLUMN called_off BIGINT NOT NULL DEFAULT 0;
UPDATE transfers SET called_off = 1 WHERE state IN ('sending', 'pending') AND note LIKE 'being called off%';

-- From which block on a coin is looked for in a treasury's wallet: what came before is in no book until somebody names its transaction.
CREATE TABLE treasury_watched (
    chain TEXT NOT NULL,
    wallet TEXT NOT NULL,
    asset TEXT NOT NULL,
    from_block BIGINT NOT NULL,
    PRIMARY KEY (chain, wallet, asset)
);
