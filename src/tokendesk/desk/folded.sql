-- Folded from the entries, and made anew from them whenever this file changes (VERSION in entries.py).
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
