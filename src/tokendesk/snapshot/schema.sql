-- What Atlassian said at one moment. Moments are kept twice: as sent (…_text) and as epoch seconds in UTC.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    policy_id TEXT NOT NULL UNIQUE,
    api_name TEXT,
    users INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE user (
    id INTEGER PRIMARY KEY,
    account_id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    email TEXT,
    account_type TEXT,
    account_status TEXT,
    status TEXT,
    membership_status TEXT,
    claim_status TEXT,
    job_title TEXT,
    department TEXT,
    org_admin INTEGER,
    last_active INTEGER,
    last_active_text TEXT,
    added_text TEXT,
    deactivated_text TEXT,
    extra TEXT,
    folded TEXT NOT NULL,
    policy INTEGER REFERENCES policy (id),
    tokens INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE token (
    id INTEGER PRIMARY KEY,
    token_id TEXT NOT NULL UNIQUE,
    label TEXT NOT NULL,
    status TEXT,
    created INTEGER,
    created_text TEXT,
    expires INTEGER,
    expires_text TEXT,
    last_used INTEGER,
    last_used_text TEXT,
    owner_id TEXT,
    owner_name TEXT,
    owner_email TEXT,
    scopes TEXT,
    extra TEXT,
    folded TEXT NOT NULL DEFAULT '',
    user INTEGER REFERENCES user (id)
);

CREATE TABLE membership (account_id TEXT PRIMARY KEY, policy_id TEXT, policy_name TEXT) WITHOUT ROWID;
