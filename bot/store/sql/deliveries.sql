-- name: want_message(kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, now)*!
-- A one-off message; the same key again changes nothing.
INSERT INTO deliveries (
    kind, review_id, unique_key, lane, urgency, channel, recipient, arguments, wanted_version, shown_version,
    wanted_at, due_at, attempts
)
VALUES (
    :kind, :review_id, :unique_key, :lane, :urgency, :channel, :recipient, :arguments, 1, 0, :now, :now, 0
)
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO NOTHING;

-- name: replace_unsent_ephemeral(arguments, now, recipient, channel)!
-- The person's newest message in a channel replaces an older one that is not on its way yet, and takes its turn.
UPDATE deliveries SET arguments = :arguments, wanted_at = :now
WHERE kind = 'private_note' AND recipient = :recipient AND channel = :channel AND shown_version < wanted_version
  AND held_at IS NULL AND lease_token IS NULL;

-- name: unsent_replies(review_id)
-- The replies in a review's thread that are not on their way yet and may not be in Slack.
SELECT id, arguments FROM deliveries
WHERE review_id = :review_id AND kind = 'thread_note' AND shown_version < wanted_version
  AND lease_token IS NULL AND unresolved_since IS NULL
ORDER BY id;

-- name: drop_unsent(id)*!
-- A newer message says what is still worth saying.
UPDATE deliveries SET wanted_version = shown_version, held_at = NULL, last_error = 'replaced' WHERE id = :id;

-- name: enqueue_home_tab(unique_key, lane, recipient, arguments, now)!
-- Build the home tab again. A row that is pending already keeps its place in time; opening the tab again is
-- also how a person asks for one that was given up or held.
INSERT INTO deliveries (
    kind, unique_key, lane, urgency, recipient, arguments, wanted_version, shown_version, wanted_at, due_at, attempts,
    opened_at, outcome_version
)
VALUES ('home', :unique_key, :lane, 0, :recipient, :arguments, 1, 0, :now, :now, 0, :now, 1)
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO UPDATE
SET wanted_version = deliveries.wanted_version + 1, urgency = 0, arguments = excluded.arguments, held_at = NULL,
    outcome_version = deliveries.wanted_version + 1,
    opened_at = excluded.opened_at,
    wanted_at = CASE WHEN deliveries.shown_version < deliveries.wanted_version AND deliveries.held_at IS NULL
        THEN deliveries.wanted_at ELSE excluded.wanted_at END,
    due_at = CASE WHEN deliveries.shown_version < deliveries.wanted_version AND deliveries.held_at IS NULL
        THEN deliveries.due_at ELSE excluded.due_at END;

-- name: expand_home_list(unique_key, expanded)!
-- A home tab shows one list in full, or none.
UPDATE deliveries SET expanded = CAST(:expanded AS TEXT) WHERE unique_key = :unique_key;

-- name: expanded_list(unique_key)^
-- Which list a home tab shows in full.
SELECT expanded FROM deliveries WHERE unique_key = :unique_key;

-- name: has_open_homes(since)^
-- Whether any home tab was used since a time.
SELECT EXISTS (
    SELECT 1 FROM deliveries WHERE kind = 'home' AND opened_at IS NOT NULL AND opened_at >= :since
) AS found;

-- name: refresh_home(unique_key, now)*!
-- What a home tab shows has changed; nothing happens where there is none. What became of an earlier click there, and has
-- been shown, may be true no more.
UPDATE deliveries
SET wanted_version = wanted_version + 1, urgency = 0,
    arguments = CASE WHEN shown_version < outcome_version THEN arguments ELSE '{}' END,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE unique_key = :unique_key;

-- name: card_place(review_id)^
-- Where a review's card is; no row as long as it was not posted.
SELECT channel, message_ts FROM deliveries
WHERE review_id = :review_id AND kind = 'card' AND message_ts IS NOT NULL;

-- name: record_shown(channel, message_ts, lane, version, now, id, lease_token)!
-- Slack has it. Only the holder of the lease may say so.
UPDATE deliveries
SET channel = :channel, message_ts = :message_ts, lane = :lane, due_at = :now,
    shown_version = CASE WHEN is_stale = 1 AND :version >= wanted_version THEN wanted_version - 1 ELSE :version END,
    is_stale = 0,
    urgency = CASE WHEN wanted_version > :version THEN urgency ELSE 1 END, attempts = 0, lease_token = NULL,
    unresolved_since = NULL, last_error = NULL
WHERE id = :id AND lease_token = :lease_token;

-- name: record_not_shown(repost, due_at, attempts, unresolved_since, last_error, held_at, id, lease_token)!
-- Slack doesn't have it, or that is unknown: when to try again, or held. A message that is gone goes back to the lane of
-- its queue's new cards. Only the holder of the lease may say so.
UPDATE deliveries
SET lane = CASE WHEN :repost = 1
        THEN 'post:' || (SELECT queue FROM reviews WHERE reviews.id = deliveries.review_id) ELSE lane END,
    replaced_ts = CASE WHEN :repost = 1 THEN message_ts ELSE replaced_ts END,
    message_ts = CASE WHEN :repost = 1 THEN NULL ELSE message_ts END,
    due_at = :due_at, attempts = :attempts, lease_token = NULL, unresolved_since = :unresolved_since,
    last_error = :last_error, held_at = :held_at
