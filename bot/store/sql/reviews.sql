-- name: update_review(entity_type, subject_id, queue, checks, session_state, session_event_at, session_event_id, status, claimed_by, claimed_at, outcome, reason, note, decided_by, decided_at, confirmed_by, confirmed_at, escalated_by, escalated_at, opened_at, status_since, active_at, due_at, disagreement, version, step, id, read_version)!
-- Compare and set: nothing is written when somebody changed the review since it was read.
UPDATE reviews
SET entity_type = :entity_type, subject_id = :subject_id, queue = :queue, checks = :checks,
    session_state = :session_state, session_event_at = :session_event_at, session_event_id = :session_event_id,
    status = :status, claimed_by = :claimed_by, claimed_at = :claimed_at, outcome = :outcome, reason = :reason,
    note = :note, decided_by = :decided_by, decided_at = :decided_at, confirmed_by = :confirmed_by,
    confirmed_at = :confirmed_at, escalated_by = :escalated_by, escalated_at = :escalated_at,
    opened_at = :opened_at, status_since = :status_since, active_at = :active_at, due_at = :due_at,
    disagreement = :disagreement, version = :version, step = :step
WHERE id = :id AND version = :read_version;

-- name: review_by_id(id)^
-- The review that a card shows.
SELECT * FROM reviews WHERE id = :id;

-- name: disagreeing_reviews(after, status, page)
-- Reviews whose verdict does not fit what was decided, oldest first, after a given row.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.disagreement IS NOT NULL AND r.id > :after AND (CAST(:status AS TEXT) IS NULL OR r.status = :status)
ORDER BY r.id
LIMIT :page;

-- name: list_reviews(after, status, page)
-- Reviews with where their card stands, oldest first, after a given row; every status when none is given.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.id > :after AND (CAST(:status AS TEXT) IS NULL OR r.status = :status)
ORDER BY r.id
LIMIT :page;

-- name: has_open(queue)^
-- Whether a queue has a review that nobody has.
SELECT EXISTS (
    SELECT 1 FROM reviews
    WHERE queue = :queue AND status = 'open' AND status IN ('open', 'claimed', 'proposed')
) AS found;
