-- What an instant sees of the signals s: they had happened and were known, and were not yet superseded. With as_seen,
-- only what this store itself had then.
s.at <= {as_of:DateTime64(3, 'UTC')} AND s.known_at <= {as_of:DateTime64(3, 'UTC')}
  AND (s.known_until > {as_of:DateTime64(3, 'UTC')} OR ({as_seen:Bool} AND s.closed_at > {as_of:DateTime64(3, 'UTC')}))
  AND (NOT {as_seen:Bool} OR s.stored_at <= {as_of:DateTime64(3, 'UTC')})
