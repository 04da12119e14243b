-- Escalations, and deliveries of further kinds: notes in the thread under a card, home tabs. SQLite cannot drop the old
-- list of kinds from the table, so that it is made anew.

ALTER TABLE reviews ADD COLUMN escalated_by TEXT;
ALTER TABLE reviews ADD COLUMN escalated_at BIGINT;
CREATE INDEX reviews_held ON reviews (claimed_by, claimed_at) WHERE status IN ('claimed', 'proposed');

CREATE TABLE deliveries_of_any_kind (
    id               {row_id},
    kind             TEXT NOT NULL,
    review_id        BIGINT REFERENCES reviews (id),
    unique_key       TEXT,
    lane             TEXT NOT NULL,
    urgency          BIGINT NOT NULL,
    channel          TEXT,
    recipient        TEXT,
    arguments        TEXT NOT NULL,
    message_ts       TEXT,
    wanted_version   BIGINT NOT NULL,
    shown_version    BIGINT NOT NULL,
    wanted_at        BIGINT NOT NULL,
    due_at           BIGINT NOT NULL,
    attempts         BIGINT NOT NULL,
    lease_token      TEXT,
    unresolved_since BIGINT,
    last_error       TEXT,
    held_at          BIGINT
);
INSERT INTO deliveries_of_any_kind (
    id, kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, message_ts, wanted_version,
    shown_version, wanted_at, due_at, attempts, lease_token, unresolved_since, last_error, held_at
)
SELECT
    id, kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, message_ts, wanted_version,
    shown_version, wanted_at, due_at, attempts, lease_token, unresolved_since, last_error, held_at
FROM deliveries
ORDER BY id;
DROP TABLE deliveries;
ALTER TABLE deliveries_of_any_kind RENAME TO deliveries;
CREATE UNIQUE INDEX deliveries_card ON deliveries (review_id) WHERE kind = 'card';
CREATE UNIQUE INDEX deliveries_unique_key ON deliveries (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX deliveries_pending ON deliveries (lane, urgency, due_at)
    WHERE shown_version < wanted_version AND held_at IS NULL;
CREATE INDEX deliveries_held ON deliveries (id) WHERE held_at IS NOT NULL;
