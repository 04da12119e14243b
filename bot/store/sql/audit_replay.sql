-- name: reviews_to_compare(after, page)
-- Reviews with their legal holds, oldest first, after a given row: what the record is compared with. The columns that are
-- compared one by one come last.
SELECT r.id, r.session_id, r.sealed_as, r.version, r.entity_type, r.subject_id, r.queue, r.checks, r.fetched_checks, r.verdict_checks,
    r.session_state, r.session_event_at, r.session_event_id, r.status, r.claimed_by, r.claimed_at, r.outcome, r.reason,
    r.note, r.decided_by, r.decided_at, r.confirmed_by, r.confirmed_at, r.unconfirmed, r.recorded_afterwards,
    r.earlier_decision, r.escalated_by, r.escalated_at, r.opened_at, r.disagreement,
    r.snoozed_until, r.snooze_reason, r.pauses, h.reason AS hold_reason, h.placed_by, h.placed_at
FROM reviews AS r
LEFT JOIN holds AS h ON h.review_id = r.id
WHERE r.id > :after
ORDER BY r.id
LIMIT :page;

-- name: review_id_after(after)^
-- The next review's row id.
SELECT min(id) AS id FROM reviews WHERE id > :after;

-- name: entries_to_compare(first, last)
-- What was done to these reviews, and the stale events, review by review and each in order: the columns of StoredEntry.
SELECT review_id, at, actor, action, from_status, to_status, version, refused, detail
FROM audit
WHERE review_id >= :first AND review_id <= :last AND (refused IS NULL OR refused = 'stale')
ORDER BY review_id, sequence;

-- name: namesakes(first, end)
-- Reviews whose session id begins alike: two spellings of one session made them, see migration 0006.
SELECT id FROM reviews WHERE session_id > :first AND session_id < :end;

-- name: events_without_review(since)
-- Events that no review belongs to, from a given time on.
SELECT e.event_id, e.session_id FROM events AS e
WHERE e.session_id IS NOT NULL AND e.received_at >= :since
  AND NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.session_id = e.session_id)
ORDER BY e.id
LIMIT 100;
