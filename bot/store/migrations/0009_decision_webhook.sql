-- The decision webhook: its deliveries of one review are sent in order, so each looks for an earlier one that is not
-- delivered yet. Only those are in the index.

CREATE INDEX deliveries_decisions ON deliveries (review_id, id)
    WHERE kind = 'decision_webhook' AND shown_version < wanted_version;
