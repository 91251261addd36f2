-- What was answered so far, in all partitions of image.done: always one row.
CREATE VIEW answered AS
SELECT coalesce(sum(images), 0)::bigint AS images, coalesce(sum(work_seconds), 0) AS work_seconds,
       coalesce(sum(succeeded), 0)::bigint AS succeeded, coalesce(sum(out_seconds), 0) AS out_seconds,
       extract(epoch FROM clock_timestamp())::double precision AS now
FROM answers;
