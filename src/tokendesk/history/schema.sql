-- Observations over time, which the API does not keep. Rows are only inserted, except that old uses of a token are
-- deleted (compact.sql). Rows of a pull count once it is completed.
CREATE TABLE history (org_id TEXT);
CREATE TABLE pull (pull_id TEXT PRIMARY KEY, pulled_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE completed (pull_id TEXT PRIMARY KEY) WITHOUT ROWID;

CREATE TABLE observation (
    token_id TEXT NOT NULL,
    last_used INTEGER NOT NULL,
    pull_id TEXT NOT NULL,
    PRIMARY KEY (token_id, last_used, pull_id)
) WITHOUT ROWID;

CREATE TABLE change (
    id INTEGER PRIMARY KEY,
    pull_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    record TEXT NOT NULL,
    label TEXT,
    owner TEXT,
    email TEXT,
    before TEXT,
    after TEXT
);
CREATE INDEX change_by_record ON change (record);
