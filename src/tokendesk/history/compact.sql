-- Keeps only the latest :uses of each token whose use this pull saw: a rhythm needs half as many.
CREATE TEMP TABLE kept_from AS
SELECT n.token_id, (
    SELECT o.last_used FROM observation AS o JOIN completed USING (pull_id)
    WHERE o.token_id = n.token_id ORDER BY o.last_used DESC LIMIT 1 OFFSET :uses - 1) AS last_used
FROM new_use AS n JOIN observation AS seen
    ON seen.token_id = n.token_id AND seen.last_used = n.last_used AND seen.pull_id = :pull;
DELETE FROM observation WHERE (token_id, last_used, pull_id) IN (
    SELECT o.token_id, o.last_used, o.pull_id FROM kept_from AS k CROSS JOIN observation AS o
    WHERE o.token_id = k.token_id AND o.last_used < k.last_used
);