WHERE id = :id AND lease_token = :lease_token;

-- name: renew_lease(lease_ends_at, now, id, lease_token)!
-- The earlier attempt left nothing: its holder begins a new one.
UPDATE deliveries SET due_at = :lease_ends_at, unresolved_since = :now WHERE id = :id AND lease_token = :lease_token;

-- name: give_up(last_error, id, lease_token)!
-- Nobody needs it any more, though Slack never got it.
UPDATE deliveries
SET wanted_version = shown_version, lease_token = NULL, unresolved_since = NULL, last_error = :last_error
WHERE id = :id AND lease_token = :lease_token;

-- name: backlog()^
-- What Slack has not got: how many wait, since when the oldest does, how many are held. A card that has to wait until it
-- can be posted again is not late because of the bot; `check` reports it. The decision webhook has its own backlog.
SELECT
    (SELECT count(*) FROM deliveries
     WHERE lane <> 'decisions' AND shown_version < wanted_version AND held_at IS NULL) AS pending,
    (SELECT min(wanted_at) FROM deliveries
     WHERE lane <> 'decisions' AND shown_version < wanted_version AND held_at IS NULL
       AND (last_error IS NULL OR last_error <> 'edit_window_closed')) AS oldest_at,
    (SELECT count(*) FROM deliveries WHERE lane <> 'decisions' AND held_at IS NOT NULL) AS held;

-- name: list_deliveries(after, held, page)
-- What Slack has not got, in the order in which it was first wanted, after a given row; only what is held when asked. The
-- plus signs keep the databases from walking over all that was ever delivered: what waits has indexes of its own.
SELECT d.id, d.kind, r.session_id, d.arguments, d.lane, d.channel, d.recipient, d.attempts, d.wanted_version,
    d.shown_version, d.due_at, d.held_at, d.lease_token IS NOT NULL AS leased, d.last_error
FROM (
    SELECT id FROM deliveries WHERE held_at IS NOT NULL AND id > :after
    UNION ALL
    SELECT id FROM deliveries
    WHERE shown_version < wanted_version AND held_at IS NULL AND +id > :after AND :held = 0
) AS waiting
JOIN deliveries AS d ON d.id = waiting.id
LEFT JOIN reviews AS r ON r.id = d.review_id
ORDER BY waiting.id
LIMIT :page;

-- name: requeue_deliveries(now, id)!
-- What is held is due again, one or all: now, or once the call that left it unresolved has settled. The open question
-- stays open, so Slack is searched before anything is posted. The decision webhook's three days begin again.
UPDATE deliveries
SET held_at = NULL, attempts = 0, wanted_at = CASE WHEN lane = 'decisions' THEN :now ELSE wanted_at END,
    due_at = CASE WHEN unresolved_since IS NOT NULL AND due_at > :now THEN due_at ELSE :now END
WHERE held_at IS NOT NULL AND (CAST(:id AS BIGINT) IS NULL OR id = CAST(:id AS BIGINT));

-- name: held_delivery(id)^
-- A held delivery and the session of its review, if it has one.
SELECT d.id, d.kind, d.last_error, r.session_id
FROM deliveries AS d
LEFT JOIN reviews AS r ON r.id = d.review_id
WHERE d.id = :id AND d.held_at IS NOT NULL;

-- name: discard_held(id)!
-- Give up a held delivery. A card is sent again with the review's next change; a question that was left open stays open,
-- so Slack is searched first.
UPDATE deliveries SET wanted_version = shown_version, held_at = NULL, attempts = 0, last_error = 'discarded'
WHERE id = :id AND held_at IS NOT NULL;

-- name: held_by_cause()
-- The oldest held delivery of each channel and error. What the decision webhook did not accept waits for an operator.
SELECT min(id) AS id, channel, last_error FROM deliveries
WHERE held_at IS NOT NULL AND lane <> 'decisions'
GROUP BY channel, last_error;

-- name: resume_held(id, now)!
-- Try a held delivery again, not before an unresolved call has settled. The error stays, so the worker recognises it.
UPDATE deliveries
SET held_at = NULL, attempts = 0,
    due_at = CASE WHEN unresolved_since IS NOT NULL AND due_at > :now THEN due_at ELSE :now END
WHERE id = :id AND held_at IS NOT NULL;

-- name: resume_held_by_cause(channel, lane, last_error, now)!
-- Try everything again that is held with this error in this channel, or not posted yet in this lane.
UPDATE deliveries
SET held_at = NULL, attempts = 0,
    due_at = CASE WHEN unresolved_since IS NOT NULL AND due_at > :now THEN due_at ELSE :now END
WHERE held_at IS NOT NULL AND last_error = :last_error AND lane <> 'decisions'
  AND (coalesce(channel, '') = coalesce(CAST(:channel AS TEXT), '') OR (message_ts IS NULL AND lane = :lane));

