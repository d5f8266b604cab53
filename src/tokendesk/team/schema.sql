-- Entries of all desks. They are only appended: triggers refuse everything else, for the owner of the tables as well.
CREATE SCHEMA IF NOT EXISTS tokendesk;

CREATE TABLE IF NOT EXISTS tokendesk.meta (version integer NOT NULL);
INSERT INTO tokendesk.meta SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM tokendesk.meta);

-- The role that a desk's id belongs to, and what there is of the desk.
CREATE TABLE IF NOT EXISTS tokendesk.desk (
    organization text NOT NULL,
    desk text NOT NULL,
    written_by name NOT NULL,
    last bigint NOT NULL DEFAULT 0,
    entries bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (organization, desk)
);

CREATE TABLE IF NOT EXISTS tokendesk.entry (
    organization text NOT NULL CHECK (length(organization) <= 200),
    id text NOT NULL CHECK (id ~ '^[0-9a-f]{64}$'),
    desk text NOT NULL CHECK (length(desk) BETWEEN 1 AND 200),
    seq bigint NOT NULL CHECK (seq >= 1),
    body text NOT NULL CHECK (octet_length(body) <= 101711872),
    written_by name NOT NULL DEFAULT session_user,
    PRIMARY KEY (organization, id)
);
-- Not unique: a desk that was copied and used twice has two entries with one sequence number, and both are kept.
CREATE INDEX IF NOT EXISTS entry_by_desk ON tokendesk.entry (organization, desk, seq);

CREATE OR REPLACE FUNCTION tokendesk.claim_desk() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    owner name;
BEGIN
    NEW.written_by := session_user;
    INSERT INTO tokendesk.desk (organization, desk, written_by)
    VALUES (NEW.organization, NEW.desk, session_user) ON CONFLICT DO NOTHING;
    SELECT d.written_by INTO owner FROM tokendesk.desk AS d
    WHERE d.organization = NEW.organization AND d.desk = NEW.desk;
    IF owner <> session_user THEN
        RAISE EXCEPTION USING ERRCODE = 'TD001', MESSAGE = owner;
    END IF;
    RETURN NEW;
END $$;

CREATE OR REPLACE FUNCTION tokendesk.count_entries() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE tokendesk.desk AS d SET last = greatest(d.last, n.last), entries = d.entries + n.entries
    FROM (SELECT organization, desk, max(seq) AS last, count(*) AS entries FROM added GROUP BY 1, 2) AS n
    WHERE d.organization = n.organization AND d.desk = n.desk;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION tokendesk.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'TD002', MESSAGE = 'Entries are only appended.';
END $$;

CREATE OR REPLACE TRIGGER claim_desk BEFORE INSERT ON tokendesk.entry
FOR EACH ROW EXECUTE FUNCTION tokendesk.claim_desk();
CREATE OR REPLACE TRIGGER count_entries AFTER INSERT ON tokendesk.entry REFERENCING NEW TABLE AS added
FOR EACH STATEMENT EXECUTE FUNCTION tokendesk.count_entries();
CREATE OR REPLACE TRIGGER refuse_change BEFORE UPDATE OR DELETE OR TRUNCATE ON tokendesk.entry
FOR EACH STATEMENT EXECUTE FUNCTION tokendesk.refuse_change();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA tokendesk FROM PUBLIC;
