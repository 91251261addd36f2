-- transactional: false
-- The indexes of 0012. Each takes minutes where there are many images, and the version before goes on meanwhile: so
-- they are made beside its work, and what a broken attempt left is removed first.
DROP INDEX CONCURRENTLY IF EXISTS images_repeats_left;
CREATE INDEX CONCURRENTLY images_repeats_left ON images (request_id, ordinal) WHERE repeats_from IS NOT NULL;
-- A step goes along a first image's repeats in their order.
DROP INDEX CONCURRENTLY IF EXISTS images_repeats_in_order;
CREATE INDEX CONCURRENTLY images_repeats_in_order ON images (request_id, same_as, ordinal) WHERE same_as IS NOT NULL;
DROP INDEX CONCURRENTLY IF EXISTS images_repeats;
