-- Reminders are one message per queue, and one per holder: when the next is due, and when the last was queued.

CREATE TABLE reminders (
    queue    TEXT NOT NULL,
    audience TEXT NOT NULL,  -- 'reviewers', 'leads', or the Slack id of a person with overdue claims
    due_at   BIGINT,         -- null while none is wanted
    last_at  BIGINT,
    PRIMARY KEY (queue, audience)
);
CREATE INDEX reminders_due ON reminders (due_at) WHERE due_at IS NOT NULL;

-- Those that are in Slack, or on their way: a newer one replaces them.
CREATE INDEX deliveries_reminders ON deliveries (id)
    WHERE kind = 'reminder' AND (message_ts IS NOT NULL OR shown_version < wanted_version);
