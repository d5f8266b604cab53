-- Of a token whose use this pull saw, only the latest :uses are kept: a rhythm is found in half as many.
DELETE FROM observation
WHERE token_id IN (
    SELECT n.token_id FROM new.token AS n JOIN observation AS seen
        ON seen.token_id = n.token_id AND seen.last_used = n.last_used AND seen.pull_id = :pull
) AND last_used < (
    SELECT o.last_used FROM observation AS o JOIN completed USING (pull_id)
    WHERE o.token_id = observation.token_id ORDER BY o.last_used DESC LIMIT 1 OFFSET :uses - 1
);
