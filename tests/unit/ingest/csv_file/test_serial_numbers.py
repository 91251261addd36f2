"""A serial number is remembered, whichever way it is kept."""

from hypothesis import given
from hypothesis import strategies as st

from services.ingest.csv_file.serial_numbers import SerialNumbers


@given(st.lists(st.one_of(st.integers(0, 50), st.integers(0, 2**24 + 5), st.integers(10**14, 10**14 + 5))))
def test_a_serial_number_is_new_once(numbers: list[int]) -> None:
    remembered, seen = SerialNumbers(), set[int]()
    for number in numbers:
        assert remembered.add(number) == (number not in seen)
        seen.add(number)
