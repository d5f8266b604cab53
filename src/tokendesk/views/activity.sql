-- Assigns audit events to tokens, once per connection: a keystroke must not read the events.
-- CROSS JOIN: each event looks its token up; the other way round all tokens are read.
CREATE TEMP TABLE token_activity (id INTEGER NOT NULL, ip TEXT, product TEXT, last_at INTEGER NOT NULL);
INSERT INTO token_activity
SELECT t.id, nullif(e.ip, ''), nullif(e.product, ''), e.last_at
FROM history.event_use AS e CROSS JOIN main.token AS t ON t.token_id = e.token_id;

-- By label and owner if the log names no token, or names tokens by ids that are not in the list
-- (it is not documented that they are the same ids). If some ids match, the others belong to other tokens.
INSERT INTO token_activity
SELECT t.id, nullif(e.ip, ''), nullif(e.product, ''), e.last_at
FROM history.event_use AS e CROSS JOIN main.token AS t ON t.owner_id = e.actor_id AND t.label = e.token_label
WHERE e.token_label != '' AND (e.token_id = '' OR NOT EXISTS (
    SELECT 1 FROM history.event_use AS f JOIN main.token AS k ON k.token_id = f.token_id));

CREATE TEMP TABLE token_active (id INTEGER PRIMARY KEY, last_at INTEGER NOT NULL);
INSERT INTO token_active SELECT id, max(last_at) FROM token_activity GROUP BY id;
