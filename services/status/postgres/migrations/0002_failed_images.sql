-- How often each code stands among a request's failures, without walking all its images.
CREATE INDEX images_failed ON images (request_id, run, code) WHERE state = 'failed';
