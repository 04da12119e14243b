-- The statements that must differ from one database to the other: this is PostgreSQL's form of them. A list of ids is made
-- an array: joined as rows, PostgreSQL would guess how many there are, and may walk over a whole table for three of them.

-- name: record_events(rows)
-- The events of a batch, and which of them are new: neither the id nor the same occurrence is known.
INSERT INTO events (event_id, type, session_id, occurred_at, received_at)
SELECT item ->> 0, item ->> 1, item ->> 2, CAST(item ->> 3 AS BIGINT), CAST(item ->> 4 AS BIGINT)
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item
ON CONFLICT DO NOTHING
RETURNING event_id;

-- name: events_by_event_id(event_ids)
-- The events of a batch that are known already.
SELECT event_id, type, session_id, occurred_at, received_at FROM events
WHERE event_id = ANY (ARRAY(SELECT json_array_elements_text(CAST(:event_ids AS json))));

-- name: events_of_sessions(session_ids)
-- The first event of each occurrence, of these sessions.
SELECT event_id, session_id, occurred_at, received_at FROM events
WHERE occurred_at IS NOT NULL AND same_as IS NULL
  AND session_id = ANY (ARRAY(SELECT json_array_elements_text(CAST(:session_ids AS json))));

-- name: insert_reviews(rows)
-- New reviews, one a session, and the row ids that they got.
INSERT INTO reviews (
    session_id, entity_type, subject_id, queue, unreadable, checks, session_state, session_event_at, session_event_id, status,
    opened_at, status_since, due_at, disagreement, version, step, verdict_checks
)
SELECT item ->> 0, item ->> 1, item ->> 2, item ->> 3, CAST(item ->> 4 AS BIGINT), item ->> 5, item ->> 6,
       CAST(item ->> 7 AS BIGINT), item ->> 8, item ->> 9, CAST(item ->> 10 AS BIGINT), CAST(item ->> 11 AS BIGINT),
       CAST(item ->> 12 AS BIGINT), item ->> 13, CAST(item ->> 14 AS BIGINT), CAST(item ->> 15 AS BIGINT), item ->> 16
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item
ON CONFLICT (session_id) DO NOTHING
RETURNING id, session_id;

-- name: update_reviews(rows)!
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
    SELECT
        item ->> 0 AS entity_type, item ->> 1 AS queue, item ->> 2 AS session_state,
        CAST(item ->> 3 AS BIGINT) AS session_event_at, item ->> 4 AS session_event_id, item ->> 5 AS status,
        item ->> 6 AS subject_id, item ->> 7 AS claimed_by, CAST(item ->> 8 AS BIGINT) AS claimed_at,
        item ->> 9 AS outcome, item ->> 10 AS reason, item ->> 11 AS note, item ->> 12 AS decided_by,
        CAST(item ->> 13 AS BIGINT) AS decided_at, item ->> 14 AS confirmed_by,
        CAST(item ->> 15 AS BIGINT) AS confirmed_at, CAST(item ->> 16 AS BOOLEAN) AS unconfirmed,
        item ->> 17 AS escalated_by, CAST(item ->> 18 AS BIGINT) AS escalated_at,
        CAST(item ->> 19 AS BIGINT) AS opened_at, CAST(item ->> 20 AS BIGINT) AS status_since,
        CAST(item ->> 21 AS BIGINT) AS active_at, CAST(item ->> 22 AS BIGINT) AS due_at,
        item ->> 23 AS disagreement, CAST(item ->> 24 AS BIGINT) AS snoozed_until, item ->> 25 AS snooze_reason,
        CAST(item ->> 26 AS BIGINT) AS version, CAST(item ->> 27 AS BIGINT) AS step,
        CAST(item ->> 28 AS BIGINT) AS unreadable, item ->> 29 AS checks, item ->> 30 AS fetched_checks,
        item ->> 31 AS verdict_checks, item ->> 32 AS earlier_decision,
        item ->> 33 AS pauses, CAST(item ->> 34 AS BOOLEAN) AS recorded_afterwards,
        CAST(item ->> 35 AS BIGINT) AS id, CAST(item ->> 36 AS BIGINT) AS read_version
    FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item
) AS new
WHERE reviews.id = new.id AND reviews.version = new.read_version
  AND reviews.id = ANY (
      ARRAY(SELECT CAST(item ->> 35 AS BIGINT) FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item)
  );

