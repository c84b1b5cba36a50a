-- UPI payments that a payer says he has made, and that the merchant has not confirmed: for his home and their list. Only they are in it.
CREATE INDEX charges_claimed ON charges (merchant_id, changed_at, id) WHERE state = 'claimed';
