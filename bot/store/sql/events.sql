-- name: quarantine_event(event_id, type, received_at, error, body, body_size)!
-- Keep a signed body that could not be understood; the same body again changes nothing.
INSERT INTO events (event_id, type, received_at, error, body, body_size)
VALUES (:event_id, :type, :received_at, :error, :body, :body_size)
ON CONFLICT (event_id) DO NOTHING;

-- name: all_events(after, page)
-- The inbox, oldest first, after a given row; bodies are left out.
SELECT id, event_id, type, session_id, occurred_at, received_at, error
FROM events
WHERE id > :after
ORDER BY id
LIMIT :page;

-- name: quarantined_events(after, page)
-- What could not be understood, oldest first, after a given row.
SELECT id, event_id, type, session_id, occurred_at, received_at, error
FROM events
WHERE error IS NOT NULL AND id > :after
ORDER BY id
LIMIT :page;

-- name: quarantined_count()^
-- How many events wait in the quarantine.
SELECT count(*) AS total FROM events WHERE error IS NOT NULL;

-- name: kept_bytes(least)^
-- The bytes that the quarantine's bodies take, each counted as at least `least`.
SELECT coalesce(sum(CASE WHEN body_size < :least THEN :least ELSE body_size END), 0) AS total
FROM events WHERE body IS NOT NULL;

-- name: dropped_bodies()^
-- How many quarantined events have no body, because the quarantine was full.
SELECT count(*) AS total FROM events WHERE error IS NOT NULL AND body IS NULL;

-- name: quarantined_ids(after, page)
-- The rows of the quarantine, oldest first, after a given one.
SELECT id FROM events WHERE error IS NOT NULL AND id > :after ORDER BY id LIMIT :page;

-- name: quarantined_body(id)^
-- What came, as it came; null when the row is not, or no longer, in the quarantine.
SELECT body FROM events WHERE id = :id AND error IS NOT NULL;

-- name: row_of_event(event_id)^
-- The row of an event.
SELECT id FROM events WHERE event_id = :event_id;

-- name: quarantined_event(id)^
-- A row of the quarantine without its body; null when it is not, or no longer, there.
SELECT id, event_id, received_at, error FROM events WHERE id = :id AND error IS NOT NULL;

-- name: event_with_body(id)^
-- One row of the inbox, with its body while that is quarantined.
SELECT id, event_id, type, session_id, occurred_at, received_at, error, body, body_size FROM events WHERE id = :id;

-- name: still_malformed(error, id)!
-- It stays, with what is wrong with it now.
UPDATE events SET error = :error WHERE id = :id AND error IS NOT NULL;

-- name: leave_quarantine(type, session_id, id)!
-- The row stays as the trace that it was there, without its body. Nothing changes when another process was faster.
UPDATE events
SET type = :type, session_id = :session_id, error = NULL, body = NULL
WHERE id = :id AND error IS NOT NULL;
