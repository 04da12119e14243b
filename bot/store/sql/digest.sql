-- name: digest_people(queue)
-- Who has how many reviews of a queue.
SELECT claimed_by AS person, count(*) AS total
FROM reviews
WHERE queue = :queue AND claimed_by IS NOT NULL AND status IN ('open', 'claimed', 'proposed')
GROUP BY claimed_by
ORDER BY count(*) DESC, claimed_by
LIMIT 20;

-- name: digest_overdue(queue, now)^
-- How many of a queue's reviews in work are overdue.
SELECT count(*) AS total FROM reviews
WHERE queue = :queue AND due_at <= :now AND status IN ('open', 'claimed', 'proposed');

-- name: digest_disagreements(queue, since)^
-- How many of a queue's reviews were closed since then by a verdict that does not fit.
SELECT count(*) AS total FROM reviews
WHERE disagreement IS NOT NULL AND queue = :queue AND status_since >= :since;

-- name: count_disagreements()
-- How many reviews there are whose verdict does not fit, by how it does not.
SELECT disagreement, count(*) AS total FROM reviews WHERE disagreement IS NOT NULL GROUP BY disagreement;
