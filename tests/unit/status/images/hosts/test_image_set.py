"""An image is in the set from its adding to its removal, whatever others do."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.status.images.hosts.image_set import ImageSet

IMAGES = st.tuples(st.sampled_from([UUID(int=1), UUID(int=2)]), st.sampled_from([0, 1, 255, 256, 2_000_000]))


@given(st.lists(IMAGES))
def test_each_image_comes_in_once_and_goes_again(steps: list[tuple[UUID, int]]) -> None:
    """One that is there is taken out by the next step that names it."""
    images, there = ImageSet(), set[tuple[UUID, int]]()
    for image in steps:
        assert images.add(*image) == (image not in there)
        if image in there:
            images.remove(*image)
        there ^= {image}
        assert len(images) == len(there)
    for image in there:
        images.remove(*image)
    assert images == ImageSet()
