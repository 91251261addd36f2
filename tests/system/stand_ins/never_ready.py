"""A service that runs and never gets ready, and says what it misses."""

import sys

from tests.system.stand_ins.ready import ReadyHandler, serve

if __name__ == "__main__":
    sys.stderr.write("waiting for a shoe\n")
    sys.stderr.flush()
    ReadyHandler.status = 503
    ReadyHandler.body = b'{"reasons": {"shoe": "no room for the left one"}}'
    serve()
