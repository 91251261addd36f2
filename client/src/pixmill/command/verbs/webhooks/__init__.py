"""`pixmill listen` and `pixmill trigger`: both ends of a webhook, for trying."""
