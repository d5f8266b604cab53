-- Once all rows are there: joins, counts, indexes and the search indexes, none of which change afterwards.
INSERT INTO policy (policy_id, api_name)
    SELECT policy_id, max(policy_name) FROM membership WHERE policy_id IS NOT NULL GROUP BY policy_id ORDER BY count(*) DESC;
UPDATE user SET policy = p.id FROM membership AS m JOIN policy AS p ON p.policy_id = m.policy_id
    WHERE m.account_id = user.account_id;
UPDATE token SET user = u.id FROM user AS u WHERE u.account_id = token.owner_id;
UPDATE token SET folded = fold(token.label || char(10) || coalesce(u.name, token.owner_name, '') || char(10)
        || coalesce(u.email, token.owner_email, ''))
    FROM token AS t LEFT JOIN user AS u ON u.id = t.user WHERE t.id = token.id;
UPDATE user SET tokens = n FROM (SELECT user AS owner, count(*) AS n FROM token GROUP BY user) WHERE owner = user.id;
UPDATE policy SET users = n, tokens = t
    FROM (SELECT policy AS p, count(*) AS n, sum(tokens) AS t FROM user GROUP BY policy) WHERE p = policy.id;
CREATE INDEX user_by_policy ON user (policy);
CREATE INDEX token_by_user ON token (user);
CREATE INDEX token_by_last_used ON token (last_used);
CREATE VIRTUAL TABLE user_search USING fts5 (folded, content='user', content_rowid='id', tokenize="trigram case_sensitive 1");
INSERT INTO user_search (user_search) VALUES ('rebuild');
CREATE VIRTUAL TABLE token_search USING fts5 (folded, content='token', content_rowid='id', tokenize="trigram case_sensitive 1");
INSERT INTO token_search (token_search) VALUES ('rebuild');
DROP TABLE membership;
ANALYZE;
