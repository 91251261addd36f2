"""Records as JSON, CSV and workbooks (pure). It knows neither HTTP nor Postgres nor the store."""
