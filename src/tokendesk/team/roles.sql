DO $$ BEGIN
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tokendesk_reader') THEN
        CREATE ROLE tokendesk_reader NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tokendesk_writer') THEN
        CREATE ROLE tokendesk_writer NOLOGIN;
    END IF;
END $$;
GRANT tokendesk_reader TO tokendesk_writer;
GRANT USAGE ON SCHEMA tokendesk TO tokendesk_reader;
GRANT SELECT ON tokendesk.meta, tokendesk.desk, tokendesk.entry TO tokendesk_reader;
GRANT INSERT (organization, id, desk, seq, body) ON tokendesk.entry TO tokendesk_writer;
