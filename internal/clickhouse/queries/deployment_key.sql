-- The name of the deployment's key, '' before the first import. Two first imports at once may have told one each.
SELECT argMin(name, (stored_at, name)) FROM deployment_key