-- name: repost_card(review_id, message_ts, now)!
-- Post a card again whose message is gone from Slack, if that message is still the newest known and no call is under way.
UPDATE deliveries
SET lane = 'post:' || (SELECT queue FROM reviews WHERE reviews.id = deliveries.review_id), replaced_ts = message_ts,
    message_ts = NULL, shown_version = 0, attempts = 0, held_at = NULL, due_at = :now,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END
WHERE review_id = :review_id AND kind = 'card' AND message_ts = :message_ts AND lease_token IS NULL;

-- name: cards_elsewhere(queue, channel, page)
-- The cards of a queue's reviews in progress that are in another channel than the queue's, and are not being updated.
SELECT d.review_id, d.channel, d.message_ts, r.session_id
FROM reviews AS r
JOIN deliveries AS d ON d.review_id = r.id AND d.kind = 'card'
WHERE r.queue = :queue AND r.status NOT IN ('decided', 'closed')
  AND d.message_ts IS NOT NULL AND d.channel <> :channel AND d.lease_token IS NULL
ORDER BY d.id
LIMIT :page;

-- name: held_cards_elsewhere(queue, channel, page)
-- The cards of a queue that are held in another channel than the queue's.
SELECT review_id, message_ts FROM deliveries
WHERE held_at IS NOT NULL AND kind = 'card' AND message_ts IS NOT NULL AND channel <> :channel AND lease_token IS NULL
  AND (SELECT queue FROM reviews WHERE reviews.id = deliveries.review_id) = :queue
ORDER BY id
LIMIT :page;

-- name: enqueue_former_card(review_id, unique_key, lane, channel, message_ts, now)!
-- The card's former message points to the new one.
INSERT INTO deliveries (
    kind, review_id, unique_key, lane, urgency, channel, arguments, message_ts, wanted_version, shown_version, wanted_at,
    due_at, attempts
)
VALUES ('former_card', :review_id, :unique_key, :lane, 1, :channel, '{}', :message_ts, 1, 0, :now, :now, 0)
ON CONFLICT (unique_key) WHERE unique_key IS NOT NULL DO UPDATE
SET wanted_version = deliveries.wanted_version + 1, wanted_at = excluded.wanted_at, due_at = excluded.due_at;

-- name: refresh_former_cards(review_id, now)!
-- The card moved on: what points to it must be updated.
UPDATE deliveries
SET wanted_version = wanted_version + 1,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE review_id = :review_id AND kind = 'former_card';

-- name: refresh_card(review_id, now)!
-- The card shows something that changed without a new version of the review.
UPDATE deliveries
SET is_stale = CASE WHEN lease_token IS NULL THEN is_stale ELSE 1 END,
    shown_version = CASE WHEN shown_version = wanted_version THEN wanted_version - 1 ELSE shown_version END,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE review_id = :review_id AND kind = 'card' AND message_ts IS NOT NULL;

-- name: replace_pending(arguments, review_id, prefix, recipient)!
-- A pending message of this kind to the same person says something newer.
UPDATE deliveries SET arguments = :arguments
WHERE review_id = :review_id AND substr(unique_key, 1, length(CAST(:prefix AS TEXT))) = CAST(:prefix AS TEXT)
  AND message_ts IS NULL AND shown_version < wanted_version AND coalesce(recipient, '') = coalesce(CAST(:recipient AS TEXT), '');

-- name: direct_messages_sent(review_id)
-- The direct messages about a review that its people have, or that are on their way.
SELECT id, arguments FROM deliveries
WHERE review_id = :review_id AND kind = 'direct_message'
  AND (message_ts IS NOT NULL OR lease_token IS NOT NULL OR unresolved_since IS NOT NULL)
ORDER BY id;

-- name: end_direct_message(arguments, now, id)!
-- It says something else from now on. A call that is under way has the version before.
UPDATE deliveries
SET arguments = :arguments, wanted_version = wanted_version + 1, held_at = NULL,
    wanted_at = CASE WHEN shown_version < wanted_version THEN wanted_at ELSE :now END,
    due_at = CASE WHEN shown_version < wanted_version THEN due_at ELSE :now END
WHERE id = :id;

-- name: pending_like(review_id, prefix)^
-- Whether a message of this kind about a review is pending.
SELECT count(*) AS found FROM deliveries
WHERE review_id = :review_id AND substr(unique_key, 1, length(CAST(:prefix AS TEXT))) = CAST(:prefix AS TEXT) AND shown_version < wanted_version;

-- name: send_directly(now, last_error, id, lease_token)!
-- The person cannot see an ephemeral message: they get a direct message instead.
UPDATE deliveries
SET kind = 'direct_message', lane = 'direct', channel = NULL, unique_key = 'answer:' || id, due_at = :now, attempts = 0,
    lease_token = NULL, unresolved_since = NULL, last_error = :last_error
WHERE id = :id AND lease_token = :lease_token;

-- name: alerts_since(prefix, after, since)^
-- How many alerts about a kind of problem were queued since a time. Their keys lie between the two in every collation.
SELECT count(*) AS found FROM deliveries
WHERE unique_key >= :prefix AND unique_key < :after AND kind = 'operations_notice' AND wanted_at >= :since;
