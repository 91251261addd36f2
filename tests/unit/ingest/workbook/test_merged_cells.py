"""R01: what is merged over several rows is read in each of them."""

import pytest

from tests.worlds.files.read_workbooks import ODS_TOP, TOP, A, B, C, rows_of, warnings_of
from tests.worlds.files.workbooks import (
    link_relation,
    merge_cells,
    ods_cell,
    ods_of,
    packed,
    raw_sheet,
    xlsx_parts,
)


def merged_rows(*rows: tuple[str | None, ...], merged: str, first: int = 2) -> bytes:
    """Below the header; None is a cell that another goes over."""
    below = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{letter}{number}" t="str"><v>{cell or ""}</v></c>'
            for letter, cell in zip("ABCD", cells, strict=False)
        )
        + "</row>"
        for number, cells in enumerate(rows, first)
    )
    return packed(xlsx_parts({"Sheet1": raw_sheet(TOP + below, after=merge_cells(*merged.split()))}))


def spanned(cell: str, rows: int) -> str:
    begin = "<table:table-cell"
    return ods_cell(cell).replace(begin, f'{begin} table:number-rows-spanned="{rows}"')


COVERED = "<table:covered-table-cell/>"
FILLED = [["1", "Mug", A], ["1", "Mug", B], ["2", "Cup", C]]


def test_what_is_merged_over_several_rows_is_read_in_each_of_them() -> None:
    """R01 R30: the product beside its first image alone."""
    of_excel = merged_rows(("1", "Mug", A), (None, None, B), ("2", "Cup", C), merged="B2:B3 A2:A3")
    of_office = ods_of(
        {
            "Sheet1": f"{ODS_TOP}<table:table-row>{spanned('1', 2)}{spanned('Mug', 2)}{ods_cell(A)}"
            f"</table:table-row><table:table-row>{COVERED * 2}{ods_cell(B)}</table:table-row>"
            f"<table:table-row>{''.join(map(ods_cell, ('2', 'Cup', C)))}</table:table-row>"
        }
    )
    for workbook in (of_excel, of_office):
        assert rows_of(workbook)[1:] == FILLED
        assert list(warnings_of(workbook).items()) == [
            (
                "merged_cells_read",
                "Cells are merged, so in 1 row the text of a cell above was read, first in Sheet1!A3.",
            )
        ]


def test_an_image_that_is_merged_is_of_each_row_and_an_address_behind_it_too() -> None:
    after = merge_cells("C2:C3") + '<hyperlinks><hyperlink ref="C2" r:id="a"/></hyperlinks>'
    product = "<c><v>1</v></c><c t='str'><v>Mug</v></c>"
    rows = f"<row>{product}<c t='str'><v>Photo</v></c></row><row>{product}</row>"
    parts = xlsx_parts({"A": raw_sheet(TOP + rows, after=after)}, links=link_relation("a", A))
    assert rows_of(packed(parts))[1:] == [["1", "Mug", A]] * 2


@pytest.mark.parametrize(
    ("merged", "below", "seen"),
    [
        ("A2:C2", ("", "", ""), []),
        ("A2:C4", ("", "", ""), []),
        ("A2:A9", ("", "", ""), []),
        ("A1:A3", ("", "", B), [["", "", B]]),
        ("A2:A3", ("7", "", B), [["7", "", B]]),
        ("D2:D3", ("", "", B), [["", "", B]]),
        ("A2:B3", ("", "", B), [["1", "", B]]),
        ("nonsense A2:", ("", "", B), [["", "", B]]),
    ],
)
def test_only_what_people_see_beside_a_row_is_filled_in(
    merged: str, below: tuple[str, ...], seen: list[list[str]]
) -> None:
    """A title over several columns, blank rows, the header, a text of its own, a note beside the columns."""
    assert rows_of(merged_rows(("1", "Mug", A), below, merged=merged))[1:] == [["1", "Mug", A], *seen]


def test_rows_far_apart_within_one_merged_cell_are_all_filled_and_none_behind_it() -> None:
    rows = merged_rows(
        ("1", "Mug", A), *[("", "", "")] * 20, ("", "", B), ("", "", C), merged="A2:A23 B2:B23"
    )
    assert [row for row in rows_of(rows)[1:] if row] == [["1", "Mug", A], ["1", "Mug", B], ["", "", C]]
