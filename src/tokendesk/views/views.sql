-- The rows of each pane, joined from Atlassian's data (main) and the desk's notes (desk).
-- Filters query these views, so an unused column must cost nothing: use a scalar subquery, or an outer join by a
-- complete unique key to account_id or token_id, which the narrow indexes of the snapshot (finish.sql) contain.
-- A join to a join, or by anything else, makes every filter read the wide rows.
CREATE TEMP VIEW policy_name AS
SELECT p.id, p.policy_id, coalesce(f.name, p.api_name) AS known,
    coalesce(f.name, p.api_name, 'Policy ' || substr(p.policy_id, 1, 4) || '…') AS name,
    iif(f.tokens IN ('allowed', 'blocked'), f.tokens, NULL) AS setting, f.tokens_said AS setting_said, f.remarks, p.users, p.tokens,
    (SELECT w.author FROM desk.field AS w WHERE w.about = 'policy' AND w.subject = f.policy_id AND w.name = 'tokens') AS setting_author
FROM main.policy AS p LEFT JOIN desk.policy_fact AS f ON f.policy_id = p.policy_id
UNION ALL
SELECT -(SELECT count(*) FROM desk.policy_fact AS g WHERE g.policy_id <= f.policy_id), f.policy_id, f.name,
    coalesce(f.name, 'Policy ' || substr(f.policy_id, 1, 4) || '…'), iif(f.tokens IN ('allowed', 'blocked'), f.tokens, NULL), f.tokens_said, f.remarks, 0, 0,
    (SELECT w.author FROM desk.field AS w WHERE w.about = 'policy' AND w.subject = f.policy_id AND w.name = 'tokens')
FROM desk.policy_fact AS f WHERE f.policy_id NOT IN (SELECT policy_id FROM main.policy)
UNION ALL
SELECT s.id, s.policy_id, NULL, 'Policy ' || substr(s.policy_id, 1, 4) || '…', NULL, NULL, NULL, 0, 0, NULL
FROM temp.seen_policy AS s;

