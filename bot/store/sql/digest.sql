-- Tests are left out of every count here.

-- name: digest_people(queue, now)
-- Who has how many reviews of a queue, and how many of these are overdue.
SELECT claimed_by AS person, count(*) AS total,
    sum(CASE WHEN due_at <= :now AND snoozed_until IS NULL THEN 1 ELSE 0 END) AS overdue
FROM reviews
WHERE queue = :queue AND claimed_by IS NOT NULL AND status NOT IN ('decided', 'closed')
  AND substr(session_id, 1, 10) <> 'send-test-'
GROUP BY claimed_by
ORDER BY count(*) DESC, claimed_by
LIMIT 20;

-- name: digest_oldest(queue, page)
-- A queue's reviews in progress that were opened first, and where their cards are; those that are snoozed wait for something.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status NOT IN ('decided', 'closed') AND r.snoozed_until IS NULL
  AND substr(r.session_id, 1, 10) <> 'send-test-'
ORDER BY r.opened_at
LIMIT :page;

-- name: digest_of_day(unique_key)^
-- What a digest was queued with.
SELECT arguments FROM deliveries WHERE unique_key = :unique_key;

-- name: digest_overdue(queue, now)^
-- How many of a queue's reviews in progress are overdue and not snoozed.
SELECT count(*) AS total FROM reviews
WHERE queue = :queue AND due_at <= :now AND status NOT IN ('decided', 'closed') AND snoozed_until IS NULL
  AND substr(session_id, 1, 10) <> 'send-test-';

-- name: digest_disagreements(queue, since)^
-- How many of a queue's reviews were closed since then by a verdict that does not fit.
SELECT count(*) AS total FROM reviews
WHERE disagreement IS NOT NULL AND queue = :queue AND status_since >= :since;

-- name: count_disagreements()
-- How many reviews there are whose verdict does not fit, by how it does not.
SELECT disagreement, count(*) AS total FROM reviews WHERE disagreement IS NOT NULL GROUP BY disagreement;

-- name: steps_since(queue, since)
-- What was opened, claimed and decided in a queue since a time, and since when it had been open. Entries have their order
-- from their numbers: only those of that time are read.
SELECT a.action, a.at, r.opened_at
FROM audit AS a
JOIN reviews AS r ON r.id = a.review_id
WHERE a.id > coalesce((SELECT id FROM audit WHERE at < :since ORDER BY id DESC LIMIT 1), 0)
  AND r.queue = :queue AND a.refused IS NULL AND substr(r.session_id, 1, 10) <> 'send-test-'
  AND (
      a.action = 'claim'
      OR (a.to_status = 'decided' AND a.action IN ('resolve', 'confirm'))
      OR (a.to_status = 'open' AND a.action IN ('receive', 'reopen') AND coalesce(a.from_status, '') <> 'open')
  );

-- name: digest_verdicts_missing(queue, now)^
-- How many decisions of a queue Ralio should have confirmed with a verdict by now.
SELECT count(*) AS total FROM reviews
WHERE queue = :queue AND status = 'decided' AND due_at IS NOT NULL AND due_at <= :now
  AND substr(session_id, 1, 10) <> 'send-test-';

-- name: count_verdicts_missing(now)
-- The same for each queue.
SELECT queue, count(*) AS total FROM reviews
WHERE status = 'decided' AND due_at IS NOT NULL AND due_at <= :now AND substr(session_id, 1, 10) <> 'send-test-'
GROUP BY queue;