-- name: enqueue_cards(rows)!
-- Queue the newest versions of cards. A row that is already pending keeps its place: a wait, a backoff or a call under way
-- goes on. A held one is tried again, because the new version can be one that Slack accepts.
INSERT INTO deliveries (
    kind, review_id, lane, urgency, arguments, wanted_version, shown_version, wanted_at, due_at, attempts
)
SELECT item ->> 0, CAST(item ->> 1 AS BIGINT), item ->> 2, CAST(item ->> 3 AS BIGINT), item ->> 4,
       CAST(item ->> 5 AS BIGINT), CAST(item ->> 6 AS BIGINT), CAST(item ->> 7 AS BIGINT), CAST(item ->> 8 AS BIGINT),
       CAST(item ->> 9 AS BIGINT)
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item
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
-- The reviews of a batch, for changing: locked in one order, so that two instances do not wait for each other in a ring.
SELECT * FROM reviews
WHERE session_id = ANY (ARRAY(SELECT json_array_elements_text(CAST(:session_ids AS json))))
ORDER BY id
FOR UPDATE;

-- name: refresh_open_homes(since, now)!
-- The home tabs that were used since a time are sent again, without haste. What came of a person's action stays above it.
-- One that another instance is queueing is queued by that.
UPDATE deliveries
SET wanted_version = wanted_version + 1,
    urgency = CASE WHEN shown_version < wanted_version THEN urgency ELSE 1 END,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE id IN (
    SELECT id FROM deliveries
    WHERE kind = 'home' AND opened_at IS NOT NULL AND opened_at >= :since AND held_at IS NULL
    ORDER BY id
    FOR UPDATE SKIP LOCKED
);

-- name: lease_deliveries(lease_token, lease_ends_at, now, channel, lane, urgency, limit)
-- Take what is due in a lane: until the lease ends, no one else can take it. A post that begins is noted as unresolved;
-- an older note shows that an earlier attempt was never resolved, and then the channel stays where that one went.
UPDATE deliveries
SET lease_token = :lease_token, due_at = :lease_ends_at, is_stale = 0,
    channel = CASE WHEN message_ts IS NULL AND unresolved_since IS NULL
        THEN coalesce(CAST(:channel AS TEXT), channel) ELSE channel END,
    unresolved_since = CASE WHEN message_ts IS NULL AND kind NOT IN ('private_note', 'home')
        THEN coalesce(unresolved_since, CAST(:now AS BIGINT)) ELSE NULL END
WHERE id IN (
    SELECT id FROM deliveries
    WHERE lane = :lane AND urgency = :urgency AND due_at <= :now
      AND shown_version < wanted_version AND held_at IS NULL
    ORDER BY due_at
    LIMIT :limit
    FOR UPDATE SKIP LOCKED
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
    FOR UPDATE OF d SKIP LOCKED
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
    FROM json_array_elements_text(CAST(:lanes AS json)) AS lanes (value), (SELECT 0 AS urgency UNION ALL SELECT 1 UNION ALL SELECT 2) AS urgencies
) AS waiting
GROUP BY lane;

-- name: ends_of_chains(review_ids)
-- Where the chains of these reviews end: their last entry's sequence and seal, null for none.
SELECT r.id, r.session_id, a.sequence, a.seal
FROM sealed_reviews AS r
LEFT JOIN LATERAL (
    SELECT sequence, seal FROM audit WHERE review_id = r.id ORDER BY sequence DESC LIMIT 1
) AS a ON true
WHERE r.id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:review_ids AS json)) AS BIGINT)));

-- name: lock_audit_head()^
-- The newest entry; only the transaction that locks this row can append until it commits.
SELECT id, seal FROM audit_head FOR UPDATE;

-- name: insert_audit(rows)!
-- The entries of a batch, in one statement.
INSERT INTO audit (id, review_id, sequence, at, actor, action, from_status, to_status, version, refused, detail, seal)
SELECT CAST(item ->> 0 AS BIGINT), CAST(item ->> 1 AS BIGINT), CAST(item ->> 2 AS BIGINT), CAST(item ->> 3 AS BIGINT),
       item ->> 4, item ->> 5, item ->> 6, item ->> 7,
       CAST(item ->> 8 AS BIGINT), item ->> 9, item ->> 10, item ->> 11
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item;

-- name: lock_purges()^
-- One purge at a time, until the transaction ends; the number is one of our own among the advisory locks.
SELECT 1 AS locked FROM (SELECT pg_advisory_xact_lock(7170415)) AS waited;

-- name: purgeable_reviews(before, after, page)
-- Finished reviews of which nothing is newer, nothing is on its way to Slack, and that no one holds or is changing. The
-- audit's own bound spares every page the entries of the earlier ones.
SELECT r.id FROM reviews AS r
WHERE r.id > :after AND r.status IN ('decided', 'closed')
  AND NOT EXISTS (SELECT 1 FROM holds AS h WHERE h.review_id = r.id)
  AND NOT EXISTS (
      SELECT 1 FROM audit AS a
      WHERE a.review_id = r.id AND a.review_id > :after AND a.at >= :before AND a.action NOT IN ('hold', 'lift_hold')
  )
  AND NOT EXISTS (
      SELECT 1 FROM deliveries AS d
      WHERE d.review_id = r.id
        AND (d.lease_token IS NOT NULL OR (d.shown_version < d.wanted_version AND d.held_at IS NULL))
  )
