"""A service that does not like its settings."""

import sys

if __name__ == "__main__":
    sys.stderr.write("wrong setting SHOE_SIZE: must be a number\n")
    sys.exit(78)
