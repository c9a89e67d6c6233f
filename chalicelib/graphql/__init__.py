"""GraphQL over the routes: every field that fetches something is a call of the declared route."""
