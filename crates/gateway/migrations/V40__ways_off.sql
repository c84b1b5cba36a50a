-- Ways to pay that the merchant has turned off for its payers, with blanks between their words: card, upi, coins. It stands in the merchant's own
-- row, which whoever makes an invoice has read already.
ALTER TABLE merchants ADD COLUMN ways_off TEXT;
