"""The object store behind one setting: a local folder or a bucket, sealed at rest by another one.

A store that cannot be reached is `Away`; an object that a working store refuses is `Refused`; one that
is not there is `Missing`. Nothing here knows what the objects mean.
"""

from shared.outcomes import Refused
from shared.store.opening import local_folder, open_store
from shared.store.port import Missing, Object, Store, Tampered, Writer

__all__ = ["Missing", "Object", "Refused", "Store", "Tampered", "Writer", "local_folder", "open_store"]
