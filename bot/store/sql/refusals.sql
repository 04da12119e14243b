-- name: begin_counting(refusal_key, review_id, now, repeats, entry)*!
-- A refusal was recorded: its repeats are counted from now on. Another instance may have begun at the same moment.
INSERT INTO repeated_refusals (refusal_key, review_id, first_at, newest_at, repeats, entry)
VALUES (:refusal_key, :review_id, :now, :now, :repeats, :entry)
ON CONFLICT (refusal_key) DO UPDATE SET repeats = repeated_refusals.repeats + excluded.repeats;

-- name: count_repeats(repeats, newest_at, refusal_key)*!
-- A refusal was repeated.
UPDATE repeated_refusals SET repeats = :repeats, newest_at = :newest_at WHERE refusal_key = :refusal_key;

-- name: stop_counting(refusal_key)*!
-- The repeats are recorded.
DELETE FROM repeated_refusals WHERE refusal_key = :refusal_key;

-- name: is_counting_over(before)^
-- Whether a minute has passed since some refusal.
SELECT 1 AS found FROM repeated_refusals WHERE first_at <= :before LIMIT 1;
