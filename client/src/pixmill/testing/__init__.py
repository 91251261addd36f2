"""A stand-in for Pixmill in the tests of programs that use it: no Kafka, no database, no image is fetched.

with FakePixmill() as server, Client(server.url) as client: ...
"""

from pixmill.testing.fake import FakePixmill as FakePixmill
from pixmill.testing.world import FakeUpload as FakeUpload

__all__ = ["FakePixmill", "FakeUpload"]
