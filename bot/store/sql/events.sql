-- name: quarantine_event(event_id, type, received_at, error, body)!
-- Keep a signed body that could not be understood; the same body again changes nothing.
INSERT INTO events (event_id, type, received_at, error, body)
VALUES (:event_id, :type, :received_at, :error, :body)
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
