-- The first schema. Times are milliseconds since 1970 UTC. {row_id} is the database's own word for a number that
-- counts rows in order of arrival and is never used twice.

CREATE TABLE events (
    id          {row_id},
    event_id    TEXT NOT NULL UNIQUE,   -- Ralio's id; 'sha256:...' of the body where it could not be read
    type        TEXT NOT NULL,
    session_id  TEXT,
    occurred_at BIGINT,
    received_at BIGINT NOT NULL,
    error       TEXT,                   -- why it is quarantined; null for an event that was understood
    body        {bytes}                 -- the raw body, only while quarantined
);
CREATE INDEX events_quarantined ON events (id) WHERE error IS NOT NULL;

CREATE TABLE reviews (
    id               {row_id},
    session_id       TEXT NOT NULL UNIQUE,
    entity_type      TEXT NOT NULL CHECK (entity_type IN ('user', 'related-party')),
    subject_id       TEXT,
    queue            TEXT NOT NULL,
    checks           TEXT NOT NULL,     -- JSON: [[type, state, [code, ...]], ...]
    session_state    TEXT NOT NULL CHECK (session_state IN ('REVIEW', 'VERIFIED', 'REJECTED', 'EXPIRED')),
    session_event_at BIGINT NOT NULL,
    session_event_id TEXT NOT NULL,
    status           TEXT NOT NULL CHECK (status IN ('open', 'claimed', 'proposed', 'decided', 'closed')),
    claimed_by       TEXT,
    claimed_at       BIGINT,
    outcome          TEXT,
    reason           TEXT,
    note             TEXT,
    decided_by       TEXT,
    decided_at       BIGINT,
    confirmed_by     TEXT,
    confirmed_at     BIGINT,
    opened_at        BIGINT,            -- null while only a verdict is known
    due_at           BIGINT,
    version          BIGINT NOT NULL,   -- counts changes; every change compares it
    CHECK (status <> 'claimed' OR claimed_by IS NOT NULL),
    CHECK (status <> 'open' OR claimed_by IS NULL),
    CHECK (confirmed_by IS NULL OR confirmed_by <> decided_by)  -- four eyes: two different people
);
-- What is still to be worked on stays small however many reviews are closed.
CREATE INDEX reviews_in_work ON reviews (queue, status, opened_at) WHERE status IN ('open', 'claimed', 'proposed');

CREATE TABLE audit (
    id          {row_id},               -- the global sequence: a gap at the end or inside shows
    review_id   BIGINT REFERENCES reviews (id),  -- null where the session is unknown
    sequence    BIGINT NOT NULL,        -- the sequence within the review
    at          BIGINT NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    from_status TEXT,
    to_status   TEXT,
    version     BIGINT NOT NULL,        -- the review's version after the action
    refused     TEXT,                   -- why it was not allowed; null for what was done
    detail      TEXT NOT NULL           -- JSON object of texts
);
CREATE UNIQUE INDEX audit_of_review ON audit (review_id, sequence);

CREATE TABLE deliveries (
    id               {row_id},
    kind             TEXT NOT NULL CHECK (kind IN ('card', 'private_note', 'operations_notice')),
    review_id        BIGINT REFERENCES reviews (id),
    unique_key       TEXT,              -- one-off messages: the same thing is told once
    lane             TEXT NOT NULL,     -- what shares one pace: 'post:<queue>', 'post:operations', 'update', 'private'
    urgency          BIGINT NOT NULL,   -- 0 a person waits for it, 1 the rest
    channel          TEXT,              -- where it is, or where the attempt under way sends it
    recipient        TEXT,              -- private notes: who sees it
    arguments        TEXT NOT NULL,     -- JSON object of facts; what Slack shows is rendered when it is sent
    message_ts       TEXT,
    wanted_version   BIGINT NOT NULL,   -- pending while shown_version is smaller
    shown_version    BIGINT NOT NULL,
    wanted_at        BIGINT NOT NULL,   -- since when it is pending
    due_at           BIGINT NOT NULL,   -- not before; a lease moves it to the lease's end
    attempts         BIGINT NOT NULL,
    lease_token      TEXT,
    unresolved_since BIGINT,            -- a post was begun then and its end is unknown: look before posting again
    last_error       TEXT,
    held_at          BIGINT             -- given up until somebody requeues it
);
CREATE UNIQUE INDEX deliveries_card ON deliveries (review_id) WHERE kind = 'card';
CREATE UNIQUE INDEX deliveries_unique_key ON deliveries (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX deliveries_pending ON deliveries (lane, urgency, due_at)
    WHERE shown_version < wanted_version AND held_at IS NULL;
CREATE INDEX deliveries_held ON deliveries (id) WHERE held_at IS NOT NULL;
