-- Decisions and actions. Entries are only added, never changed; this part of the format is fixed.
CREATE TABLE desk (desk_id TEXT NOT NULL, org_id TEXT);

CREATE TABLE entry (
    entry_id TEXT PRIMARY KEY,
    desk_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    time TEXT NOT NULL,
    author TEXT NOT NULL,
    kind TEXT NOT NULL,
    payload TEXT NOT NULL
) WITHOUT ROWID;
-- Not unique: a desk that was copied and used twice has two entries with one sequence number, and both are kept.
CREATE INDEX entry_by_desk ON entry (desk_id, sequence);

-- Entries with this desk's own id that came back from a file.
CREATE TABLE returned (entry_id TEXT PRIMARY KEY) WITHOUT ROWID;
