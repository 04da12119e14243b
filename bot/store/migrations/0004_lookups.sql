-- What Ralio's API is still to be asked about a review. Without the API there are no rows.

CREATE TABLE lookups (
    id          {row_id},
    review_id   BIGINT NOT NULL REFERENCES reviews (id),
    kind        TEXT NOT NULL,      -- 'checks': why it is in review, asked once; 'verdict': whether one was missed, asked again and again
    opened_at   BIGINT NOT NULL,    -- the review's: one that is opened again is asked about anew
    due_at      BIGINT,             -- not before; a lease moves it to the lease's end; null when nothing is left to ask
    attempts    BIGINT NOT NULL,    -- that failed in a row
    lease_token TEXT,
    last_error  TEXT
);
CREATE UNIQUE INDEX lookups_of_review ON lookups (review_id, kind);
CREATE INDEX lookups_due ON lookups (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX reviews_not_closed ON reviews (id) WHERE status <> 'closed';
