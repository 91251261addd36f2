"""What `pixmill doctor` looks at, step by step. It changes nothing, here or on the server."""
