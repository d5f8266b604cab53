-- From format 2 on: audited actions with API tokens, and results from them and from the observations.
CREATE TABLE event (
    event_id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    action TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    token_id TEXT NOT NULL,
    token_label TEXT NOT NULL,
    ip TEXT NOT NULL,
    products TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX event_by_token ON event (token_id, at);
CREATE INDEX event_by_label ON event (actor_id, token_label, at);

-- Where to continue reading the log. It was read without a gap from `since` to `reached`. One row.
CREATE TABLE event_cursor (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    cursor TEXT,
    since INTEGER,
    reached INTEGER,
    asked_at INTEGER NOT NULL,
    problem TEXT
);
CREATE TABLE event_action (action TEXT PRIMARY KEY, name TEXT NOT NULL) WITHOUT ROWID;

-- Aggregated, so that a filter need not read every event. The empty text means no value.
CREATE TABLE event_use (
    token_id TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    token_label TEXT NOT NULL,
    ip TEXT NOT NULL,
    product TEXT NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (token_id, actor_id, token_label, ip, product)
) WITHOUT ROWID;

-- The rhythm of each token as of the last pull; recomputed from the observations and events.
CREATE TABLE rhythm (
    token_id TEXT PRIMARY KEY,
    cadence TEXT NOT NULL,
    next_at INTEGER
) WITHOUT ROWID;
