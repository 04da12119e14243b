-- name: move_audit_head(id, seal)!
-- The newest entry is another one now.
UPDATE audit_head SET id = :id, seal = :seal;

-- name: audit_head()^
-- The newest entry's number and seal, as the database has them noted.
SELECT id, seal FROM audit_head;

-- name: recent_changes(review_id, page)
-- What the card's history shows: the newest changes, without refusals, reminders, what operators did, and checks shown elsewhere.
SELECT at, actor, action, from_status, to_status, version, refused, detail
FROM audit
WHERE review_id = :review_id AND refused IS NULL
  AND action NOT IN ('remind', 'fetch_checks', 'hold', 'lift_hold', 'discard_delivery')
ORDER BY sequence DESC
LIMIT :page;

-- name: unsealed_audit(after, page)
-- Entries from before there was a chain, in their order.
SELECT a.id, a.review_id, r.session_id, a.sequence, a.at, a.actor, a.action, a.from_status, a.to_status, a.version,
    a.refused, a.detail
FROM audit AS a
LEFT JOIN sealed_reviews AS r ON r.id = a.review_id
WHERE a.id > :after AND a.seal = ''
ORDER BY a.id
LIMIT :page;

-- name: seal_older_audit(id, seal)*!
-- Seal an entry from before there was a chain; the database refuses it for every other one.
UPDATE audit SET seal = :seal WHERE id = :id;

-- name: audit_trail(after, since, page)
-- Entries with their session, in the order of the chain, after a given one: the columns of SealedEntry.
SELECT a.id, r.session_id, a.sequence, a.at, a.actor, a.action, a.from_status, a.to_status, a.version, a.refused, a.detail,
    a.review_id, a.seal
FROM audit AS a
LEFT JOIN sealed_reviews AS r ON r.id = a.review_id
WHERE a.id > :after AND a.at >= :since
ORDER BY a.id
LIMIT :page;

-- name: audit_entry(id)^
-- One entry's action and detail; null when there is none.
SELECT action, detail FROM audit WHERE id = :id;

-- name: seal_of_entry(id)^
-- One entry's seal, or that of the last one that a purge removed there; null when there is none.
SELECT seal FROM audit WHERE id = :id UNION ALL SELECT last_seal AS seal FROM audit_purged WHERE last = :id;

-- name: purged_around(id)^
-- Whether a purge removed this entry.
SELECT first FROM audit_purged WHERE last >= :id AND first <= :id ORDER BY last LIMIT 1;

-- name: tombstone_at(first)^
-- What a purge left in the place of the entries from this one on; null when none did.
SELECT first, last, last_seal, purge FROM audit_purged WHERE last >= :first AND first = :first ORDER BY last LIMIT 1;

-- name: tombstones_of(purge, after, page)
-- What one purge left, in the order of the chain.
SELECT first, last, last_seal, purge FROM audit_purged
WHERE purge = :purge AND first > :after
ORDER BY first
LIMIT :page;

-- name: case_entries(review_id, mention, older_mention)
-- Every entry about a session, in order, with the seals before it in the whole record and in the session; those of a time
-- when the session was unknown only mention it.
SELECT a.id, r.session_id, a.sequence, a.at, a.actor, a.action, a.from_status, a.to_status, a.version, a.refused,
    a.detail, a.review_id, a.seal, b.seal AS previous_of_session, coalesce(p.seal, t.last_seal, '') AS previous
FROM audit AS a
LEFT JOIN sealed_reviews AS r ON r.id = a.review_id
LEFT JOIN audit AS b ON b.review_id = a.review_id AND b.sequence = a.sequence - 1
LEFT JOIN audit AS p ON p.id = a.id - 1
LEFT JOIN audit_purged AS t ON t.last = a.id - 1
WHERE a.review_id = :review_id OR (a.review_id IS NULL AND (a.detail LIKE :mention OR a.detail LIKE :older_mention))
ORDER BY a.id;

-- name: newest_action(review_id)^
-- The newest thing that a person did to a review.
SELECT actor, action FROM audit
WHERE review_id = :review_id AND refused IS NULL AND actor NOT IN ('ralio', 'bot')
  AND action NOT IN ('hold', 'lift_hold', 'discard_delivery')
ORDER BY sequence DESC
LIMIT 1;

-- name: seals_of_keys()
-- The seals that name every key of the record: its first entry's, its first tombstone's, and those of the changes of key.
SELECT id, seal, detail FROM audit WHERE id = (SELECT min(id) FROM audit WHERE seal <> '')
UNION ALL
SELECT last AS id, last_seal AS seal, '' AS detail FROM audit_purged WHERE last = (SELECT min(last) FROM audit_purged)
UNION ALL
SELECT id, seal, detail FROM audit WHERE review_id IS NULL AND action = 'change_key' AND seal <> '';

-- name: keep_audit_text(digest, text, kept_at)!
-- A text that entries name by its digest; it is kept once.
INSERT INTO audit_texts (digest, text, kept_at) VALUES (:digest, :text, :kept_at) ON CONFLICT (digest) DO NOTHING;

-- name: audit_text(digest)^
-- The text of a digest; null when it is not kept.
SELECT text FROM audit_texts WHERE digest = :digest;

-- name: newest_name(person)^
-- The entry that recorded a person's name last.
SELECT detail FROM audit WHERE action = 'record_name' AND actor = :person ORDER BY id DESC LIMIT 1;

-- name: names_of_person(person)
-- The entries that recorded a person's names, oldest first, with the seal before each; a session is never part of them.
SELECT a.id, NULL AS session_id, a.sequence, a.at, a.actor, a.action, a.from_status, a.to_status, a.version, a.refused,
    a.detail, a.seal, coalesce(p.seal, t.last_seal, '') AS previous
FROM audit AS a
LEFT JOIN audit AS p ON p.id = a.id - 1
LEFT JOIN audit_purged AS t ON t.last = a.id - 1
WHERE a.action = 'record_name' AND a.actor = :person AND a.review_id IS NULL
ORDER BY a.id;

-- name: history_of_review(review_id, skip, page)
-- A page of everything on record about a review and of the messages about it that Slack has, newest first.
SELECT 'audit' AS source, sequence AS number, at, actor, action, from_status, to_status, version, refused, detail
FROM audit WHERE review_id = :review_id
UNION ALL
SELECT kind, id, due_at, coalesce(recipient, ''), '', NULL, NULL, 0, NULL, arguments
FROM deliveries
WHERE review_id = :review_id AND kind IN ('thread_note', 'direct_message') AND message_ts IS NOT NULL
  AND shown_version >= wanted_version
ORDER BY at DESC, source DESC, number DESC
LIMIT :page OFFSET :skip;

-- name: messages_of_review(review_id)
-- The messages about a review that Slack has, besides its card, oldest first.
SELECT kind AS source, due_at AS at, coalesce(recipient, '') AS actor, arguments AS detail
FROM deliveries
WHERE review_id = :review_id AND kind IN ('thread_note', 'direct_message') AND message_ts IS NOT NULL
  AND shown_version >= wanted_version
ORDER BY due_at, id;

-- name: card_delivery(review_id)^
-- How far Slack is with a review's card.
SELECT wanted_version, shown_version, held_at, message_ts FROM deliveries
WHERE review_id = :review_id AND kind = 'card';
