-- Other ways in than users' tokens: API keys, service accounts with their tokens, OAuth clients.
-- account: the row of the service account it belongs to; maker: the user who made it, if that is a managed one.
-- tells_end, tells_use, tells_scopes: whether any credential of its kind has that: then one without has none.
-- A service account was last used when one of its tokens or clients was, and tells nothing of itself.
CREATE TABLE credential (
    id INTEGER PRIMARY KEY,
    record TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    credential_id TEXT NOT NULL,
    name TEXT NOT NULL,
    email TEXT,
    description TEXT,
    account_id TEXT,
    account INTEGER REFERENCES credential (id),
    account_name TEXT,
    other_id TEXT,
    maker_id TEXT,
    maker INTEGER REFERENCES user (id),
    maker_name TEXT,
    maker_email TEXT,
    maker_state TEXT,
    created INTEGER,
    created_text TEXT,
    ends INTEGER,
    ends_text TEXT,
    last_used INTEGER,
    last_used_text TEXT,
    scopes TEXT,
    status TEXT,
    extra TEXT,
    name_folded TEXT NOT NULL,
    words_folded TEXT NOT NULL,
    tokens INTEGER NOT NULL DEFAULT 0,
    clients INTEGER NOT NULL DEFAULT 0,
    tells_end INTEGER NOT NULL,
    tells_use INTEGER NOT NULL,
    tells_scopes INTEGER NOT NULL
);
-- The lists they come from. problem: why it is not complete; read_at: when it was last read to its end, as ISO 8601: of
-- one that could not be read, the entries of that time are kept.
CREATE TABLE credential_list (
    name TEXT PRIMARY KEY, kind TEXT NOT NULL, title TEXT NOT NULL, problem TEXT, read_at TEXT
) WITHOUT ROWID;
