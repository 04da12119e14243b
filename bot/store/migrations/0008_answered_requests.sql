-- What people asked for in the last ten minutes, and the answer: the same press, form or command delivered twice counts once.

CREATE TABLE answered_requests (
    request_key TEXT PRIMARY KEY,  -- digest of Slack's trigger id (or the signature), the person and the action
    answered_at BIGINT NOT NULL,
    answer      TEXT NOT NULL
);
CREATE INDEX answered_requests_by_age ON answered_requests (answered_at);
