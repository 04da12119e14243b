-- What entries of the audit name by its digest (SHA-256), kept once: the policy that was in force when something was decided.

CREATE TABLE audit_texts (
    digest  TEXT PRIMARY KEY,
    text    TEXT NOT NULL,
    kept_at BIGINT NOT NULL     -- when it was first in force
);