ORDER BY r.id
LIMIT :page
FOR UPDATE OF r SKIP LOCKED;

-- name: audit_of_reviews(ids)
-- The entries of these reviews, in the order of the chain.
SELECT id, seal FROM audit
WHERE review_id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)))
ORDER BY id;

-- name: delete_audit(ids)!
-- Only what has a tombstone; the database refuses everything else.
DELETE FROM audit WHERE id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_deliveries_of_reviews(ids)!
-- The cards and notes of these reviews; in Slack they stay.
DELETE FROM deliveries WHERE review_id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_lookups_of_reviews(ids)!
-- What Ralio's API was, or is still to be, asked about these reviews.
DELETE FROM lookups WHERE review_id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_timers_of_reviews(ids)!
-- What was due for these reviews.
DELETE FROM timers WHERE review_id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_reviews(ids)!
-- These reviews.
DELETE FROM reviews WHERE id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_messages(ids)!
-- These one-off messages.
DELETE FROM deliveries WHERE id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: delete_events(ids)!
-- These events.
DELETE FROM events WHERE id = ANY (ARRAY(SELECT CAST(json_array_elements_text(CAST(:ids AS json)) AS BIGINT)));

-- name: oldest_open(queue)^
-- The queue's review that waits for longest, but for those that another instance is just changing.
SELECT session_id, opened_at FROM reviews
WHERE queue = :queue AND status = 'open' AND status NOT IN ('decided', 'closed')
ORDER BY opened_at
LIMIT 1
FOR UPDATE SKIP LOCKED;

-- name: oldest_open_waited_for(queue)^
-- The same, waiting for any transaction that is changing it.
SELECT session_id, opened_at FROM reviews
WHERE queue = :queue AND status = 'open' AND status NOT IN ('decided', 'closed')
ORDER BY opened_at
LIMIT 1
FOR UPDATE;

-- name: review_to_change(id)^
-- A review for changing it; none when another instance is changing it just now.
SELECT * FROM reviews WHERE id = :id
FOR UPDATE SKIP LOCKED;

-- name: recall_answers(request_keys)
-- The answers to requests that were answered before.
SELECT request_key, answer FROM answered_requests
WHERE request_key = ANY (ARRAY(SELECT json_array_elements_text(CAST(:request_keys AS json))));

-- name: remember_answers(rows)!
-- The answers to new requests; another instance's are left as they are.
INSERT INTO answered_requests (request_key, answered_at, answer)
SELECT item ->> 0, CAST(item ->> 1 AS BIGINT), item ->> 2
FROM jsonb_array_elements(CAST(:rows AS jsonb)) AS item
ON CONFLICT (request_key) DO NOTHING;

-- name: forget_answers(before, most)!
-- The oldest answers, but for those that another instance is just forgetting.
DELETE FROM answered_requests
WHERE request_key = ANY (ARRAY(
    SELECT request_key FROM answered_requests
    WHERE answered_at < :before
    ORDER BY answered_at
    LIMIT :most
    FOR UPDATE SKIP LOCKED
));

-- name: has_schema()^
-- Whether a migration was ever begun.
SELECT to_regclass('schema_versions') IS NOT NULL AS has_schema;

-- name: counted_refusals(refusal_keys)
-- The refusals of a batch whose repeats are being counted, locked in one order. A review that was purged meanwhile is
-- unknown.
SELECT c.refusal_key, r.id AS review_id, c.first_at, c.newest_at, c.repeats, c.entry
FROM repeated_refusals AS c
LEFT JOIN reviews AS r ON r.id = c.review_id
WHERE c.refusal_key = ANY (ARRAY(SELECT json_array_elements_text(CAST(:refusal_keys AS json))))
ORDER BY c.refusal_key
FOR UPDATE OF c;

-- name: counted_out_refusals(before, most)
-- The oldest refusals whose minute is over, but for those that another instance has at the moment.
SELECT c.refusal_key, r.id AS review_id, c.first_at, c.newest_at, c.repeats, c.entry
FROM repeated_refusals AS c
LEFT JOIN reviews AS r ON r.id = c.review_id
WHERE c.first_at <= :before
ORDER BY c.first_at
LIMIT :most
FOR UPDATE OF c SKIP LOCKED;

-- name: seals_of_places(places)
-- The seals of entries, each given by its review's row id and its sequence.
-- One look into the index for each place, whatever plan is kept: LIMIT keeps the subquery from being joined.
SELECT a.review_id, a.sequence, a.seal
FROM json_array_elements(CAST(:places AS json)) AS p
CROSS JOIN LATERAL (
    SELECT review_id, sequence, seal FROM audit
    WHERE review_id = CAST(p.value ->> 0 AS bigint) AND sequence = CAST(p.value ->> 1 AS bigint) LIMIT 1
) AS a;
