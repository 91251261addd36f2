-- How often each code stands among the failed images of a request's run: counted as they fail, because a million of
-- them cannot be counted whenever somebody asks.
ALTER TABLE requests ADD COLUMN failure_counts jsonb NOT NULL DEFAULT '{}';

CREATE FUNCTION counts_added(counts jsonb, more jsonb)
RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE WHEN more = '{}' THEN counts
            ELSE (SELECT jsonb_object_agg(code, images)
                  FROM (SELECT key AS code, sum(value::bigint) AS images
                        FROM (SELECT * FROM jsonb_each_text(counts) UNION ALL SELECT * FROM jsonb_each_text(more)) AS each_one
                        GROUP BY key) AS summed) END
$$;

UPDATE requests r
SET failure_counts = c.counts
FROM (SELECT request_id, run, jsonb_object_agg(code, images) AS counts
      FROM (SELECT request_id, run, code, count(*) AS images FROM images
            WHERE state = 'failed' AND code IS NOT NULL GROUP BY request_id, run, code) AS counted
      GROUP BY request_id, run) AS c
WHERE c.request_id = r.id AND c.run = r.run;

DROP INDEX images_failed;
