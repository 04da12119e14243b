-- name: unplanned_lookups()^
-- Whether a user's review that is not closed has nothing planned since it was opened. Ralio does not know tests.
SELECT EXISTS (
    SELECT 1 FROM reviews AS r
    WHERE r.status <> 'closed' AND r.entity_type = 'user' AND r.subject_id IS NOT NULL
      AND substr(r.session_id, 1, 10) <> 'send-test-'
      AND NOT EXISTS (SELECT 1 FROM lookups AS l WHERE l.review_id = r.id AND l.opened_at = r.opened_at)
) AS found;

-- name: plan_lookups(now, every_ms, page)!
-- Plan what is not planned yet: the checks at once, the verdict once the review is old enough to have missed it.
INSERT INTO lookups (review_id, kind, opened_at, due_at, attempts)
SELECT r.id, k.kind, r.opened_at,
       CASE WHEN k.kind = 'verdict' AND r.opened_at + CAST(:every_ms AS BIGINT) > CAST(:now AS BIGINT)
           THEN r.opened_at + CAST(:every_ms AS BIGINT) ELSE CAST(:now AS BIGINT) END,
       0
FROM (
    SELECT id, opened_at FROM reviews
    WHERE status <> 'closed' AND entity_type = 'user' AND subject_id IS NOT NULL
      AND substr(session_id, 1, 10) <> 'send-test-'
      AND NOT EXISTS (
          SELECT 1 FROM lookups AS l WHERE l.review_id = reviews.id AND l.opened_at = reviews.opened_at
      )
    ORDER BY id
    LIMIT :page
) AS r
CROSS JOIN (SELECT 'checks' AS kind UNION ALL SELECT 'verdict') AS k
WHERE true
ON CONFLICT (review_id, kind) DO UPDATE
SET opened_at = excluded.opened_at, due_at = excluded.due_at, attempts = 0, lease_token = NULL, last_error = NULL
WHERE lookups.opened_at <> excluded.opened_at;

-- name: due_lookups(now)^
-- Whether anything is due.
SELECT EXISTS (SELECT 1 FROM lookups WHERE due_at <= :now) AS found;

-- name: lease_lookups(lease_token, lease_ends_at, now, page)
-- Lease what is due, the oldest first; no other instance gets it until the lease ends. The outer condition is for an
-- instance that waited for another one's lease of the same rows.
UPDATE lookups
SET lease_token = :lease_token, due_at = :lease_ends_at
WHERE due_at <= :now
  AND id IN (SELECT id FROM lookups WHERE due_at <= :now ORDER BY due_at, id LIMIT :page)
RETURNING id, review_id, kind, opened_at, attempts;

-- name: end_lookup(due_at, attempts, last_error, id, lease_token)!
-- Record when to ask again, null for never. Only the holder of the lease can do so.
UPDATE lookups
SET due_at = :due_at, attempts = :attempts, last_error = :last_error, lease_token = NULL
WHERE id = :id AND lease_token = :lease_token;
