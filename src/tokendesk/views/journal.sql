-- One row for each run. Its id is its position among the runs by time.
CREATE TEMP VIEW journal_row AS
SELECT n.id, r.run_id, CASE WHEN r.undoes IS NOT NULL THEN 'undo' ELSE r.kind END AS kind, r.author,
    CAST(strftime('%s', r.began) AS INTEGER) AS began, CAST(strftime('%s', substr(r.ended, 1, 27)) AS INTEGER) AS ended,
    coalesce(r.state, 'unfinished') AS state, r.words, r.undoes, r.digest, r.key_words, r.desk_id,
    r.desk_id = (SELECT desk_id FROM desk.desk) AS ours,
    r.planned, r.there, r.refused,
    (SELECT group_concat(DISTINCT coalesce(p.name, b.to_id)) FROM desk.run_row AS b
        LEFT JOIN temp.policy_name AS p ON p.policy_id = b.to_id
        WHERE b.run_id = r.run_id AND b.planned = 'do') AS target,
    (SELECT group_concat(DISTINCT coalesce(p.known, b.to_id)) FROM desk.run_row AS b
        LEFT JOIN temp.policy_name AS p ON p.policy_id = b.to_id
        WHERE b.run_id = r.run_id AND b.planned = 'do') AS target_known,
    (SELECT count(*) FROM desk.run_row AS b
        WHERE b.run_id = r.run_id AND b.outcome IN ('moved', 'revoked', 'gone')) AS good,
    (SELECT count(*) FROM desk.run_row AS b
        WHERE b.run_id = r.run_id AND b.planned = 'do' AND b.outcome NOT IN ('moved', 'revoked', 'gone', 'unknown', 'unchecked')) AS bad,
    (SELECT count(*) FROM desk.run_row AS b
        WHERE b.run_id = r.run_id AND b.planned = 'do'
            AND (b.outcome IN ('unknown', 'unchecked') OR (b.outcome IS NULL AND b.intended IS NOT NULL))) AS unsure,
    (SELECT count(*) FROM desk.run_row AS b
        WHERE b.run_id = r.run_id AND b.outcome = 'moved' AND b.found_id = b.to_id) AS verified,
    (SELECT count(*) FROM desk.run_row AS b
        WHERE b.run_id = r.run_id AND b.outcome = 'moved' AND b.found_id != b.to_id) AS differs,
    r.quarantine_until, CAST(strftime('%s', substr(r.quarantine_ended, 1, 27)) AS INTEGER) AS quarantine_ended,
    r.quarantine_how, iif(r.quarantine_ended IS NULL, r.quarantine_until, NULL) AS quarantine,
    u.undone_by
-- The positions and the undos of all runs are found at once: one by one, each would read all runs.
FROM (SELECT e.run_id, row_number() OVER (ORDER BY e.began, e.run_id) AS id FROM desk.run AS e
        WHERE e.kind IS NOT NULL) AS n
JOIN desk.run AS r ON r.run_id = n.run_id
LEFT JOIN (SELECT e.undoes, max(e.run_id) AS undone_by FROM desk.run AS e
        WHERE e.undoes IS NOT NULL AND EXISTS (
            SELECT 1 FROM desk.run_row AS b WHERE b.run_id = e.run_id AND b.outcome = 'moved')
        GROUP BY e.undoes) AS u ON u.undoes = r.run_id;

-- The users in quarantine: moved there by the run, and still there as far as runs and later pulls show.
CREATE TEMP VIEW quarantined AS
SELECT m.account_id, r.run_id, r.quarantine_until AS until, b.outcome_at
FROM desk.run AS r
CROSS JOIN desk.run_row AS b ON b.run_id = r.run_id  -- few runs have a quarantine: the rows of all others are not read
JOIN desk.moved AS m ON m.account_id = b.account_id AND m.run_id = r.run_id AND m.policy_id = m.to_id
WHERE r.quarantine_until IS NOT NULL AND r.quarantine_ended IS NULL AND b.outcome = 'moved'
    AND NOT EXISTS (
        SELECT 1 FROM main.user AS u
        JOIN temp.policy_name AS p ON p.id = coalesce(
            (SELECT n.policy FROM temp.moved_now AS n WHERE n.user = u.id), u.policy)
        WHERE u.account_id = m.account_id AND p.policy_id != m.to_id);
