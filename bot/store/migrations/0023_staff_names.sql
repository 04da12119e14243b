-- Entries of the audit that record a person's name in Slack: the newest one of each person is looked up before an action.

CREATE INDEX audit_names ON audit (actor, id) WHERE action = 'record_name';
