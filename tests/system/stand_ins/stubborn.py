"""A service that does not end on SIGTERM."""

import signal

from tests.system.stand_ins.ready import serve

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    serve()
