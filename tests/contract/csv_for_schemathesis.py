"""Tells schemathesis what no schema can: how a CSV of products looks."""

import schemathesis
from hypothesis import strategies as st

HEADER = "S. No.,Product Name,Input Image Urls\n"
ROWS = st.from_regex(
    r"([1-9][0-9]{0,8},[A-Za-z0-9 ]{0,20}[A-Z],https://[a-z]{1,20}\.example/[a-z]{1,9}\n){1,5}",
    fullmatch=True,
)

schemathesis.openapi.media_type("text/csv", ROWS.map(lambda rows: (HEADER + rows).encode()))
schemathesis.openapi.format("columns", st.just('{"image_urls": ["Input Image Urls"]}'))
