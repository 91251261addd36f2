"""What the API reads from Postgres and the store. It writes nothing and knows no HTTP."""
