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

-- name: holders()
-- Who has claimed reviews.
SELECT DISTINCT claimed_by FROM reviews WHERE status IN ('claimed', 'proposed') AND status = 'claimed' ORDER BY claimed_by;

-- name: claimed_by(person)
-- The reviews that a person has claimed.
SELECT id FROM reviews
WHERE claimed_by = :person AND status IN ('claimed', 'proposed') AND status = 'claimed'
ORDER BY id;
