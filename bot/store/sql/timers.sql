-- name: fired_timers(review_id)
-- When each timer of a review fired last.
SELECT kind, since, fired_at FROM timers WHERE review_id = :review_id AND fired_at IS NOT NULL;

-- name: forget_timers(review_id)!
-- What never fired is not needed once the review wants other timers.
DELETE FROM timers WHERE review_id = :review_id AND fired_at IS NULL;

-- name: rest_timers(review_id)!
-- What fired stays on record, and is due no more unless it is wanted again.
UPDATE timers SET due_at = NULL WHERE review_id = :review_id AND due_at IS NOT NULL;

-- name: want_timer(review_id, kind, since, due_at)*!
-- A timer that a review wants.
INSERT INTO timers (review_id, kind, since, due_at) VALUES (:review_id, :kind, :since, :due_at)
ON CONFLICT (review_id, kind, since) DO UPDATE SET due_at = excluded.due_at;

-- name: reviews_with_due_timers(now, page)
-- Whose timers are due, the longest due first. Timers that fired long ago are not read.
SELECT review_id, min(due_at) AS due_at
FROM (SELECT review_id, due_at FROM timers WHERE due_at <= :now ORDER BY due_at LIMIT :page) AS longest_due
GROUP BY review_id
ORDER BY min(due_at);

-- name: due_timers(review_id, now)
-- Which timers of a review are due.
SELECT kind, since, due_at FROM timers WHERE review_id = :review_id AND due_at <= :now ORDER BY due_at, kind;

-- name: timer_fired(review_id, kind, since, now)!
-- It fired.
UPDATE timers SET fired_at = :now, due_at = NULL WHERE review_id = :review_id AND kind = :kind AND since = :since;

-- name: next_timer()^
-- When the next timer is due; null when none is.
SELECT min(due_at) AS due_at FROM timers WHERE due_at IS NOT NULL;

-- name: in_work_after(after, page)
-- The rows of the reviews in progress, in the order of their arrival, after a given one. Both conditions, so that the index
-- of what is not closed serves.
SELECT id FROM reviews
WHERE status <> 'closed' AND status NOT IN ('decided', 'closed') AND id > :after
ORDER BY id
LIMIT :page;

-- name: awaiting_verdict_after(after, page)
-- The rows of the decided reviews for which a verdict is due, likewise.
SELECT id FROM reviews
WHERE status = 'decided' AND due_at IS NOT NULL AND id > :after
ORDER BY id
LIMIT :page;
