-- name: count_in_work(with_tests)
-- How many reviews each queue has in each state, without those that are done, and since when its oldest waits.
SELECT queue, status, count(*) AS total, min(opened_at) AS oldest_at
FROM reviews
WHERE status IN ('open', 'claimed', 'proposed') AND (:with_tests = 1 OR substr(session_id, 1, 10) <> 'send-test-')
GROUP BY queue, status;

-- name: waiting_in_queue(queue, page)
-- A queue's reviews that nobody has, those that wait for longest first, and where their cards are.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'open' AND r.status IN ('open', 'claimed', 'proposed')
ORDER BY r.opened_at
LIMIT :page;

-- name: overdue_in_queue(queue, now, page)
-- A queue's reviews in work whose time is up, longest overdue first; those that are snoozed wait for something else.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.due_at < :now AND r.status IN ('open', 'claimed', 'proposed') AND r.snoozed_until IS NULL
ORDER BY r.due_at
LIMIT :page;

-- name: held_by(person, page)
-- What a person has claimed or proposed, oldest claim first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.claimed_by = :person AND r.status IN ('claimed', 'proposed')
ORDER BY r.claimed_at
LIMIT :page;

-- name: to_be_confirmed(queue, person, page)
-- A queue's proposals of other people, oldest first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'proposed' AND r.status IN ('open', 'claimed', 'proposed')
  AND r.decided_by <> :person
ORDER BY r.decided_at
LIMIT :page;

-- name: review_of_session(session_id)^
-- One session's review and where its card is.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, d.shown_version AS shown_version
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.session_id = :session_id;

-- name: verdicts_missing_in_queue(queue, now, page)
-- A queue's decisions that Ralio should have confirmed with a verdict by now, longest overdue first.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'decided' AND r.due_at IS NOT NULL AND r.due_at <= :now
ORDER BY r.due_at
LIMIT :page;
