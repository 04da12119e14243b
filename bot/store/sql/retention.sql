-- name: insert_hold(review_id, reason, placed_by, placed_at)!
-- No purge may remove this session any more; one that is held already changes nothing.
INSERT INTO holds (review_id, reason, placed_by, placed_at)
VALUES (:review_id, :reason, :placed_by, :placed_at)
ON CONFLICT (review_id) DO NOTHING;

-- name: delete_hold(review_id)!
-- A purge may remove it again.
DELETE FROM holds WHERE review_id = :review_id;

-- name: list_holds()
-- The sessions on hold, the oldest hold first.
SELECT r.session_id, r.id AS number, h.reason, h.placed_by, h.placed_at
FROM holds AS h
JOIN reviews AS r ON r.id = h.review_id
ORDER BY h.placed_at, r.id;

-- name: purgeable_refusals(before, after, page)
-- Refused clicks about sessions that were never known.
SELECT id, seal FROM audit
WHERE review_id IS NULL AND refused IS NOT NULL AND at < :before AND id > :after
ORDER BY id
LIMIT :page;

-- name: purgeable_names(before, after, page)
-- Names of people of whom no entry is left from the time in which they had that name.
SELECT a.id, a.seal FROM audit AS a
WHERE a.action = 'record_name' AND a.review_id IS NULL AND a.at < :before AND a.id > :after
  AND NOT EXISTS (
    SELECT 1 FROM audit AS b
    WHERE b.actor = a.actor AND b.action <> 'record_name' AND b.id > a.id AND b.id < coalesce(
        (SELECT min(c.id) FROM audit AS c WHERE c.action = 'record_name' AND c.actor = a.actor AND c.id > a.id),
        9223372036854775807
    )
  )
ORDER BY a.id
LIMIT :page;

-- name: purgeable_messages(before, after, page)
-- One-off messages that Slack has, or never will.
SELECT id FROM deliveries
WHERE review_id IS NULL AND wanted_at < :before AND id > :after AND lease_token IS NULL
  AND (shown_version >= wanted_version OR held_at IS NOT NULL)
ORDER BY id
LIMIT :page;

-- name: purgeable_events(before, after, page)
-- Events that were read, whose session has no review any more.
SELECT e.id FROM events AS e
WHERE e.received_at < :before AND e.error IS NULL AND e.id > :after
  AND NOT EXISTS (SELECT 1 FROM reviews AS r WHERE r.session_id = e.session_id)
ORDER BY e.id
LIMIT :page;

-- name: purgeable_quarantine(before, after, page)
-- Events that could not be read.
SELECT id FROM events WHERE error IS NOT NULL AND received_at < :before AND id > :after ORDER BY id LIMIT :page;

-- name: insert_tombstones(first, last, last_seal, purge)*!
-- What stays of purged entries; only then does the database let them go.
INSERT INTO audit_purged (first, last, last_seal, purge) VALUES (:first, :last, :last_seal, :purge);

-- name: old_reviews(before, after, page)
-- Reviews that began before a time, with what keeps them from a purge.
SELECT r.id, r.session_id, r.status,
    EXISTS (SELECT 1 FROM holds AS h WHERE h.review_id = r.id) AS is_held,
    (
        SELECT max(a.at) FROM audit AS a WHERE a.review_id = r.id AND a.action NOT IN ('hold', 'lift_hold')
    ) AS last_entry_at,
    EXISTS (
        SELECT 1 FROM deliveries AS d
        WHERE d.review_id = r.id
          AND (d.lease_token IS NOT NULL OR (d.shown_version < d.wanted_version AND d.held_at IS NULL))
    ) AS is_pending
FROM reviews AS r
WHERE r.id > :after AND EXISTS (SELECT 1 FROM audit AS b WHERE b.review_id = r.id AND b.sequence = 1 AND b.at < :before)
ORDER BY r.id
LIMIT :page;
