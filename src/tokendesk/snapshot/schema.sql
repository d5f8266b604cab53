-- Atlassian's data at one time. Times are stored twice: as sent (…_text) and as epoch seconds in UTC.
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;

CREATE TABLE policy (
    id INTEGER PRIMARY KEY,
    policy_id TEXT NOT NULL UNIQUE,
    api_name TEXT,
    users INTEGER NOT NULL DEFAULT 0,
    tokens INTEGER NOT NULL DEFAULT 0
);

-- Row ids of users and tokens follow the default order of the panes (finish.sql): a query in that order needs no
-- sorting and stops at the first page. Texts are stored twice, as sent and folded for searches.
-- read_at: when the policy was asked for, in the format of the desk's times; NULL if it was not.
-- roles, products, groups: JSON lists of texts; product_uses: JSON object, product -> last use as sent, or null.
-- They are NULL if Atlassian did not tell them; an empty list means none.
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
    name_folded TEXT NOT NULL,
    email_folded TEXT,
    title_folded TEXT,
    department_folded TEXT,
    state TEXT,
    policy INTEGER REFERENCES policy (id),
    tokens INTEGER NOT NULL DEFAULT 0,
    token_used INTEGER,
    read_at TEXT,
    roles TEXT,
    products TEXT,
    product_uses TEXT,
    groups TEXT
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
    label_folded TEXT NOT NULL,
    user INTEGER REFERENCES user (id),
    owner TEXT,
    email TEXT,
    owner_folded TEXT,
    email_folded TEXT,
    owner_state TEXT,
    owner_active INTEGER,
    owner_tokens INTEGER,
    policy INTEGER
);