-- Changes by runs since the pull (pending_changes.py) override policy and status. Without any, they cost nothing: the
-- counts are evaluated once, not for each row.
CREATE TEMP VIEW user_row AS
SELECT r.*,
    (SELECT p.policy_id FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_id,
    (SELECT p.known FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_known,
    (SELECT p.name FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_name,
    (SELECT p.setting FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_setting
FROM (
SELECT u.id, u.account_id, u.name, u.email, u.job_title, u.department, u.org_admin,
    CASE WHEN (SELECT count(*) FROM temp.revoked_of)
        THEN u.tokens - coalesce((SELECT g.tokens FROM temp.revoked_of AS g WHERE g.user = u.id), 0) ELSE u.tokens
    END AS tokens,
    CASE WHEN (SELECT count(*) FROM temp.revoked_of) AND u.id IN (SELECT user FROM temp.revoked_of)
        THEN (SELECT max(k.last_used) FROM main.token AS k
            WHERE k.user = u.id AND k.id NOT IN (SELECT token FROM temp.revoked_now)) ELSE u.token_used
    END AS token_used,
    u.name_folded, u.email_folded, u.title_folded, u.department_folded,
    u.state AS status, u.account_type, u.claim_status, u.last_active, u.last_active_text, u.added_text,
    u.deactivated_text, u.extra,
    (SELECT a.roles FROM temp.user_access AS a WHERE a.id = u.id) AS roles,
    (SELECT a.products FROM temp.user_access AS a WHERE a.id = u.id) AS products,
    (SELECT a.product_uses FROM temp.user_access AS a WHERE a.id = u.id) AS product_uses,
    (SELECT a.groups FROM temp.user_access AS a WHERE a.id = u.id) AS groups,
    CASE WHEN (SELECT count(*) FROM temp.moved_now)
        THEN coalesce((SELECT m.policy FROM temp.moved_now AS m WHERE m.user = u.id), u.policy) ELSE u.policy
    END AS policy,
    (SELECT m.words FROM temp.moved_now AS m WHERE m.user = u.id) AS policy_moving,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    (SELECT pn.name FROM temp.policy_name AS pn WHERE pn.policy_id = n.target) AS target_name,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.renewal AS renewal_noted, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author
FROM main.user AS u
LEFT JOIN desk.note AS n ON n.about = 'user' AND n.subject = u.account_id
) AS r;

-- The owner's columns that filters use are in the token's own row; the owner's row is read for display only.
CREATE TEMP VIEW token_row AS
SELECT r.*,
    (SELECT p.policy_id FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_id,
    (SELECT p.known FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_known,
    (SELECT p.name FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_name,
    (SELECT p.setting FROM temp.policy_name AS p WHERE p.id = r.policy) AS policy_setting
FROM (
SELECT t.id, t.token_id, t.label,
    CASE WHEN (SELECT count(*) FROM temp.revoked_now) AND t.id IN (SELECT token FROM temp.revoked_now)
        THEN 'REVOKED'
        WHEN (SELECT count(*) FROM temp.moved_now) AND t.user IN (SELECT user FROM temp.moved_now WHERE policy IS NOT was)
        THEN NULL ELSE t.status
    END AS status,
    t.created, t.created_text, t.expires, t.expires_text,
    t.last_used, t.last_used_text, t.owner_id, t.scopes, t.extra, t.user,
    t.owner, t.email, t.label_folded, t.owner_folded, t.email_folded,
    t.owner_state AS owner_status, t.owner_active,
    CASE WHEN (SELECT count(*) FROM temp.revoked_of)
        THEN t.owner_tokens - coalesce((SELECT g.tokens FROM temp.revoked_of AS g WHERE g.user = t.user), 0)
        ELSE t.owner_tokens
    END AS owner_tokens,
    (SELECT u.job_title FROM main.user AS u WHERE u.id = t.user) AS job_title,
    (SELECT u.department FROM main.user AS u WHERE u.id = t.user) AS department,
    (SELECT u.title_folded FROM main.user AS u WHERE u.id = t.user) AS title_folded,
    (SELECT u.department_folded FROM main.user AS u WHERE u.id = t.user) AS department_folded,
    (SELECT u.org_admin FROM main.user AS u WHERE u.id = t.user) AS org_admin,
    (SELECT a.roles FROM temp.user_access AS a WHERE a.id = t.user) AS owner_roles,
    (SELECT a.products FROM temp.user_access AS a WHERE a.id = t.user) AS owner_products,
    CASE WHEN (SELECT count(*) FROM temp.moved_now)
        THEN coalesce((SELECT m.policy FROM temp.moved_now AS m WHERE m.user = t.user), t.policy) ELSE t.policy
    END AS policy,
    (SELECT m.words FROM temp.moved_now AS m WHERE m.user = t.user) AS policy_moving,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    (SELECT pn.name FROM temp.policy_name AS pn WHERE pn.policy_id = n.target) AS target_name,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.renewal AS renewal_noted, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author,
    CASE WHEN (SELECT count(*) FROM temp.quarantined)
        THEN (SELECT min(q.until) FROM temp.quarantined AS q WHERE q.account_id = t.owner_id)
    END AS quarantine,
    coalesce((SELECT h.cadence FROM history.rhythm AS h WHERE h.token_id = t.token_id), 'unknown') AS rhythm,
    (SELECT a.last_at FROM temp.token_active AS a WHERE a.id = t.id) AS activity
FROM main.token AS t
LEFT JOIN desk.note AS n ON n.about = 'token' AND n.subject = t.token_id
) AS r;

-- Tokens whose owner was moved, or that were revoked, since the pull count as neither allowed nor blocked: their status
-- is unknown or has changed. CROSS JOIN: look up the few that runs changed.
CREATE TEMP VIEW untold AS
SELECT t.policy, t.status FROM temp.moved_now AS m CROSS JOIN main.token AS t ON t.user = m.user
WHERE m.policy IS NOT m.was
UNION ALL
SELECT t.policy, t.status FROM temp.revoked_now AS g CROSS JOIN main.token AS t ON t.id = g.token
WHERE NOT EXISTS (SELECT 1 FROM temp.moved_now AS m WHERE m.user = t.user AND m.policy IS NOT m.was);

CREATE TEMP VIEW policy_row AS
SELECT p.id, p.policy_id, p.known, p.name, p.setting, p.setting_said, p.setting_author, p.remarks,
    p.users + (SELECT coalesce(sum((m.policy IS p.id) - (m.was IS p.id)), 0) FROM temp.moved_now AS m) AS users,
    p.tokens
        - (SELECT count(*) FROM temp.revoked_now AS g CROSS JOIN main.token AS t ON t.id = g.token WHERE t.policy = p.id)
        + (SELECT coalesce(sum(m.tokens * ((m.policy IS p.id) - (m.was IS p.id))), 0) FROM temp.moved_now AS m) AS tokens,
    (SELECT count(*) FROM main.token AS t WHERE t.policy = p.id AND t.status = 'ALLOWED')
        - (SELECT count(*) FROM temp.untold AS o WHERE o.policy = p.id AND o.status = 'ALLOWED') AS allowed,
    (SELECT count(*) FROM main.token AS t WHERE t.policy = p.id AND t.status = 'BLOCKED')
        - (SELECT count(*) FROM temp.untold AS o WHERE o.policy = p.id AND o.status = 'BLOCKED') AS blocked,
    (SELECT max(t.last_used) FROM main.token AS t
        WHERE t.policy = p.id AND t.id NOT IN (SELECT token FROM temp.revoked_now)) AS last_used
FROM temp.policy_name AS p;

CREATE TEMP VIEW change_row AS
SELECT c.id, CAST(c.id AS TEXT) AS change_id, c.at, c.kind, c.subject, c.record, c.label, c.owner, c.email, c.before, c.after,
    (SELECT name FROM temp.policy_name AS p WHERE c.kind IN ('moved', 'moved-by-us') AND p.policy_id = c.before) AS before_policy,
    (SELECT name FROM temp.policy_name AS p WHERE c.kind IN ('moved', 'moved-by-us') AND p.policy_id = c.after) AS after_policy,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    (SELECT pn.name FROM temp.policy_name AS pn WHERE pn.policy_id = n.target) AS target_name,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.renewal AS renewal_noted, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author
FROM history.change AS c JOIN history.completed AS d USING (pull_id)
LEFT JOIN desk.note AS n ON n.about = c.subject AND n.subject = c.record;

CREATE TEMP VIEW credential_row AS
SELECT c.id, c.record, c.kind, c.credential_id, c.name, c.email, c.description, c.account_id, c.account, c.account_name,
    coalesce(c.account_name, c.maker_name) AS whose, c.other_id, c.maker_id, c.maker, c.maker_name, c.maker_email, c.maker_state, c.created, c.created_text, c.ends, c.ends_text,
    c.last_used, c.last_used_text, c.scopes, c.status, c.extra, c.name_folded, c.words_folded, c.tokens, c.clients,
    c.tells_end, c.tells_use, c.tells_scopes,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    NULL AS target_name,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.renewal AS renewal_noted, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author
FROM credential AS c
LEFT JOIN desk.note AS n ON n.about = 'credential' AND n.subject = c.record;
