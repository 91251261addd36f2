"""The tests are tested: what must not be is put into a copy of the code, and the live run must find it."""
