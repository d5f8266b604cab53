-- Adds each new time of last use, of tokens and of other credentials; uses already seen by a completed pull are not written again.
INSERT INTO observation
SELECT n.token_id, n.last_used, :pull FROM new_use AS n
WHERE n.last_used IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM observation AS seen JOIN completed USING (pull_id)
    WHERE seen.token_id = n.token_id AND seen.last_used = n.last_used
);
