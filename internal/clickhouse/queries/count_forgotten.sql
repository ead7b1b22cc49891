-- How many matters were removed on request after an instant.
SELECT count() FROM forgotten WHERE at > {after:DateTime64(3, 'UTC')}
