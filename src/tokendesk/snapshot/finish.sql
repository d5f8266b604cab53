-- Sorts, joins, counts and indexes the rows once all have arrived; nothing changes afterwards.
-- Named parameters: asked_only (leave out users whose policy was not asked for yet); with_credentials (their lists were
-- read to the end, as far as that is possible).
INSERT INTO policy (policy_id, api_name)
    SELECT policy_id, max(policy_name) FROM membership WHERE policy_id IS NOT NULL GROUP BY policy_id ORDER BY count(*) DESC;

-- In the order of the users pane: most tokens first, then by name.
INSERT INTO user
    SELECT NULL, a.account_id, a.name, a.email, a.account_type, a.account_status, a.status, a.membership_status,
        a.claim_status, a.job_title, a.department, a.org_admin, a.last_active, a.last_active_text, a.added_text,
        a.deactivated_text,
        -- The reason for an unknown policy is stored with the user's other data.
        iif(m.problem IS NULL, a.extra, json_set(coalesce(a.extra, '{}'), '$.policyProblem', m.problem)), fold(a.name) AS name_folded, fold(a.email),
        fold(a.job_title), fold(a.department),
        CASE
            WHEN a.account_status = 'closed' THEN 'closed'
            WHEN a.account_status = 'inactive' OR a.status = 'deactivated' THEN 'deactivated'
            WHEN a.status = 'for_deletion' THEN 'for_deletion'
            WHEN 'suspended' IN (a.status, a.membership_status) THEN 'suspended'
            ELSE coalesce(a.account_status, a.status)
        END,
        p.id, coalesce(t.tokens, 0) AS tokens, t.last_used, m.read_at, a.roles, a.products, a.product_uses, a.groups
    FROM arrived_user AS a
    LEFT JOIN membership AS m ON m.account_id = a.account_id
    LEFT JOIN policy AS p ON p.policy_id = m.policy_id
    LEFT JOIN (SELECT owner_id, count(*) AS tokens, max(last_used) AS last_used FROM arrived_token GROUP BY owner_id) AS t
        ON t.owner_id = a.account_id
    WHERE m.account_id IS NOT NULL OR NOT :asked_only
    ORDER BY tokens DESC, nullif(name_folded, '') NULLS LAST, a.id;

-- In the order of the tokens pane: last used first, never used last. Includes the owner's columns that filters use.
INSERT INTO token
    SELECT NULL, a.token_id, a.label, a.status, a.created, a.created_text, a.expires, a.expires_text,
        a.last_used, a.last_used_text, a.owner_id, a.owner_name, a.owner_email, a.scopes, a.extra, fold(a.label),
        u.id, coalesce(u.name, a.owner_name), coalesce(u.email, a.owner_email),
        coalesce(u.name_folded, fold(a.owner_name)), coalesce(u.email_folded, fold(a.owner_email)),
        u.state, u.last_active, u.tokens, u.policy
    FROM arrived_token AS a LEFT JOIN user AS u ON u.account_id = a.owner_id
    ORDER BY a.last_used DESC, a.id;

-- In the order of the credentials pane: what ends first, then by name.
INSERT INTO main.credential
    SELECT NULL, c.record, c.kind, c.credential_id, c.name, c.email, c.description, c.account_id, NULL, c.account_name,
        c.other_id, c.maker_id, u.id, coalesce(u.name, c.maker_name), coalesce(u.email, c.maker_email), u.state,
        c.created, c.created_text, c.ends, c.ends_text, c.last_used, c.last_used_text, c.scopes, c.status, c.extra,
        fold(c.name) AS name_folded, '', 0, 0, k.tells_end, k.tells_use AND c.kind != 'service-account', k.tells_scopes
    FROM work.arrived_credential AS c
    LEFT JOIN user AS u ON u.account_id = c.maker_id
    JOIN (SELECT kind, max(ends IS NOT NULL) AS tells_end, max(last_used IS NOT NULL) AS tells_use,
            max(coalesce(scopes, '[]') != '[]') AS tells_scopes
        FROM work.arrived_credential GROUP BY kind) AS k ON k.kind = c.kind
    WHERE :with_credentials
    ORDER BY c.ends NULLS LAST, name_folded, c.id;
CREATE INDEX credential_by_id ON credential (kind, credential_id);
CREATE INDEX credential_by_other ON credential (kind, other_id);
UPDATE credential SET account = coalesce(
    (SELECT a.id FROM credential AS a WHERE a.kind = 'service-account' AND a.credential_id = credential.account_id),
    (SELECT a.id FROM credential AS a WHERE a.kind = 'service-account' AND a.other_id = credential.account_id))
    WHERE kind IN ('service-token', 'oauth-client') AND account_id IS NOT NULL;
UPDATE credential SET (account_id, account_name) = (SELECT a.credential_id, a.name FROM credential AS a
    WHERE a.id = credential.account) WHERE account IS NOT NULL;
CREATE INDEX credential_by_account ON credential (account, kind, last_used);
CREATE INDEX credential_by_maker ON credential (maker);
UPDATE credential SET
    tokens = (SELECT count(*) FROM credential AS t WHERE t.account = credential.id AND t.kind = 'service-token'),
    clients = (SELECT count(*) FROM credential AS t WHERE t.account = credential.id AND t.kind = 'oauth-client'),
    last_used = coalesce(last_used, (SELECT max(t.last_used) FROM credential AS t WHERE t.account = credential.id))
    WHERE kind = 'service-account';
UPDATE credential SET words_folded = fold(name || char(10) || coalesce(email, '') || char(10)
    || coalesce(account_name, '') || char(10) || coalesce(maker_name, '') || char(10) || coalesce(maker_email, '')
    || char(10) || coalesce(description, ''));
INSERT INTO credential_list SELECT * FROM work.credential_list WHERE :with_credentials;

UPDATE policy SET users = n, tokens = t
    FROM (SELECT policy AS p, count(*) AS n, sum(tokens) AS t FROM user GROUP BY policy) WHERE p = policy.id;

-- Narrow copies of the most used columns, in row order: a condition reads only these few bytes of each row.
-- They include the record's own id, by which notes are joined (views.sql).
CREATE INDEX user_facts ON user (id, account_id, tokens, state, policy, last_active, token_used, org_admin);
CREATE INDEX user_words ON user (id, account_id, name_folded, email_folded);
CREATE INDEX user_work ON user (id, title_folded, department_folded);
-- There are few different lists: filters read each list once and look up its users.
CREATE INDEX user_roles ON user (roles);
CREATE INDEX user_products ON user (products);
CREATE INDEX token_facts ON token (
    id, token_id, last_used, status, expires, created, user, policy, owner_state, owner_active, owner_tokens
);
CREATE INDEX token_words ON token (id, token_id, label_folded, owner_folded, email_folded);
CREATE INDEX token_by_user ON token (user);
CREATE INDEX token_by_policy ON token (policy, status, last_used);
CREATE VIRTUAL TABLE user_search USING fts5 (
    name_folded, email_folded, content='user', content_rowid='id', tokenize="trigram case_sensitive 1"
);
INSERT INTO user_search (user_search) VALUES ('rebuild');
CREATE VIRTUAL TABLE token_search USING fts5 (
    label_folded, owner_folded, email_folded, content='token', content_rowid='id', tokenize="trigram case_sensitive 1"
);
INSERT INTO token_search (token_search) VALUES ('rebuild');
ANALYZE main;
