-- name: count_reviews()
-- How many reviews of each queue are in each state, and whose they are, without tests. A verdict that found only a
-- proposal closed a review that no one had decided.
SELECT queue, status, coalesce(CASE WHEN status <> 'closed' OR NOT unconfirmed THEN decided_by END, claimed_by) AS person,
    count(*) AS total
FROM reviews
WHERE substr(session_id, 1, 10) <> 'send-test-'
GROUP BY queue, status, person;

-- name: oldest_unclaimed()
-- Since when each queue's oldest open review waits, without tests.
SELECT queue, min(opened_at) AS opened_at
FROM reviews
WHERE status = 'open' AND status IN ('open', 'claimed', 'proposed')
  AND substr(session_id, 1, 10) <> 'send-test-'
GROUP BY queue;

-- name: changes_of_all(after_review, after_sequence, page)
-- What was done, review by review, each in order, after a given entry, without tests. The reviews' own bound is for
-- PostgreSQL, which would read all earlier ones again for every page.
SELECT a.review_id, a.sequence, r.queue, a.at, a.actor, a.action, a.from_status, a.to_status, a.version
FROM audit AS a
JOIN reviews AS r ON r.id = a.review_id
WHERE (a.review_id, a.sequence) > (:after_review, :after_sequence) AND r.id >= :after_review AND a.refused IS NULL
  AND substr(r.session_id, 1, 10) <> 'send-test-'
ORDER BY a.review_id, a.sequence
LIMIT :page;
