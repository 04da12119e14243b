-- Which version of a home tab says what became of a click there: until it was shown, no other change takes that away.

ALTER TABLE deliveries ADD COLUMN outcome_version BIGINT;
