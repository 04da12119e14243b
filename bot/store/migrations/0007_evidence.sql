-- What a decision rests on: the checks that Ralio's API reported, those of a verdict, proposals that no second person
-- confirmed, and what was decided before a review was reopened.

ALTER TABLE reviews ADD COLUMN fetched_checks TEXT NOT NULL DEFAULT '[]';   -- JSON like checks, which may end with a number: how many were left out
ALTER TABLE reviews ADD COLUMN verdict_checks TEXT NOT NULL DEFAULT '[]';
ALTER TABLE reviews ADD COLUMN unconfirmed BOOLEAN NOT NULL DEFAULT FALSE;  -- the outcome is a proposal
ALTER TABLE reviews ADD COLUMN earlier_decision TEXT;                       -- JSON object; null if it was never reopened after a decision
UPDATE reviews SET unconfirmed = TRUE WHERE status = 'proposed';
