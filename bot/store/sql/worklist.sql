-- name: count_in_work(with_tests)
-- How many reviews each queue has in each state, without those that are done, and since when its oldest waits.
SELECT queue, status, count(*) AS total, min(opened_at) AS oldest_at
FROM reviews
WHERE status NOT IN ('decided', 'closed') AND (:with_tests = 1 OR substr(session_id, 1, 10) <> 'send-test-')
GROUP BY queue, status;

-- name: people_at_work(queue, now)
-- What each person has of a queue; `claimed` includes what is escalated, and `overdue` leaves out what is snoozed.
SELECT claimed_by AS person,
    sum(CASE WHEN status = 'claimed' THEN 1 ELSE 0 END) AS claimed,
    sum(CASE WHEN status = 'claimed' AND escalated_at IS NOT NULL THEN 1 ELSE 0 END) AS escalated,
    sum(CASE WHEN status = 'proposed' THEN 1 ELSE 0 END) AS proposed,
    sum(CASE WHEN due_at <= :now AND snoozed_until IS NULL THEN 1 ELSE 0 END) AS overdue
FROM reviews
WHERE queue = :queue AND status IN ('claimed', 'proposed') AND status NOT IN ('decided', 'closed')
GROUP BY claimed_by;

-- name: unclaimed_in_queue(queue, page)
-- A queue's unclaimed reviews, those that wait for longest first, and where their cards are.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'open' AND r.status NOT IN ('decided', 'closed')
ORDER BY r.opened_at
LIMIT :page;

-- name: overdue_in_queue(queue, now, page)
-- A queue's reviews in progress whose time is up, longest overdue first; those that are snoozed wait for something else.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.due_at <= :now AND r.status NOT IN ('decided', 'closed') AND r.snoozed_until IS NULL
ORDER BY r.due_at
LIMIT :page;

-- name: held_by(queue, person, page)
-- What a person has claimed or proposed in a queue: first what is due first, last what is snoozed.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.claimed_by = :person AND r.status IN ('claimed', 'proposed') AND r.queue = :queue
ORDER BY r.snoozed_until IS NOT NULL, r.due_at IS NULL, r.due_at, r.claimed_at
LIMIT :page;

-- name: count_held_by(queue, person)^
-- How many a person has claimed or proposed in a queue.
SELECT count(*) AS total FROM reviews
WHERE claimed_by = :person AND status IN ('claimed', 'proposed') AND queue = :queue;

-- name: claimed_by_others(queue, person, escalated, page)
-- What other people have claimed in a queue, either escalated (1) or not (0): first what is due first, last what is snoozed.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'claimed' AND r.status NOT IN ('decided', 'closed')
  AND r.claimed_by <> :person AND CASE WHEN r.escalated_at IS NULL THEN 0 ELSE 1 END = :escalated
ORDER BY r.snoozed_until IS NOT NULL, r.due_at IS NULL, r.due_at, r.claimed_at
LIMIT :page;

-- name: to_be_confirmed(queue, person, page)
-- A queue's proposals of other people, oldest first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'proposed' AND r.status NOT IN ('decided', 'closed')
  AND r.decided_by <> :person
ORDER BY r.decided_at
LIMIT :page;

-- name: count_to_be_confirmed(queue, person)^
-- How many proposals of other people a queue has.
SELECT count(*) AS total FROM reviews
WHERE queue = :queue AND status = 'proposed' AND status NOT IN ('decided', 'closed') AND decided_by <> :person;

-- name: verdicts_missing_in_queue(queue, now, decided_by, page)
-- A queue's decisions, by one person or all, that Ralio should have confirmed with a verdict by now, longest overdue first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'decided' AND r.due_at IS NOT NULL AND r.due_at <= :now
  AND (CAST(:decided_by AS TEXT) IS NULL OR r.decided_by = CAST(:decided_by AS TEXT))
ORDER BY r.due_at
LIMIT :page;

-- name: count_verdicts_missing_in_queue(queue, now, decided_by)^
-- How many these are.
SELECT count(*) AS total FROM reviews
WHERE queue = :queue AND status = 'decided' AND due_at IS NOT NULL AND due_at <= :now
  AND (CAST(:decided_by AS TEXT) IS NULL OR decided_by = CAST(:decided_by AS TEXT));

-- name: disagreeing_in_queue(queue, since, page)
-- A queue's reviews that were closed since then by a verdict that does not fit, newest first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.disagreement IS NOT NULL AND r.queue = :queue AND r.status_since >= :since
ORDER BY r.status_since DESC
LIMIT :page;

-- name: review_of_session(session_id)^
-- One session's review and where its card is.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, d.shown_version AS shown_version
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.session_id = :session_id;

-- name: review_of_message(channel, message_ts)^
-- The review whose card, or former card, is this message.
SELECT review_id FROM deliveries
WHERE message_ts = :message_ts AND kind IN ('card', 'former_card') AND message_ts > '' AND channel = :channel;
