"""The example CSV of GET /v1/template.csv, which people fill in."""

TEMPLATE = (
    "S. No.,Product Name,Input Image Urls\r\n"
    '1,SKU1,"https://www.example.com/images/1-front.jpg,https://www.example.com/images/1-back.jpg"\r\n'
    "2,SKU2,https://www.example.com/images/2.jpg\r\n"
)
