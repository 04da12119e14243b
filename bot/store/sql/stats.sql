-- name: changes_of_all(after_review, after_sequence, page)
-- What was done, review by review, each in order, after a given entry, without tests. The reviews' own bound is for
-- PostgreSQL, which would read all earlier ones again for every page.
SELECT a.review_id, a.sequence, r.queue, a.at, a.actor, a.action, a.from_status, a.to_status, a.version, a.refused, a.detail
FROM audit AS a
JOIN reviews AS r ON r.id = a.review_id
WHERE (a.review_id, a.sequence) > (:after_review, :after_sequence) AND r.id >= :after_review AND a.refused IS NULL
  AND substr(r.session_id, 1, 10) <> 'send-test-'
ORDER BY a.review_id, a.sequence
LIMIT :page;
