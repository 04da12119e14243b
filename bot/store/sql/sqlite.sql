-- The statements that must differ from one database to the other: this is SQLite's form of them.

-- name: record_events(row)
-- The events of a batch, and which of them are new: neither the id nor the same occurrence is known.
INSERT INTO events (event_id, type, session_id, occurred_at, received_at)
VALUES (:row)
ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: events_by_event_id(event_ids)
-- The events of a batch that are known already.
SELECT event_id, type, session_id, occurred_at, received_at FROM events
WHERE event_id IN (SELECT value FROM json_each(:event_ids));

-- name: events_of_sessions(session_ids)
-- The first event of each occurrence, of these sessions.
SELECT event_id, session_id, occurred_at, received_at FROM events
WHERE occurred_at IS NOT NULL AND same_as IS NULL AND session_id IN (SELECT value FROM json_each(:session_ids));

-- name: insert_reviews(row)
-- New reviews, one a session, and the row ids that they got.
INSERT INTO reviews (
    session_id, entity_type, subject_id, queue, unreadable, checks, session_state, session_event_at, session_event_id, status,
    opened_at, status_since, due_at, disagreement, version, step, verdict_checks
)
VALUES (:row)
ON CONFLICT (session_id) DO NOTHING
RETURNING id, session_id;

-- name: update_reviews(row)!
-- Compare and set: a review that changed since it was read is not written.
UPDATE reviews
SET entity_type = new.entity_type, queue = new.queue, session_state = new.session_state,
    session_event_at = new.session_event_at, session_event_id = new.session_event_id, status = new.status,
    subject_id = new.subject_id, claimed_by = new.claimed_by, claimed_at = new.claimed_at, outcome = new.outcome,
    reason = new.reason, note = new.note, decided_by = new.decided_by, decided_at = new.decided_at,
    confirmed_by = new.confirmed_by, confirmed_at = new.confirmed_at, unconfirmed = new.unconfirmed,
    escalated_by = new.escalated_by, escalated_at = new.escalated_at, opened_at = new.opened_at, status_since = new.status_since,
    active_at = new.active_at, due_at = new.due_at, disagreement = new.disagreement,
    snoozed_until = new.snoozed_until, snooze_reason = new.snooze_reason, version = new.version,
    step = new.step, unreadable = new.unreadable, checks = new.checks, fetched_checks = new.fetched_checks,
    verdict_checks = new.verdict_checks, earlier_decision = new.earlier_decision,
    recorded_afterwards = new.recorded_afterwards, pauses = new.pauses
FROM (
    WITH rows (
        entity_type, queue, session_state, session_event_at, session_event_id, status, subject_id, claimed_by,
        claimed_at, outcome, reason, note, decided_by, decided_at, confirmed_by, confirmed_at, unconfirmed, escalated_by,
        escalated_at, opened_at, status_since, active_at, due_at, disagreement, snoozed_until, snooze_reason, version,
        step, unreadable, checks, fetched_checks, verdict_checks, earlier_decision, pauses, recorded_afterwards, id,
        read_version
    ) AS (VALUES (:row))
    SELECT * FROM rows
) AS new
WHERE reviews.id = new.id AND reviews.version = new.read_version;

-- name: enqueue_cards(row)!
-- Queue the newest versions of cards. A row that is already pending keeps its place: a wait, a backoff or a call under way
-- goes on. A held one is tried again, because the new version can be one that Slack accepts.
INSERT INTO deliveries (
    kind, review_id, lane, urgency, arguments, wanted_version, shown_version, wanted_at, due_at, attempts
)
VALUES (:row)
ON CONFLICT (review_id) WHERE kind = 'card' DO UPDATE
SET wanted_version = excluded.wanted_version,
    urgency = CASE WHEN excluded.urgency < deliveries.urgency THEN excluded.urgency ELSE deliveries.urgency END,
    wanted_at = CASE WHEN deliveries.shown_version < deliveries.wanted_version
        THEN deliveries.wanted_at ELSE excluded.wanted_at END,
    due_at = CASE
        WHEN deliveries.shown_version < deliveries.wanted_version AND deliveries.held_at IS NULL THEN deliveries.due_at
        WHEN deliveries.unresolved_since IS NOT NULL AND deliveries.due_at > excluded.due_at THEN deliveries.due_at
        ELSE excluded.due_at
    END,
    attempts = CASE WHEN deliveries.held_at IS NULL THEN deliveries.attempts ELSE 0 END,
    held_at = NULL;

-- name: reviews_of_sessions(session_ids)
-- The reviews of a batch, for changing: the one writer is alone, nothing needs a lock.
SELECT * FROM reviews WHERE session_id IN (SELECT value FROM json_each(:session_ids));

