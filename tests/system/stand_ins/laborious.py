"""A service that needs three seconds of a core before it listens."""

import time

from tests.system.stand_ins.ready import serve

CPU_SECONDS = 3.0

if __name__ == "__main__":
    while time.process_time() < CPU_SECONDS:
        pass
    serve()
