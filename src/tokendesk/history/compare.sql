-- Compares the previous snapshot (old) with its replacement (new).
-- Tables of our own changes since: ours_revoked (token_id), ours_moved (account_id, to_id);
-- and of users in quarantine: ours_quarantined (account_id, until, to_id).
-- Named parameters: pull, at (time of the new pull), since (time of the old pull), idle (seconds of a long idle time).
CREATE TEMP VIEW new_token AS SELECT * FROM new.token;
CREATE TEMP VIEW old_token AS SELECT * FROM old.token;

-- created; or back, after pulls without it (before: the time of the first of them)
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, iif(known, 'reappeared', 'created'), 'token', token_id, label, owner, email, missed, created_text
FROM (
    SELECT n.*,
        EXISTS (SELECT 1 FROM observation AS s JOIN completed USING (pull_id) WHERE s.token_id = n.token_id)
            OR EXISTS (SELECT 1 FROM change AS c JOIN completed USING (pull_id) WHERE c.record = n.token_id) AS known,
        (SELECT max(c.at) FROM change AS c JOIN completed USING (pull_id)
            WHERE c.record = n.token_id AND c.kind IN ('gone', 'expired', 'revoked')) AS missed
    FROM new_token AS n WHERE n.token_id NOT IN (SELECT token_id FROM old.token)
);

-- revoked by us, expired, or gone for an unknown reason
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at,
    CASE WHEN o.token_id IN (SELECT token_id FROM ours_revoked) THEN 'revoked' WHEN o.expires <= :at THEN 'expired' ELSE 'gone' END,
    'token', o.token_id, o.label, o.owner, o.email, o.expires_text, NULL
FROM old_token AS o WHERE o.token_id NOT IN (SELECT token_id FROM new.token);

-- used again after a long idle time: it was idle at the previous pull. The time between the two uses is no proof:
-- if pulls are rare, it is long for every token in daily use.
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'used-again', 'token', n.token_id, n.label, n.owner, n.email, coalesce(o.last_used, o.created), n.last_used
FROM new_token AS n JOIN old.token AS o USING (token_id)
WHERE n.last_used IS NOT o.last_used AND min(n.last_used, :since) - coalesce(o.last_used, o.created) > :idle;

-- relabelled
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'relabelled', 'token', n.token_id, n.label, n.owner, n.email, o.label, n.label
FROM new_token AS n JOIN old.token AS o USING (token_id) WHERE n.label IS NOT o.label;

-- scopes changed, if both pulls received them: otherwise the first pull with scopes would list every token.
-- Their order does not matter.
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'scopes', 'token', n.token_id, n.label, n.owner, n.email, o.scopes, n.scopes
FROM new_token AS n JOIN old.token AS o USING (token_id)
WHERE n.scopes != o.scopes
    AND (SELECT json_group_array(value) FROM (SELECT value FROM json_each(n.scopes) ORDER BY value))
        != (SELECT json_group_array(value) FROM (SELECT value FROM json_each(o.scopes) ORDER BY value));

-- expiry changed: the time, not its text
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'expiry', 'token', n.token_id, n.label, n.owner, n.email, o.expires_text, n.expires_text
FROM new_token AS n JOIN old.token AS o USING (token_id) WHERE n.expires IS NOT o.expires AND n.expires_text IS NOT o.expires_text;

-- status changed
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'status', 'token', n.token_id, n.label, n.owner, n.email, o.status, n.status
FROM new_token AS n JOIN old.token AS o USING (token_id) WHERE n.status IS NOT o.status;

-- used although it was blocked at the previous pull already. A use may be listed late: it counts if it was after the
-- pull that first saw the token blocked, or after the previous pull if no pull saw the change.
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'used-while-blocked', 'token', n.token_id, n.label, n.owner, n.email, NULL, n.last_used
FROM new_token AS n JOIN old.token AS o USING (token_id)
WHERE n.status = 'BLOCKED' AND o.status = 'BLOCKED' AND n.last_used IS NOT o.last_used
    AND n.last_used > coalesce((
        SELECT max(c.at) FROM change AS c JOIN completed USING (pull_id)
        WHERE c.record = n.token_id AND c.kind = 'status' AND c.after = 'BLOCKED'), :since);

-- users: only those who own tokens
CREATE TEMP VIEW user_state AS
SELECT n.account_id, n.name, n.email, n.account_status = 'inactive' OR n.status = 'deactivated' OR n.account_status = 'closed' AS off_now,
    o.account_status = 'inactive' OR o.status = 'deactivated' OR o.account_status = 'closed' AS off_before
FROM new.user AS n JOIN old.user AS o USING (account_id) WHERE n.tokens OR o.tokens;
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, iif(off_now, 'deactivated', 'reactivated'), 'user', account_id, name, name, email, NULL, NULL
FROM user_state WHERE coalesce(off_now, 0) != coalesce(off_before, 0);
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'user-gone', 'user', o.account_id, o.name, o.name, o.email, NULL, NULL
FROM old.user AS o WHERE o.tokens AND o.account_id NOT IN (SELECT account_id FROM new.user);

INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'user-back', 'user', n.account_id, n.name, n.name, n.email, NULL, NULL
FROM new.user AS n WHERE n.tokens AND n.account_id NOT IN (SELECT account_id FROM old.user) AND EXISTS (
    SELECT 1 FROM change AS c JOIN completed USING (pull_id) WHERE c.record = n.account_id AND c.kind = 'user-gone');

-- moved between policies, by us or not, if both pulls knew the policies
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at,
    iif(EXISTS (SELECT 1 FROM ours_moved AS m WHERE m.account_id = n.account_id AND m.to_id = pn.policy_id), 'moved-by-us', 'moved'),
    'user', n.account_id, n.name, n.name, n.email, po.policy_id, pn.policy_id
FROM new.user AS n JOIN old.user AS o USING (account_id)
JOIN new.policy AS pn ON pn.id = n.policy JOIN old.policy AS po ON po.id = o.policy
WHERE pn.policy_id != po.policy_id;

-- the end of a quarantine is reached: listed once for each user still in it. Only an admin's answer ends it.
INSERT INTO change (pull_id, at, kind, subject, record, label, owner, email, before, after)
SELECT :pull, :at, 'quarantine-due', 'user', n.account_id, n.name, n.name, n.email, q.until, NULL
FROM ours_quarantined AS q JOIN new.user AS n USING (account_id)
WHERE q.until <= date(:at, 'unixepoch', 'localtime')
AND NOT EXISTS (SELECT 1 FROM new.policy AS p WHERE p.id = n.policy AND p.policy_id != q.to_id) AND NOT EXISTS (
    SELECT 1 FROM change AS c JOIN completed USING (pull_id)
    WHERE c.record = q.account_id AND c.kind = 'quarantine-due' AND c.before = q.until);
