-- Origins of the merchant's own sites, with blanks between them, that may show its payers' pages in a frame.
ALTER TABLE storefronts ADD COLUMN frames TEXT;
