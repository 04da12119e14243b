-- What the home tab and /reviews look up: which list a home tab shows in full, which tabs are in use, the review behind the link to its card, and
-- by queue the disagreements and the decisions that Ralio has given no verdict on. The condition on message_ts is one that
-- no other statement has: PostgreSQL might read the whole index for one about a review's card.

ALTER TABLE deliveries ADD COLUMN expanded TEXT;     -- home tabs: the list and its first row, such as 'unclaimed:15'
ALTER TABLE deliveries ADD COLUMN opened_at BIGINT;  -- home tabs: when the person used theirs last
CREATE INDEX deliveries_homes ON deliveries (opened_at) WHERE kind = 'home' AND opened_at IS NOT NULL;
CREATE INDEX deliveries_card_message ON deliveries (message_ts)
    WHERE kind IN ('card', 'former_card') AND message_ts > '';
CREATE INDEX reviews_disagreeing_in_queue ON reviews (queue, status_since) WHERE disagreement IS NOT NULL;
CREATE INDEX reviews_verdict_missing ON reviews (queue, due_at) WHERE status = 'decided' AND due_at IS NOT NULL;
