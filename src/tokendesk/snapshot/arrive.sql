-- What arrived of a pull, page by page, until it is complete.
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
CREATE TABLE arrived_user (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL UNIQUE, name, email, account_type, account_status, status,
    membership_status, claim_status, job_title, department, org_admin, last_active, last_active_text, added_text,
    deactivated_text, extra, roles, products, product_uses, groups
);
CREATE TABLE arrived_token (
    id INTEGER PRIMARY KEY, token_id TEXT NOT NULL UNIQUE, label, status, created, created_text, expires, expires_text,
    last_used, last_used_text, owner_id, owner_name, owner_email, scopes, extra
);
CREATE TABLE membership (
    account_id TEXT PRIMARY KEY, policy_id TEXT, policy_name TEXT, problem TEXT, read_at TEXT
) WITHOUT ROWID;
CREATE TABLE arrived_credential (
    id INTEGER PRIMARY KEY, record TEXT NOT NULL UNIQUE, kind, credential_id, name, email, description, account_id,
    account_name, other_id, maker_id, maker_name, maker_email, created, created_text, ends, ends_text, last_used,
    last_used_text, scopes, status, extra
);
CREATE TABLE credential_list (
    name TEXT PRIMARY KEY, kind TEXT, title TEXT, problem TEXT, read_at TEXT
) WITHOUT ROWID;
