-- name: want_reminder(queue, audience, due_at)!
-- A reminder is wanted; an earlier time that is wanted already stays.
INSERT INTO reminders (queue, audience, due_at) VALUES (:queue, :audience, :due_at)
ON CONFLICT (queue, audience) DO UPDATE
SET due_at = CASE WHEN reminders.due_at <= excluded.due_at THEN reminders.due_at ELSE excluded.due_at END;

-- name: last_reminder(queue, audience)^
-- When a reminder was queued last.
SELECT last_at FROM reminders WHERE queue = :queue AND audience = :audience;

-- name: wanted_reminders()
-- What is wanted by when, the longest due first.
SELECT queue, audience, due_at FROM reminders WHERE due_at IS NOT NULL ORDER BY due_at, queue, audience;

-- name: take_reminder(queue, audience, now)!
-- Only one instance takes a reminder that is due.
UPDATE reminders SET due_at = NULL WHERE queue = :queue AND audience = :audience AND due_at <= :now;

-- name: reminder_queued(queue, audience, now)!
-- It was queued, so the interval begins.
UPDATE reminders SET last_at = :now WHERE queue = :queue AND audience = :audience;

-- name: next_timer_in_queue(queue, after, until)^
-- When the next timer of a queue's reviews is due within this time; null when none is.
SELECT min(due_at) AS due_at FROM timers
WHERE due_at > :after AND due_at <= :until
  AND (SELECT queue FROM reviews WHERE reviews.id = timers.review_id) = :queue;

-- name: overdue_in_work(queue, now, page)
-- A queue's reviews in progress of which its reviewers or leads are reminded, first those of which the leads were notified, each
-- the longest overdue first. Without deadlines, a review counts once a reminder was due. With how many there are in all.
SELECT * FROM (
    SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, CASE WHEN EXISTS (
            SELECT 1 FROM timers AS t
            WHERE t.review_id = r.id AND t.kind = 'escalate' AND t.since = coalesce(r.status_since, r.opened_at)
              AND t.fired_at IS NOT NULL
        ) THEN 1 ELSE 0 END AS for_leads, count(*) OVER () AS total
    FROM reviews AS r
    LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
    WHERE r.queue = :queue AND r.status NOT IN ('decided', 'closed') AND r.snoozed_until IS NULL
      AND (
          (r.status <> 'claimed' AND r.due_at <= :now)
          OR EXISTS (
              SELECT 1 FROM timers AS t
              WHERE t.review_id = r.id AND t.since = coalesce(r.status_since, r.opened_at) AND t.fired_at IS NOT NULL
                AND (t.kind = 'escalate' OR (t.kind = 'remind' AND r.status <> 'claimed' AND r.due_at IS NULL))
          )
      )
) AS overdue
ORDER BY for_leads DESC, coalesce(due_at, opened_at), id
LIMIT :page;

-- name: decided_for_leads(queue, now, page)
-- A queue's decisions that the leads were notified of because Ralio gives no verdict, the longest due first. With how many
-- there are in all.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, 1 AS for_leads, count(*) OVER () AS total
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status = 'decided' AND r.due_at IS NOT NULL AND r.due_at <= :now AND EXISTS (
    SELECT 1 FROM timers AS t
    WHERE t.review_id = r.id AND t.kind = 'verdict_escalate' AND t.since = coalesce(r.status_since, r.opened_at)
      AND t.fired_at IS NOT NULL
)
ORDER BY r.due_at, r.id
LIMIT :page;

-- name: overdue_claims(queue, person, now, page)
-- A person's claims in a queue that are overdue and not snoozed, the longest first. With how many there are in all.
SELECT r.*, d.channel AS channel, d.message_ts AS message_ts, 0 AS for_leads, count(*) OVER () AS total
FROM reviews AS r
LEFT JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.claimed_by = :person AND r.status IN ('claimed', 'proposed') AND r.status = 'claimed' AND r.queue = :queue
  AND r.snoozed_until IS NULL
  AND (r.due_at <= :now OR (r.due_at IS NULL AND EXISTS (
      SELECT 1 FROM timers AS t
      WHERE t.review_id = r.id AND t.kind = 'remind' AND t.since = coalesce(r.status_since, r.opened_at)
        AND t.fired_at IS NOT NULL
  )))
ORDER BY coalesce(r.due_at, r.opened_at), r.id
LIMIT :page;

-- name: escalation_fired(review_id, since, now)!
-- The leads are notified before their time; the timer does not fire again.
INSERT INTO timers (review_id, kind, since, fired_at) VALUES (:review_id, 'escalate', :since, :now)
ON CONFLICT (review_id, kind, since) DO UPDATE SET fired_at = excluded.fired_at, due_at = NULL;

-- name: posted_reminders(prefix)
-- The reminders of a kind that are in Slack, or on their way, newest first.
SELECT id, arguments, message_ts, lease_token, unresolved_since, held_at, shown_version, wanted_version
FROM deliveries
WHERE kind = 'reminder' AND (message_ts IS NOT NULL OR shown_version < wanted_version)
  AND substr(unique_key, 1, length(CAST(:prefix AS TEXT))) = CAST(:prefix AS TEXT)
ORDER BY id DESC;

-- name: change_unsent(id, arguments)!
-- A reminder that is not on its way yet says something else.
UPDATE deliveries SET arguments = :arguments
WHERE id = :id AND message_ts IS NULL AND lease_token IS NULL AND unresolved_since IS NULL;

-- name: refresh_reminders(prefix, before, now)!
-- Their lists have changed, or a newer one replaces those before an id: draw them again. One that is being posted is drawn
-- again afterwards.
UPDATE deliveries
SET wanted_version = wanted_version + 1,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE kind = 'reminder' AND (message_ts IS NOT NULL OR shown_version < wanted_version)
  AND (message_ts IS NOT NULL OR lease_token IS NOT NULL) AND id < :before
  AND substr(unique_key, 1, length(CAST(:prefix AS TEXT))) = CAST(:prefix AS TEXT);

-- name: remove_reminder(id, lease_token)!
-- It is gone from Slack and stays gone.
UPDATE deliveries
SET message_ts = NULL, shown_version = wanted_version, lease_token = NULL, unresolved_since = NULL, attempts = 0,
    last_error = NULL
WHERE id = :id AND lease_token = :lease_token;
