-- Escalations, and deliveries of further kinds: notes in the thread under a card, home tabs.

ALTER TABLE reviews ADD COLUMN escalated_by TEXT;
ALTER TABLE reviews ADD COLUMN escalated_at BIGINT;
CREATE INDEX reviews_held ON reviews (claimed_by, claimed_at) WHERE status IN ('claimed', 'proposed');

ALTER TABLE deliveries DROP CONSTRAINT deliveries_kind_check;
