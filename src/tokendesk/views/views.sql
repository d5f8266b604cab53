-- The rows of each pane, joined over what Atlassian said (main) and what was decided (desk).
CREATE TEMP VIEW policy_name AS
SELECT p.id, p.policy_id, coalesce(f.name, p.api_name) AS known,
    coalesce(f.name, p.api_name, 'Policy ' || substr(p.policy_id, 1, 4) || '…') AS name,
    f.tokens AS setting, f.tokens_said AS setting_said, f.remarks, p.users, p.tokens
FROM main.policy AS p LEFT JOIN desk.policy_fact AS f ON f.policy_id = p.policy_id
UNION ALL
SELECT -(SELECT count(*) FROM desk.policy_fact AS g WHERE g.policy_id <= f.policy_id), f.policy_id, f.name,
    coalesce(f.name, 'Policy ' || substr(f.policy_id, 1, 4) || '…'), f.tokens, f.tokens_said, f.remarks, 0, 0
FROM desk.policy_fact AS f WHERE f.policy_id NOT IN (SELECT policy_id FROM main.policy);

CREATE TEMP VIEW user_row AS
SELECT u.id, u.account_id, u.name, u.email, u.job_title, u.department, u.org_admin, u.tokens, u.folded,
    CASE
        WHEN u.account_status = 'closed' THEN 'closed'
        WHEN u.account_status = 'inactive' OR u.status = 'deactivated' THEN 'deactivated'
        WHEN u.status = 'for_deletion' THEN 'for_deletion'
        WHEN 'suspended' IN (u.status, u.membership_status) THEN 'suspended'
        ELSE coalesce(u.account_status, u.status)
    END AS status,
    u.account_type, u.claim_status, u.last_active, u.last_active_text, u.added_text, u.deactivated_text, u.extra,
    u.policy, p.policy_id, coalesce(f.name, p.api_name) AS policy_known,
    coalesce(f.name, p.api_name, 'Policy ' || substr(p.policy_id, 1, 4) || '…') AS policy_name,
    f.tokens AS policy_setting,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author,
    (SELECT max(t.last_used) FROM main.token AS t WHERE t.user = u.id) AS token_used
FROM main.user AS u
LEFT JOIN main.policy AS p ON p.id = u.policy
LEFT JOIN desk.policy_fact AS f ON f.policy_id = p.policy_id
LEFT JOIN desk.note AS n ON n.about = 'user' AND n.subject = u.account_id;

-- The owner is joined from the tables and not from user_row: a view inside an outer join is built whole each time.
CREATE TEMP VIEW token_row AS
SELECT t.id, t.token_id, t.label, t.status, t.created, t.created_text, t.expires, t.expires_text,
    t.last_used, t.last_used_text, t.owner_id, t.scopes, t.extra, t.folded, t.user,
    coalesce(u.name, t.owner_name) AS owner, coalesce(u.email, t.owner_email) AS email,
    iif(u.id, substr(u.folded, 1, instr(u.folded, char(10)) - 1), fold(t.owner_name)) AS owner_folded,
    iif(u.id, substr(u.folded, instr(u.folded, char(10)) + 1), fold(t.owner_email)) AS email_folded,
    CASE
        WHEN u.account_status = 'closed' THEN 'closed'
        WHEN u.account_status = 'inactive' OR u.status = 'deactivated' THEN 'deactivated'
        WHEN u.status = 'for_deletion' THEN 'for_deletion'
        WHEN 'suspended' IN (u.status, u.membership_status) THEN 'suspended'
        ELSE coalesce(u.account_status, u.status)
    END AS owner_status,
    u.last_active AS owner_active, u.job_title, u.department, u.org_admin, u.tokens AS owner_tokens,
    u.policy, p.policy_id, coalesce(f.name, p.api_name) AS policy_known,
    coalesce(f.name, p.api_name, 'Policy ' || substr(p.policy_id, 1, 4) || '…') AS policy_name,
    f.tokens AS policy_setting,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author,
    coalesce((SELECT h.cadence FROM history.rhythm AS h WHERE h.token_id = t.token_id), 'unknown') AS rhythm,
    (SELECT a.last_at FROM temp.token_active AS a WHERE a.id = t.id) AS activity
FROM main.token AS t
LEFT JOIN main.user AS u ON u.id = t.user
LEFT JOIN main.policy AS p ON p.id = u.policy
LEFT JOIN desk.policy_fact AS f ON f.policy_id = p.policy_id
LEFT JOIN desk.note AS n ON n.about = 'token' AND n.subject = t.token_id;

CREATE TEMP VIEW policy_row AS
SELECT p.*,
    (SELECT count(*) FROM main.token AS t JOIN main.user AS u ON u.id = t.user
        WHERE u.policy = p.id AND t.status = 'ALLOWED') AS allowed,
    (SELECT count(*) FROM main.token AS t JOIN main.user AS u ON u.id = t.user
        WHERE u.policy = p.id AND t.status = 'BLOCKED') AS blocked,
    (SELECT max(t.last_used) FROM main.token AS t JOIN main.user AS u ON u.id = t.user
        WHERE u.policy = p.id) AS last_used
FROM temp.policy_name AS p;

CREATE TEMP VIEW change_row AS
SELECT c.id, CAST(c.id AS TEXT) AS change_id, c.at, c.kind, c.subject, c.record, c.label, c.owner, c.email, c.before, c.after,
    (SELECT name FROM temp.policy_name AS p WHERE p.policy_id = c.before) AS before_policy,
    (SELECT name FROM temp.policy_name AS p WHERE p.policy_id = c.after) AS after_policy,
    n.purpose, n.contact, coalesce(n.decision, 'undecided') AS decision, n.target, n.review_by, n.remarks, n.tags,
    n.asked_on, n.reply_by, n.answer, n.replaces, n.folded AS note_folded, n.changed AS note_changed, n.author AS note_author
FROM history.change AS c JOIN history.completed AS d USING (pull_id)
LEFT JOIN desk.note AS n ON n.about = c.subject AND n.subject = c.record;
