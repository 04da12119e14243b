-- Refusals of the same person, action, review and reason within a minute: the first has its own audit entry, the repeats are
-- counted here until one entry says how many there were.

CREATE TABLE repeated_refusals (
    refusal_key TEXT PRIMARY KEY,   -- digest of the person, action, review and reason
    review_id   BIGINT,             -- null where the session is unknown
    first_at    BIGINT NOT NULL,    -- when the first was recorded
    newest_at   BIGINT NOT NULL,
    repeats     BIGINT NOT NULL,    -- after the first
    entry       TEXT NOT NULL       -- JSON object: the first one's audit entry
);
CREATE INDEX repeated_refusals_by_age ON repeated_refusals (first_at);

-- An unsent ephemeral message is replaced by the person's newest in the same channel.
CREATE INDEX deliveries_private_unsent ON deliveries (recipient, channel)
    WHERE kind = 'private_note' AND shown_version < wanted_version;
