"""The HTTP methods by which something is read."""

READ = ["GET", "HEAD"]
