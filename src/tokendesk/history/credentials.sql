-- Compares the credentials of the previous snapshot (old) with those of its replacement (new). A list that was not read
-- now keeps its former entries, so nothing of it has changed. Kinds are left out of which a list is read for the first
-- time: what it has is not new.
-- Named parameters: as for compare.sql.
CREATE TEMP TABLE told_kind AS
SELECT DISTINCT kind FROM new.credential_list
WHERE kind IN (SELECT kind FROM old.credential_list) AND kind NOT IN (
    SELECT n.kind FROM new.credential_list AS n LEFT JOIN old.credential_list AS o USING (name)
    WHERE n.read_at IS NOT NULL AND o.read_at IS NULL);
CREATE TEMP VIEW new_credential AS
SELECT *, coalesce(account_name, maker_name) AS whose FROM new.credential WHERE kind IN (SELECT kind FROM told_kind);
CREATE TEMP VIEW old_credential AS
SELECT *, coalesce(account_name, maker_name) AS whose FROM old.credential WHERE kind IN (SELECT kind FROM told_kind);

-- created; or back, after pulls without it (before: the time of the first of them)
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, iif(missed IS NULL, 'created', 'reappeared'), 'credential', record, name, whose, maker_email, missed, created_text
FROM (
    SELECT n.*, (SELECT max(c.at) FROM change AS c JOIN completed USING (pull_id)
        WHERE c.record = n.record AND c.kind IN ('gone', 'expired')) AS missed
    FROM new_credential AS n WHERE n.record NOT IN (SELECT record FROM old_credential)
);

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, iif(o.ends <= :at, 'expired', 'gone'), 'credential', o.record, o.name, o.whose, o.maker_email, o.ends_text, NULL
FROM old_credential AS o WHERE o.record NOT IN (SELECT record FROM new_credential);

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'used-again', 'credential', n.record, n.name, n.whose, n.maker_email, coalesce(o.last_used, o.created), n.last_used
FROM new_credential AS n JOIN old_credential AS o USING (record)
WHERE n.kind != 'service-account' AND n.last_used IS NOT o.last_used AND min(n.last_used, :since) - coalesce(o.last_used, o.created) > :idle;

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'relabelled', 'credential', n.record, n.name, n.whose, n.maker_email, o.name, n.name
FROM new_credential AS n JOIN old_credential AS o USING (record) WHERE n.name != o.name AND n.name != '' AND o.name != '';

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'scopes', 'credential', n.record, n.name, n.whose, n.maker_email, o.scopes, n.scopes
FROM new_credential AS n JOIN old_credential AS o USING (record)
WHERE n.scopes != o.scopes
    AND (SELECT json_group_array(value) FROM (SELECT value FROM json_each(n.scopes) ORDER BY value))
        != (SELECT json_group_array(value) FROM (SELECT value FROM json_each(o.scopes) ORDER BY value));

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'expiry', 'credential', n.record, n.name, n.whose, n.maker_email, o.ends_text, n.ends_text
FROM new_credential AS n JOIN old_credential AS o USING (record)
WHERE n.ends != o.ends AND n.ends_text != o.ends_text;

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'status', 'credential', n.record, n.name, n.whose, n.maker_email, o.status, n.status
FROM new_credential AS n JOIN old_credential AS o USING (record) WHERE lower(n.status) != lower(o.status);
