-- What the peers keep where they do the bot's work: the same four rows for a new review. For SQLite and PostgreSQL.
CREATE TABLE IF NOT EXISTS events (
    event_id    TEXT PRIMARY KEY,
    type        TEXT NOT NULL,
    session_id  TEXT NOT NULL,
    received_at BIGINT NOT NULL
);
CREATE TABLE IF NOT EXISTS reviews (
    session_id  TEXT PRIMARY KEY,
    entity_type TEXT,
    subject_id  TEXT,
    status      TEXT NOT NULL,
    claimed_by  TEXT,
    opened_at   BIGINT NOT NULL,
    version     INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS audit (
    id         INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    version    INTEGER NOT NULL,
    seal       TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS outbox (
    session_id     TEXT PRIMARY KEY,
    wanted_version INTEGER NOT NULL,
    shown_version  INTEGER NOT NULL,
    channel        TEXT,
    message_ts     TEXT
);
CREATE INDEX IF NOT EXISTS outbox_pending ON outbox (session_id) WHERE shown_version < wanted_version;
