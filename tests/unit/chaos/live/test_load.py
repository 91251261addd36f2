"""What shops upload and how a run is judged, as far as that is decided without Pixmill."""

import csv
import io
import random
from dataclasses import replace

from chaos.live.course.verdict import Verdict
from chaos.live.load.files import Files, as_csv
from chaos.live.load.hosts import Hosts
from chaos.live.load.natures import Nature
from chaos.live.load.pictures import Pictures

SERVE_WELL = {Nature.WELL, Nature.SLOW, Nature.CHANGING, Nature.LIMITED}
HOSTS = Hosts({nature: [f"http://{nature}"] for nature in Nature})


def nature_of(url: str) -> Nature:
    address = url.rpartition("/")[0]
    return next(nature for nature, all_of_it in HOSTS.addresses.items() if address in all_of_it)


def files(seed: int) -> Files:
    return Files(HOSTS, "anna", "anna-0", random.Random(seed))


def test_a_seed_gives_the_same_files_again() -> None:
    def made() -> list[tuple[tuple[str, ...], ...]]:
        shop = files(7)
        return [shop.small().products for _ in range(20)]

    assert made() == made()


def test_no_two_files_of_a_shop_have_a_name_or_an_image_in_common() -> None:
    shop = files(7)
    uploads = [shop.small() for _ in range(50)]
    assert len({upload.name for upload in uploads}) == 50
    urls = [url for upload in uploads for url in set(upload.urls)]
    assert len(urls) == len(set(urls))


def test_only_a_file_whose_hosts_serve_well_counts_as_small() -> None:
    shop = files(7)
    uploads = [shop.small() for _ in range(50)]
    small = {nature_of(url) for upload in uploads if upload.is_small for url in upload.urls}
    assert small <= SERVE_WELL
    assert {nature_of(url) for upload in uploads for url in upload.urls} == set(Nature)


def test_a_csv_holds_every_image_of_every_product() -> None:
    rows = list(csv.reader(io.StringIO(as_csv([["a", "b"], ["c"]]).decode())))
    assert [row[2].split(",") for row in rows[1:]] == [["a", "b"], ["c"]]


def test_no_two_names_have_the_same_picture() -> None:
    pictures = Pictures(1)
    assert len({pictures.named(f"{number}.jpg") for number in range(100)}) == 100


GOOD = Verdict(
    seed=1,
    seconds=60,
    faults={"status killed": 2},
    missed={},
    remarks=[],
    redeliveries={"posts made again": 1},
    requests=3,
    images=9,
    violations={},
)


def test_a_run_is_good_where_nothing_was_found_and_something_happened() -> None:
    assert GOOD.is_good
    assert not replace(GOOD, violations={"a promise": ["broken"]}).is_good
    assert not replace(GOOD, faults={}).is_good
    assert not replace(GOOD, redeliveries={"posts made again": 0}).is_good


def test_a_run_is_a_row_of_the_record() -> None:
    assert GOOD.row() == "| 1 | 60 | 3 / 9 | 2: status killed (2) | 1 posts made again | nothing |"
