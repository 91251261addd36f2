"""Records as JSON and CSV (pure). It knows neither HTTP nor Postgres nor the store."""
