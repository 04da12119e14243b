-- name: next_decision_due()^
-- When the next delivery of the decision webhook can be tried. One waits behind every earlier one of its review that is
-- not delivered, even if that is held.
SELECT d.due_at FROM deliveries AS d
WHERE d.lane = 'decisions' AND d.urgency = 1 AND d.shown_version < d.wanted_version AND d.held_at IS NULL
  AND NOT EXISTS (
      SELECT 1 FROM deliveries AS earlier
      WHERE earlier.review_id = d.review_id AND earlier.id < d.id
        AND earlier.kind = 'decision_webhook' AND earlier.shown_version < earlier.wanted_version
  )
ORDER BY d.due_at
LIMIT 1;

-- name: seal_of_change(review_id, version)^
-- The seal of the audit entry that a review's version came with; later entries can name the same version.
SELECT seal FROM audit
WHERE review_id = :review_id AND version = :version AND refused IS NULL
ORDER BY sequence
LIMIT 1;

-- name: decision_backlog()^
-- What the decision webhook has not received: how many are pending, since when the oldest is, how many are held.
SELECT
    (SELECT count(*) FROM deliveries
     WHERE lane = 'decisions' AND shown_version < wanted_version AND held_at IS NULL) AS pending,
    (SELECT min(wanted_at) FROM deliveries
     WHERE lane = 'decisions' AND shown_version < wanted_version AND held_at IS NULL) AS oldest_at,
    (SELECT count(*) FROM deliveries WHERE lane = 'decisions' AND held_at IS NOT NULL) AS held;
