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

-- name: open_tests()
-- The sessions of the tests that are not closed yet.
SELECT session_id, entity_type FROM reviews
WHERE substr(session_id, 1, 10) = 'send-test-' AND status <> 'closed'
ORDER BY id;

-- name: has_open(queue)^
-- Whether a queue has an unclaimed review.
SELECT EXISTS (
    SELECT 1 FROM reviews
    WHERE queue = :queue AND status = 'open' AND status NOT IN ('decided', 'closed')
) AS found;

-- name: review_of_number(number)^
-- The review with this number and where its card is.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, d.shown_version AS shown_version
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.id = :number;

-- name: review_on_card(id, counted)^
-- The review that a card shows, how many reviews of its subject were opened before it (at most `counted`), and the last.
SELECT r.*,
    (
        SELECT count(*) FROM (
            SELECT e.id FROM reviews AS e
            WHERE e.subject_id = r.subject_id AND e.entity_type = r.entity_type AND e.opened_at IS NOT NULL
              AND (e.opened_at, e.id) < (r.opened_at, r.id)
            LIMIT :counted
        ) AS bounded
    ) AS earlier_count,
    (
        SELECT e.id FROM reviews AS e
        WHERE e.subject_id = r.subject_id AND e.entity_type = r.entity_type AND e.opened_at IS NOT NULL
          AND (e.opened_at, e.id) < (r.opened_at, r.id)
        ORDER BY e.opened_at DESC, e.id DESC
        LIMIT 1
    ) AS earlier_last
FROM reviews AS r
WHERE r.id = :id;

-- name: reviews_of_subject(entity_type, subject_id, opened_before, before, page)
-- A subject's reviews that were opened before a moment, or then but before a given row, newest first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.subject_id = :subject_id AND r.entity_type = :entity_type AND r.opened_at IS NOT NULL
  AND (r.opened_at, r.id) < (:opened_before, :before)
ORDER BY r.opened_at DESC, r.id DESC
LIMIT :page;

-- name: holders()
-- Who has claimed reviews.
SELECT DISTINCT claimed_by FROM reviews WHERE status IN ('claimed', 'proposed') AND status = 'claimed' ORDER BY claimed_by;

-- name: claimed_by(person)
-- The reviews that a person has claimed.
SELECT id FROM reviews
WHERE claimed_by = :person AND status IN ('claimed', 'proposed') AND status = 'claimed'
ORDER BY id;
