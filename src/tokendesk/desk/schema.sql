-- What we decided and did. Entries are only ever added; everything below them is folded from them.
CREATE TABLE desk (desk_id TEXT NOT NULL, org_id TEXT);

CREATE TABLE entry (
    entry_id TEXT PRIMARY KEY,
    desk_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL,
    UNIQUE (desk_id, sequence)
) WITHOUT ROWID;

CREATE TABLE note_field (
    about TEXT NOT NULL,
    subject TEXT NOT NULL,
    field TEXT NOT NULL,
    value TEXT,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    desk_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (about, subject, field)
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