-- name: refresh_open_homes(since, now)!
-- The home tabs that were used since a time are sent again, without haste. What came of a person's action stays above it.
UPDATE deliveries
SET wanted_version = wanted_version + 1,
    urgency = CASE WHEN shown_version < wanted_version THEN urgency ELSE 1 END,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE kind = 'home' AND opened_at IS NOT NULL AND opened_at >= :since AND held_at IS NULL;

-- name: lease_deliveries(lease_token, lease_ends_at, now, channel, lane, urgency, limit)
-- Take what is due in a lane: until the lease ends, no one else can take it. A post that begins is noted as unresolved;
-- an older note shows that an earlier attempt was never resolved, and then the channel stays where that one went.
UPDATE deliveries
SET lease_token = :lease_token, due_at = :lease_ends_at, is_stale = 0,
    channel = CASE WHEN message_ts IS NULL AND unresolved_since IS NULL THEN coalesce(:channel, channel) ELSE channel END,
    unresolved_since = CASE WHEN message_ts IS NULL AND kind NOT IN ('private_note', 'home')
        THEN coalesce(unresolved_since, :now) ELSE NULL END
WHERE id IN (
    SELECT id FROM deliveries
    WHERE lane = :lane AND urgency = :urgency AND due_at <= :now
      AND shown_version < wanted_version AND held_at IS NULL
    ORDER BY due_at
    LIMIT :limit
)
RETURNING id, kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, message_ts, wanted_version,
    wanted_at, attempts, unresolved_since, last_error, replaced_ts;

-- name: lease_decisions(lease_token, lease_ends_at, now, limit)
-- Take what is due for the decision webhook; one waits behind every earlier one of its review that is not delivered. Sending
-- it twice does no harm, so nothing is noted as unresolved.
UPDATE deliveries
SET lease_token = :lease_token, due_at = :lease_ends_at
WHERE id IN (
    SELECT d.id FROM deliveries AS d
    WHERE d.lane = 'decisions' AND d.urgency = 1 AND d.due_at <= :now
      AND d.shown_version < d.wanted_version AND d.held_at IS NULL
      AND NOT EXISTS (
          SELECT 1 FROM deliveries AS earlier
          WHERE earlier.review_id = d.review_id AND earlier.id < d.id
            AND earlier.kind = 'decision_webhook' AND earlier.shown_version < earlier.wanted_version
      )
    ORDER BY d.due_at
    LIMIT :limit
)
RETURNING id, kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, message_ts, wanted_version,
    wanted_at, attempts, unresolved_since, last_error, replaced_ts;

-- name: next_due(lanes)
-- When each lane's next delivery may be tried, of whatever urgency; null when none is pending. One look into the index for
-- each lane and urgency.
SELECT lane, min(due_at) AS due_at
FROM (
    SELECT lanes.value AS lane, urgency, (
        SELECT min(due_at) FROM deliveries AS d
        WHERE d.lane = lanes.value AND d.urgency = urgencies.urgency
          AND d.shown_version < d.wanted_version AND d.held_at IS NULL
    ) AS due_at
    FROM json_each(:lanes) AS lanes, (SELECT 0 AS urgency UNION ALL SELECT 1 UNION ALL SELECT 2) AS urgencies
) AS waiting
GROUP BY lane;

-- name: ends_of_chains(review_ids)
-- Where the chains of these reviews end: their last entry's sequence and seal, null for none.
SELECT r.id, r.session_id, a.sequence, a.seal
FROM sealed_reviews AS r
LEFT JOIN audit AS a ON a.review_id = r.id AND a.sequence = (SELECT max(sequence) FROM audit WHERE review_id = r.id)
WHERE r.id IN (SELECT value FROM json_each(:review_ids));

-- name: lock_audit_head()^
-- The newest entry; the one writer is alone, nothing needs a lock.
SELECT id, seal FROM audit_head;

-- name: insert_audit(row)!
-- The entries of a batch.
INSERT INTO audit (id, review_id, sequence, at, actor, action, from_status, to_status, version, refused, detail, seal)
VALUES (:row);

-- name: lock_purges()^
-- One purge at a time; the one writer is alone, nothing needs a lock.
SELECT 1 AS locked;

