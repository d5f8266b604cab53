-- Folded from the entries, and rebuilt whenever this file changes (VERSION in file.py).

-- Which entry writes which field of which subject: avoids a scan of all entries to find those of one token.
CREATE TABLE written (
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    time TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    value TEXT,
    PRIMARY KEY (about, subject, name, time, entry_id)
) WITHOUT ROWID;

-- Entries whose real time of writing differs from their time, or that name entries that they overrule.
CREATE TABLE dated (entry_id TEXT PRIMARY KEY, written TEXT, over TEXT) WITHOUT ROWID;

-- Undos, by the entry that they undo.
CREATE TABLE undoing (entry_id TEXT NOT NULL, undo_id TEXT NOT NULL, PRIMARY KEY (entry_id, undo_id)) WITHOUT ROWID;

-- Entries about the clocks of desks, also those that were undone.
CREATE TABLE clock (
    entry_id TEXT PRIMARY KEY,
    desk_id TEXT NOT NULL,
    first INTEGER NOT NULL,
    since TEXT NOT NULL,
    ahead REAL NOT NULL
) WITHOUT ROWID;

-- The entries of each run.
CREATE TABLE run_entry (
    run_id TEXT NOT NULL,
    time TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    PRIMARY KEY (run_id, time, entry_id)
) WITHOUT ROWID;

-- This computer's clock compared with the server's; measured at each pull.
CREATE TABLE own_clock (one INTEGER PRIMARY KEY CHECK (one = 1), ahead REAL NOT NULL, at TEXT NOT NULL);

CREATE TABLE field (
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    desk_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (about, subject, name)
) WITHOUT ROWID;

CREATE TABLE note (
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    purpose TEXT,
    contact TEXT,
    decision TEXT,
    target TEXT,
    review_by TEXT,
    remarks TEXT,
    asked_on TEXT,
    reply_by TEXT,
    answer TEXT,
    replaces TEXT,
    renewal TEXT,
    tags TEXT,
    folded TEXT NOT NULL,
    changed TEXT NOT NULL,
    author TEXT NOT NULL,
    PRIMARY KEY (about, subject)
) WITHOUT ROWID;

CREATE TABLE note_tag (
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    tag TEXT NOT NULL,
    folded TEXT NOT NULL,
    PRIMARY KEY (about, subject, tag)
) WITHOUT ROWID;

CREATE TABLE policy_fact (
    policy_id TEXT PRIMARY KEY,
    name TEXT,
    tokens TEXT,
    tokens_said TEXT,
    remarks TEXT,
    folded TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE goal (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    policy_id TEXT,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    desk_id TEXT NOT NULL,
    sequence INTEGER NOT NULL
);

-- Runs and the outcomes of their rows. Times (…_at, ended) sort as entries do: by time, desk, sequence.
CREATE TABLE run (
    run_id TEXT PRIMARY KEY,
    desk_id TEXT,
    kind TEXT,
    author TEXT,
    began TEXT,
    digest TEXT,
    key_words TEXT,
    undoes TEXT,
    quarantine_until TEXT,
    planned INTEGER,
    refused INTEGER,
    there INTEGER,
    state TEXT,
    words TEXT,
    ended TEXT,
    quarantine_ended TEXT,
    quarantine_how TEXT
) WITHOUT ROWID;

CREATE TABLE run_row (
    run_id TEXT NOT NULL,
    record TEXT NOT NULL,
    account_id TEXT,
    name TEXT,
    email TEXT,
    label TEXT,
    from_id TEXT,
    to_id TEXT,
    planned TEXT,
    batch INTEGER,
    before_id TEXT,
    intended TEXT,
    outcome TEXT,
    reason TEXT,
    outcome_found TEXT,
    outcome_at TEXT,
    found_id TEXT,
    verified_at TEXT,
    PRIMARY KEY (run_id, record)
) WITHOUT ROWID;
CREATE INDEX run_row_by_account ON run_row (account_id);
CREATE INDEX run_row_by_record ON run_row (record);

CREATE TABLE run_batch (
    run_id TEXT NOT NULL,
    batch INTEGER NOT NULL,
    to_id TEXT,
    intended TEXT,
    task_id TEXT,
    accepted TEXT,
    PRIMARY KEY (run_id, batch)
) WITHOUT ROWID;

-- Why an interrupted run could not be recovered. `at` sorts as entries do: by time, desk, sequence.
CREATE TABLE run_aside (
    run_id TEXT PRIMARY KEY,
    why TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;

-- The policies of users, according to runs: `state` is seen (checked afterwards), moved (reported by Atlassian) or
-- under way (still in the old policy, as far as known).
CREATE TABLE moved (
    account_id TEXT PRIMARY KEY,
    policy_id TEXT,
    before_id TEXT,
    to_id TEXT,
    state TEXT NOT NULL,
    run_id TEXT NOT NULL,
    at TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE revoked (
    token_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    account_id TEXT,
    label TEXT,
    at TEXT NOT NULL
) WITHOUT ROWID;
