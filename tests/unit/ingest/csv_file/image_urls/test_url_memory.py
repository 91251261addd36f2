"""A repeated address is known for as long as a file may be; the memory for it has an end."""

from services.ingest.csv_file.image_urls.memory import UrlMemory


def test_more_than_half_a_million_addresses_are_all_known_again() -> None:
    """R24"""
    count = 600_000
    memory = UrlMemory(file_bytes=count * len("https://img.example/1.jpg,"))
    urls = [f"https://img.example/{number}" for number in range(count)]
    for first in (0, count):
        for start in range(0, count, 1_000):
            uses = memory.first_uses(urls[start : start + 1_000], first + start)
            assert list(uses) == list(range(start, start + 1_000))


def test_beyond_its_slots_it_forgets_new_addresses_and_keeps_the_old() -> None:
    memory = UrlMemory(file_bytes=10**9, most_slots=1024)
    urls = list(map(str, range(2000)))
    assert list(memory.first_uses(urls, 0)) == list(range(2000))
    assert list(memory.first_uses(urls[:768], 5000)) == list(range(768))
    assert list(memory.first_uses(["1999"], 9000)) == [9000]


def test_the_shortest_addresses_a_file_can_hold_fit() -> None:
    shortest = "http://a.b,"
    memory = UrlMemory(file_bytes=100_000 * len(shortest))
    urls = list(map(str, range(100_000)))
    memory.first_uses(urls, 0)
    assert list(memory.first_uses(urls, 200_000)) == list(range(100_000))


def test_what_no_longer_stays_as_it_is_is_known_by_its_digest() -> None:
    """R24"""
    memory = UrlMemory(file_bytes=10**6, plain_bytes=10_000)
    urls = [f"https://img.example/{number}" for number in range(1_000)]
    for again in (0, 1_000):
        for start in range(0, 1_000, 10):
            uses = memory.first_uses(urls[start : start + 10], again + start)
            assert list(uses) == list(range(start, start + 10))
    assert list(memory.first_uses(urls[:1], 5_000)) == [0]
