"""The methods of whatever can be read."""

READ = ["GET", "HEAD"]
