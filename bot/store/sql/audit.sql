-- name: insert_audit(review_id, at, actor, action, from_status, to_status, version, refused, detail)*!
-- One entry a change or refusal; the sequence goes on from the review's last entry.
INSERT INTO audit (review_id, sequence, at, actor, action, from_status, to_status, version, refused, detail)
SELECT CAST(:review_id AS BIGINT), coalesce(max(sequence), 0) + 1, CAST(:at AS BIGINT), :actor, :action, :from_status,
       :to_status, CAST(:version AS BIGINT), :refused, :detail
FROM audit
WHERE review_id = CAST(:review_id AS BIGINT);

-- name: recent_changes(review_id, page)
-- What the card's history shows: the newest changes, without refusals, reminders and the checks that it shows elsewhere.
SELECT at, actor, action, from_status, to_status, version, refused, detail
FROM audit
WHERE review_id = :review_id AND refused IS NULL AND action NOT IN ('remind', 'fetch_checks')
ORDER BY sequence DESC
LIMIT :page;
