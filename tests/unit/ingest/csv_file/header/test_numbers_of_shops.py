"""Which column of an export numbers its rows, and which holds the codes of articles."""

import pytest

from services.ingest.csv_file.header.column_choice import ColumnChoice
from services.ingest.csv_file.verdicts import UnreadableCsv
from tests.worlds.files.read_exports import NUMBERED, A, B, read, told, warned


@pytest.mark.parametrize(
    ("text", "serial_numbers"),
    [
        (f"SKU,Product Name,Image\n7,Chair,{A}\n9,Lamp,{B}\n", ["7", "9"]),
        (f"Item No.,Title,Image\n700,Chair,{A}\n900,Lamp,{B}\n", ["700", "900"]),
        (f"SKU,Product Name,Input Image Urls\nC-1,Chair,{A}\nL-1,Lamp,{B}\n", ["1", "2"]),
        (f"Item No.,Product Name,Input Image Urls\n70,Chair,{A}\n90,Lamp,{B}\n", ["70", "90"]),
        (f"ID,Title,Image\n7,Chair,{A}\nx,Lamp,{B}\n9,Vase,{B}\n", ["7", "2", "9"]),
        (f"SKU,Image\nC-1,{A}\nL-1,{B}\n", ["1", "2"]),
        (f"SKU,Image\n100,{A}\n200,{B}\n", ["100", "200"]),
        (f"Nº,Nombre,Imagen\n4,Silla,{A}\n", ["4"]),
        (f"№,Наименование,Фото\n4,Стул,{A}\n", ["4"]),
        (f"Title,Image\nChair,{A}\nLamp,{B}\n", ["1", "2"]),
        (f"No.,Image\n5,{A}\n6,{B}\n", ["5", "6"]),
    ],
)
def test_a_number_of_the_shops_own_is_the_serial_number_where_it_is_whole(
    text: str, serial_numbers: list[str]
) -> None:
    """R30"""
    judged, lines = read(text)
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == serial_numbers


@pytest.mark.parametrize("name", ["No.", "Nr", "Number", "Nummer", "Numéro", "Номер", "Nro"])
@pytest.mark.parametrize(
    "codes",
    [
        ("1896-S", "70000", "LS-75"),
        ("10-1", "10-2", "10-3"),
        ("10/1", "10/2", "7"),
        ("1001 A", "1001 B", "7"),
    ],
)
def test_a_column_of_numbers_that_holds_codes_of_articles_numbers_no_rows(
    name: str, codes: tuple[str, ...]
) -> None:
    """R30: each row was refused, as of Business Central, which calls the codes of its articles No."""
    one, two, three = codes
    judged, lines = read(f"{name},Title,Image\n{one},Chair,{A}\n{two},Lamp,{B}\n{three},Vase,{B}\n")
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == ["1", "2", "3"]
    assert "rows_numbered" in warned(judged)


@pytest.mark.parametrize(
    ("text", "serial_numbers"),
    [
        (f"Nr,Ssz,Title,Image\nA-1,7,Chair,{A}\nB-2,9,Lamp,{B}\n", ["7", "9"]),
        (f"No,SKU,Title,Image\nA-1,7,Chair,{A}\nB-2,9,Lamp,{B}\n", ["7", "9"]),
        (f"Ssz,Megnevezés,Kép\n7,Szék,{A}\n9,Lámpa,{B}\n", ["7", "9"]),
        (f"Nro,Nimi,Kuva\n7,Tuoli,{A}\n9,Lamppu,{B}\n", ["7", "9"]),
    ],
)
def test_the_column_that_holds_whole_numbers_numbers_the_rows(text: str, serial_numbers: list[str]) -> None:
    """R30"""
    judged, lines = read(text)
    assert judged.errors == ()
    assert [line["serial_number"] for line in lines] == serial_numbers


@pytest.mark.parametrize(
    "text",
    [
        f"Serial Number,Title,Image\nA-1,Chair,{A}\nB-2,Lamp,{B}\n",
        f"No,Title,Image\n1,Chair,{A}\nB-2,Lamp,{B}\n",
        f"No,Title,Image\nNo. 1,Chair,{A}\nNo. 2,Lamp,{B}\n",
        f"No,Title,Image\n1E+12,Chair,{A}\n2E+12,Lamp,{B}\n",
    ],
)
def test_a_list_of_numbers_is_still_held_to_them(text: str) -> None:
    """R03"""
    assert {error.code for error in read(text)[0].errors} == {"invalid_serial_number"}


def test_a_caller_may_say_that_codes_are_the_numbers() -> None:
    """R03: then he is told what is wrong with them."""
    choice = ColumnChoice("Number", "Title", ("Image",))
    judged, _ = read(f"Number,Title,Image\nA-1,Chair,{A}\n", choice)
    assert [error.code for error in judged.errors] == ["invalid_serial_number"]


@pytest.mark.parametrize("number", ["Number", "Item No."])
def test_a_name_alone_is_missing_beside_codes_of_articles(number: str) -> None:
    """R30: a serial number was said to be missing, too."""
    with pytest.raises(UnreadableCsv) as verdict:
        read(f"{number},Input Image Urls\nA-1,{A}\nB-2,{B}\n")
    assert [error.column for error in verdict.value.errors] == ["Product Name"]


def test_our_own_header_without_serial_numbers_has_its_rows_numbered_and_says_so() -> None:
    """R30"""
    judged, lines = read(f"Product Name,Input Image Urls\nChair,{A}\nLamp,{B}\n")
    assert told(lines) == [("1", "Chair", ("1.jpg",)), ("2", "Lamp", ("2.jpg",))]
    assert warned(judged) == {"rows_numbered": f"{NUMBERED}: 2 rows, the first of them row 2."}


def test_a_column_of_taxes_numbers_no_rows() -> None:
    """R30: a file of Hindi was refused for 18%, or numbered by it."""
    _, lines = read(f"उत्पाद का नाम,कर,चित्र\nChair,18%,{A}\nLamp,5,{B}\n")
    assert told(lines) == [("1", "Chair", ("1.jpg",)), ("2", "Lamp", ("2.jpg",))]


@pytest.mark.parametrize("number", ["Artikel", "Produkt", "Товар"])
@pytest.mark.parametrize("name", ["Materialkurztext", "Bezeichnung", "Title"])
def test_beside_a_column_of_names_one_called_product_may_hold_numbers(number: str, name: str) -> None:
    """R30"""
    _, lines = read(f"No;{number};{name};Bild\n1;4711;Stuhl;{A}\n")
    assert told(lines) == [("1", "Stuhl", ("1.jpg",))]
