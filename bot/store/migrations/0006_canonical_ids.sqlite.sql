-- Ids in one spelling, and occurrences that are known again under another event id. A UUID is written in lower case with
-- dashes, as bot/reviews/ids.py does it for what arrives from now on; other ids stay as they are.
--
-- Where two spellings of one session made two reviews, the one that was posted (of two, the one that Ralio's newest event
-- reached) gets the session's id. The other one keeps everything that is on record about it under the id
-- `<session id>:<row number>`, on its own card; Ralio's events no longer reach it, and people can still decide it.

ALTER TABLE events ADD COLUMN same_as BIGINT;     -- an earlier row of the same occurrence, from before these were recognised
ALTER TABLE reviews ADD COLUMN sealed_as TEXT;    -- the session id in the seals of the audit, where it was spelled otherwise
ALTER TABLE reviews ADD COLUMN unreadable BIGINT NOT NULL DEFAULT 0;  -- 1: parts of what Ralio sent could not be read

CREATE TEMPORARY TABLE canonical_ids (spelling TEXT PRIMARY KEY, canonical TEXT NOT NULL);
CREATE TEMPORARY TABLE renamed_reviews (id BIGINT PRIMARY KEY, old TEXT NOT NULL, new TEXT NOT NULL);
INSERT OR IGNORE INTO canonical_ids (spelling, canonical)
WITH
    stored AS (
        SELECT event_id AS spelling FROM events
        UNION ALL SELECT session_id FROM events
        UNION ALL SELECT session_id FROM reviews
        UNION ALL SELECT subject_id FROM reviews
    ),
    lowered AS MATERIALIZED (  -- or SQLite writes each of these out in the next, and needs 45 MB for the sum
        SELECT spelling, CASE
            WHEN lower(spelling) LIKE 'urn:uuid:%' THEN substr(lower(spelling), 10) ELSE lower(spelling)
        END AS id
        FROM stored
        WHERE length(spelling) BETWEEN 32 AND 45
    ),
    without_9 AS MATERIALIZED (
        SELECT spelling, CASE WHEN substr(id, 9, 1) = '-' THEN substr(id, 1, 8) || substr(id, 10) ELSE id END AS id
        FROM lowered
    ),
    without_13 AS MATERIALIZED (
        SELECT spelling, CASE WHEN substr(id, 13, 1) = '-' THEN substr(id, 1, 12) || substr(id, 14) ELSE id END AS id
        FROM without_9
    ),
    without_17 AS MATERIALIZED (
        SELECT spelling, CASE WHEN substr(id, 17, 1) = '-' THEN substr(id, 1, 16) || substr(id, 18) ELSE id END AS id
        FROM without_13
    ),
    without_21 AS MATERIALIZED (
        SELECT spelling, CASE WHEN substr(id, 21, 1) = '-' THEN substr(id, 1, 20) || substr(id, 22) ELSE id END AS id
        FROM without_17
    ),
    dashed AS (
        SELECT spelling, substr(id, 1, 8) || '-' || substr(id, 9, 4) || '-' || substr(id, 13, 4) || '-'
            || substr(id, 17, 4) || '-' || substr(id, 21) AS canonical
        FROM without_21
        WHERE length(id) = 32 AND id NOT GLOB '*[^0-9a-f]*'
    )
SELECT spelling, canonical FROM dashed WHERE canonical <> spelling;

-- The same event under two ids: the first row gets the id, the others keep theirs.
UPDATE events SET event_id = c.canonical
FROM canonical_ids AS c
WHERE events.event_id = c.spelling
  AND NOT EXISTS (SELECT 1 FROM events AS other WHERE other.event_id = c.canonical)
  AND NOT EXISTS (
      SELECT 1 FROM canonical_ids AS another JOIN events AS other ON other.event_id = another.spelling
      WHERE another.canonical = c.canonical AND other.id < events.id
  );
UPDATE events SET session_id = c.canonical FROM canonical_ids AS c WHERE events.session_id = c.spelling;
UPDATE reviews SET session_event_id = c.canonical FROM canonical_ids AS c WHERE reviews.session_event_id = c.spelling;
UPDATE reviews SET subject_id = c.canonical FROM canonical_ids AS c WHERE reviews.subject_id = c.spelling;

INSERT INTO renamed_reviews (id, old, new)
SELECT id, old, CASE WHEN place = 1 THEN canonical ELSE canonical || ':' || id END
FROM (
    SELECT id, old, canonical, row_number() OVER (
        PARTITION BY canonical ORDER BY CASE WHEN opened_at IS NULL THEN 1 ELSE 0 END, session_event_at DESC, id
    ) AS place
    FROM (
        SELECT r.id, r.session_id AS old, coalesce(c.canonical, r.session_id) AS canonical, r.opened_at,
            r.session_event_at
        FROM reviews AS r
        LEFT JOIN canonical_ids AS c ON c.spelling = r.session_id
        WHERE c.spelling IS NOT NULL OR r.session_id IN (SELECT canonical FROM canonical_ids)
    ) AS spelled
) AS placed;
DELETE FROM renamed_reviews WHERE old = new;
-- First those that give an id away.
UPDATE reviews SET session_id = n.new, sealed_as = n.old
FROM renamed_reviews AS n WHERE reviews.id = n.id AND n.new LIKE '%:%';
UPDATE reviews SET session_id = n.new, sealed_as = n.old
FROM renamed_reviews AS n WHERE reviews.id = n.id AND n.new NOT LIKE '%:%';
-- Their buttons carry the id: cards that have any are drawn again.
UPDATE deliveries SET shown_version = wanted_version - 1, wanted_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000, due_at = CAST(strftime('%s', 'now') AS INTEGER) * 1000
WHERE kind = 'card' AND shown_version = wanted_version AND message_ts IS NOT NULL AND review_id IN (
    SELECT n.id FROM renamed_reviews AS n JOIN reviews AS r ON r.id = n.id WHERE r.status <> 'closed'
);
DROP TABLE renamed_reviews;
DROP TABLE canonical_ids;

-- One event stamped in the future kept later ones out; from now on its time counts for five minutes at most.
UPDATE reviews SET session_event_at = e.received_at + 300000
FROM events AS e
WHERE e.event_id = reviews.session_event_id AND reviews.session_event_at > e.received_at + 300000;

UPDATE events SET same_as = f.first
FROM (
    SELECT id, min(id) OVER (PARTITION BY session_id, type, occurred_at) AS first
    FROM events
    WHERE session_id IS NOT NULL AND occurred_at IS NOT NULL
) AS f
WHERE f.id = events.id AND f.first < f.id;
CREATE UNIQUE INDEX events_occurrence ON events (session_id, type, occurred_at)
    WHERE occurred_at IS NOT NULL AND same_as IS NULL;

-- Reviews as the audit names them: the old spelling only counts where it still is one of the session's id.
CREATE VIEW sealed_reviews AS
SELECT id, CASE
    WHEN replace(lower(sealed_as), '-', '') LIKE '%' || replace(substr(session_id, 1, 36), '-', '') THEN sealed_as
    ELSE session_id
END AS session_id
FROM reviews;
