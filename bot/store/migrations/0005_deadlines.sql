-- Deadlines: since when a review is in its status, its holder's last sign of life, whether Ralio's verdict fits, which of its
-- changes a person has to see before they go on, and the timers.

ALTER TABLE reviews ADD COLUMN status_since BIGINT;
ALTER TABLE reviews ADD COLUMN active_at BIGINT;
ALTER TABLE reviews ADD COLUMN disagreement TEXT;
ALTER TABLE reviews ADD COLUMN step BIGINT NOT NULL DEFAULT 1;
UPDATE reviews SET status_since = coalesce(confirmed_at, decided_at, claimed_at, opened_at), active_at = claimed_at;
CREATE INDEX reviews_due ON reviews (queue, due_at) WHERE status IN ('open', 'claimed', 'proposed');
CREATE INDEX reviews_disagreeing ON reviews (id) WHERE disagreement IS NOT NULL;

CREATE TABLE timers (
    review_id BIGINT NOT NULL REFERENCES reviews (id),
    kind      TEXT NOT NULL,
    since     BIGINT NOT NULL,  -- from when it counts: with another one it is another timer
    due_at    BIGINT,           -- null once nothing is due any more
    fired_at  BIGINT,           -- when it fired last
    PRIMARY KEY (review_id, kind, since)
);
CREATE INDEX timers_due ON timers (due_at) WHERE due_at IS NOT NULL;