-- name: purgeable_reviews(before, after, page)
-- Finished reviews of which nothing is newer, nothing is still being sent to Slack, and that are not on hold.
SELECT r.id FROM reviews AS r
WHERE r.id > :after AND r.status IN ('decided', 'closed')
  AND NOT EXISTS (SELECT 1 FROM holds AS h WHERE h.review_id = r.id)
  AND NOT EXISTS (
      SELECT 1 FROM audit AS a
      WHERE a.review_id = r.id AND a.at >= :before AND a.action NOT IN ('hold', 'lift_hold')
  )
  AND NOT EXISTS (
      SELECT 1 FROM deliveries AS d
      WHERE d.review_id = r.id
        AND (d.lease_token IS NOT NULL OR (d.shown_version < d.wanted_version AND d.held_at IS NULL))
  )
ORDER BY r.id
LIMIT :page;

-- name: audit_of_reviews(ids)
-- The entries of these reviews, in the order of the chain.
SELECT id, seal FROM audit WHERE review_id IN (SELECT value FROM json_each(:ids)) ORDER BY id;

-- name: delete_audit(ids)!
-- Only what has a tombstone; the database refuses everything else.
DELETE FROM audit WHERE id IN (SELECT value FROM json_each(:ids));

-- name: delete_deliveries_of_reviews(ids)!
-- The cards and notes of these reviews; in Slack they stay.
DELETE FROM deliveries WHERE review_id IN (SELECT value FROM json_each(:ids));

-- name: delete_lookups_of_reviews(ids)!
-- What Ralio's API was, or is still to be, asked about these reviews.
DELETE FROM lookups WHERE review_id IN (SELECT value FROM json_each(:ids));

-- name: delete_timers_of_reviews(ids)!
-- What was due for these reviews.
DELETE FROM timers WHERE review_id IN (SELECT value FROM json_each(:ids));

-- name: delete_reviews(ids)!
-- These reviews.
DELETE FROM reviews WHERE id IN (SELECT value FROM json_each(:ids));

-- name: delete_messages(ids)!
-- These one-off messages.
DELETE FROM deliveries WHERE id IN (SELECT value FROM json_each(:ids));

-- name: delete_events(ids)!
-- These events.
DELETE FROM events WHERE id IN (SELECT value FROM json_each(:ids));

-- name: oldest_open(queue)^
-- The queue's review that waits for longest.
SELECT session_id, opened_at FROM reviews
WHERE queue = :queue AND status = 'open' AND status NOT IN ('decided', 'closed')
ORDER BY opened_at
LIMIT 1;

-- name: oldest_open_waited_for(queue)^
-- The same: nothing else changes anything.
SELECT session_id, opened_at FROM reviews
WHERE queue = :queue AND status = 'open' AND status NOT IN ('decided', 'closed')
ORDER BY opened_at
LIMIT 1;

-- name: review_to_change(id)^
-- A review for changing it.
SELECT * FROM reviews WHERE id = :id;

-- name: recall_answers(request_keys)
-- The answers to requests that were answered before.
SELECT request_key, answer FROM answered_requests WHERE request_key IN (SELECT value FROM json_each(:request_keys));

-- name: remember_answers(row)!
-- The answers to new requests; another instance's are left as they are.
INSERT INTO answered_requests (request_key, answered_at, answer)
VALUES (:row)
ON CONFLICT (request_key) DO NOTHING;

-- name: forget_answers(before, most)!
-- The oldest answers; none when none is too old.
DELETE FROM answered_requests
WHERE request_key IN (
    SELECT request_key FROM answered_requests WHERE answered_at < :before ORDER BY answered_at LIMIT :most
);

-- name: has_schema()^
-- Whether a migration was ever begun.
SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions') AS has_schema;

-- name: counted_refusals(refusal_keys)
-- The refusals of a batch whose repeats are being counted. A review that was purged meanwhile is unknown.
SELECT c.refusal_key, r.id AS review_id, c.first_at, c.newest_at, c.repeats, c.entry
FROM repeated_refusals AS c
LEFT JOIN reviews AS r ON r.id = c.review_id
WHERE c.refusal_key IN (SELECT value FROM json_each(:refusal_keys));

-- name: counted_out_refusals(before, most)
-- The oldest refusals whose minute is over.
SELECT c.refusal_key, r.id AS review_id, c.first_at, c.newest_at, c.repeats, c.entry
FROM repeated_refusals AS c
LEFT JOIN reviews AS r ON r.id = c.review_id
WHERE c.first_at <= :before
ORDER BY c.first_at
LIMIT :most;

-- name: seals_of_places(places)
-- The seals of entries, each given by its review's row id and its sequence.
SELECT a.review_id, a.sequence, a.seal
FROM json_each(:places) AS p
CROSS JOIN audit AS a ON a.review_id = json_extract(p.value, '$[0]') AND a.sequence = json_extract(p.value, '$[1]');
