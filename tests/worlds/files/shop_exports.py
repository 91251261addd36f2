"""Exports of the common shop systems, with the headers that they write. They were made for these tests."""
# ruff: noqa: E501 - a row of a table stays one line where it can

from dataclasses import dataclass

CDN = "https://cdn.example"


@dataclass(frozen=True, kw_only=True)
class Export:
    """`products` are number, name and the last parts of the addresses, one for each row that is kept."""

    text: str
    products: tuple[tuple[str, str, tuple[str, ...]], ...]
    image_columns: tuple[str, ...]
    encoding: str = "utf-8"
    delimiter: str = ","
    rows_above: int = 1  # the header among them


def row(*cells: str, delimiter: str = ",") -> str:
    quoted = (
        '"' + cell.replace('"', '""') + '"' if set(cell) & {delimiter, '"', "\n"} else cell for cell in cells
    )
    return delimiter.join(quoted) + "\r\n"


def rows(*all_cells: tuple[str, ...], delimiter: str = ",") -> str:
    return "".join(row(*cells, delimiter=delimiter) for cells in all_cells)


SHOPIFY = Export(
    text=rows(
        ("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Option1 Name",
         "Option1 Value", "Variant SKU", "Variant Price", "Image Src", "Image Position", "Image Alt Text",
         "Gift Card", "Variant Image", "Status"),
        ("chair", "Chair", '<p class="x">Oak, "good"</p>', "Wood", "", "", "oak, chair", "TRUE", "Colour", "Red",
         "C-1", "99.00", f"{CDN}/files/chair.jpg?v=1", "1", "", "FALSE", f"{CDN}/files/red.jpg?v=1", "active"),
        ("chair", "", "", "", "", "", "", "", "", "Blue", "C-2", "99.00", f"{CDN}/files/back.jpg?v=1", "2", "",
         "", "", ""),
        ("chair", "", "", "", "", "", "", "", "", "Green", "C-3", "99.00", "", "", "", "", "", ""),
        ("lamp", "Lamp", "", "Wood", "", "", "", "TRUE", "Title", "Default Title", "L-1", "9.00",
         f"{CDN}/files/lamp.jpg?v=1", "1", "", "FALSE", "", "active"),
    ),
    products=(
        ("1", "Chair", ("chair.jpg?v=1", "red.jpg?v=1")),
        ("2", "Chair", ("back.jpg?v=1",)),
        ("3", "", ()),
        ("4", "Lamp", ("lamp.jpg?v=1",)),
    ),
    image_columns=("Image Src", "Variant Image"),
)  # fmt: skip
WOOCOMMERCE = Export(
    text="\ufeff" + rows(
        ("ID", "Type", "SKU", "Name", "Published", "Is featured?", "Short description", "In stock?", "Regular price",
         "Categories", "Tags", "Images", "Parent", "Position", "Meta: _url"),
        ("12", "variable", "CH", "Chair", "1", "0", "", "1", "", "Wood > Chairs", "", f"{CDN}/a.jpg, {CDN}/b.jpg",
         "", "0", "https://shop.example/p/chair"),
        ("13", "variation", "CH-R", "Chair - Red", "1", "0", "", "1", "99", "", "", "", "CH", "1", ""),
        ("14", "variation", "CH-B", "Chair - Blue", "1", "0", "", "1", "99", "", "", f"{CDN}/c.jpg", "CH", "2", ""),
    ),
    products=(("12", "Chair", ("a.jpg", "b.jpg")), ("13", "Chair - Red", ()), ("14", "Chair - Blue", ("c.jpg",))),
    image_columns=("Images",),
)  # fmt: skip
AMAZON = Export(
    delimiter="\t",
    rows_above=3,
    text=rows(
        ("TemplateType=fptcustom", "Version=2021.1014", "TemplateSignature=Rk9PVFdFQVI=",
         "The top 3 rows are for Amazon.com use only. Do not modify or delete the top 3 rows.", "", "Images", ""),
        ("Product Type", "Seller SKU", "Brand Name", "Product Name", "Product ID", "Main Image URL",
         "Other Image URL1", "Other Image URL2"),
        ("feed_product_type", "item_sku", "brand_name", "item_name", "external_product_id", "main_image_url",
         "other_image_url1", "other_image_url2"),
        ("chair", "C-1", "Wood", "Chair", "0123456789012", f"{CDN}/1.jpg", f"{CDN}/2.jpg", ""),
        ("chair", "C-2", "Wood", "Stool", "0123456789029", f"{CDN}/3.jpg", "", f"{CDN}/4.jpg"),
        delimiter="\t",
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")), ("2", "Stool", ("3.jpg", "4.jpg"))),
    image_columns=("main_image_url", "other_image_url1", "other_image_url2"),
)  # fmt: skip
AMAZON_NEW = Export(
    delimiter="\t",
    rows_above=3,
    text=rows(
        ("settings=contentLanguageTag=en_US&feedType=113", "Data rows from row 4", "", ""),
        ("SKU", "Item Name", "Main Image URL", "Other Image URL"),
        ("contribution_sku#1.value", "item_name[marketplace_id=ATVPDKIKX0DER][language_tag=en_US]#1.value",
         "main_product_image_locator[marketplace_id=ATVPDKIKX0DER]#1.media_location",
         "other_product_image_locator_1[marketplace_id=ATVPDKIKX0DER]#1.media_location"),
        ("C-1", "Chair", f"{CDN}/1.jpg", f"{CDN}/2.jpg"),
        delimiter="\t",
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")),),
    image_columns=(
        "main_product_image_locator[marketplace_id=ATVPDKIKX0DER]#1.media_location",
        "other_product_image_locator_1[marketplace_id=ATVPDKIKX0DER]#1.media_location",
    ),
)  # fmt: skip
GOOGLE = Export(
    delimiter="\t",
    text=rows(
        ("id", "title", "description", "link", "image link", "additional image link", "availability", "price",
         "brand", "gtin", "item group id"),
        ("CH-RED", "Chair, red", "Oak", "https://shop.example/chair", f"{CDN}/1.jpg", f"{CDN}/2.jpg,{CDN}/3.jpg",
         "in stock", "99.00 EUR", "Wood", "", "CH"),
        ("LA-1", "Lamp", "", "https://shop.example/lamp", f"{CDN}/4.jpg", "", "in stock", "9 EUR", "", "", ""),
        delimiter="\t",
    ),
    products=(("1", "Chair, red", ("1.jpg", "2.jpg", "3.jpg")), ("2", "Lamp", ("4.jpg",))),
    image_columns=("image link", "additional image link"),
)  # fmt: skip
ETSY = Export(
    text=rows(
        ("TITLE", "DESCRIPTION", "PRICE", "CURRENCY_CODE", "QUANTITY", "TAGS", "MATERIALS",
         *(f"IMAGE{number}" for number in range(1, 11)), "VARIATION 1 TYPE", "VARIATION 1 NAME", "SKU"),
        ("Chair", "Oak,\nold", "99.00", "EUR", "3", "oak", "", f"{CDN}/1.jpg", f"{CDN}/2.jpg", *[""] * 7,
         f"{CDN}/10.jpg", "", "", "C-1"),
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg", "10.jpg")),),
    image_columns=tuple(f"IMAGE{number}" for number in range(1, 11)),
)  # fmt: skip
EBAY = Export(
    rows_above=5,
    text=rows(
        ("#INFO", "Version=0.0.2", "Template= eBay-draft-listings-template_US", "", "", ""),
        ("#INFO Action and Category ID are required. Category IDs: https://pages.ebay.example/ids.html", *[""] * 5),
        ('#INFO After you have uploaded it, "complete" your drafts here, if needed', *[""] * 5),
        ("#INFO", "", "", "", "", ""),
        ("Action(SiteID=US|Country=US|Currency=USD|Version=1193|CC=UTF-8)", "Custom label (SKU)", "Category ID",
         "Title", "Price", "Item photo URL"),
        ("Draft", "C-1", "3197", "Chair", "99.00", f"{CDN}/1.jpg|{CDN}/2.jpg"),
        ("Draft", "L-1", "3197", "Lamp", "9.00", f"{CDN}/3.jpg"),
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")), ("2", "Lamp", ("3.jpg",))),
    image_columns=("Item photo URL",),
)  # fmt: skip
EBAY_FILE_EXCHANGE = Export(
    delimiter=";",
    text=rows(
        ("*Action(SiteID=Germany|Country=DE|Currency=EUR|Version=941)", "ItemID", "CustomLabel", "*Category", "*Title",
         "*Description", "PicURL", "*Quantity"),
        ("Add", "110011001", "C-1", "3197", "Stuhl", "<p>Eiche; alt</p>", f"{CDN}/1.jpg|{CDN}/2.jpg", "3"),
        delimiter=";",
    ),
    products=(("110011001", "Stuhl", ("1.jpg", "2.jpg")),),
    image_columns=("PicURL",),
)  # fmt: skip
WIX = Export(
    text="\ufeff" + rows(
        ("handleId", "fieldType", "name", "description", "productImageUrl", "collection", "sku", "price", "visible"),
        ("product_1", "Product", "Chair", "", f"{CDN}/1.jpg;{CDN}/2.jpg", "Wood", "C-1", "99", "true"),
        ("product_1", "Variant", "", "", "", "", "C-2", "", ""),
        ("product_2", "Product", "Lamp", "", f"{CDN}/3.jpg", "", "L-1", "9", "true"),
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")), ("2", "", ()), ("3", "Lamp", ("3.jpg",))),
    image_columns=("productImageUrl",),
)  # fmt: skip
PRESTASHOP = Export(
    delimiter=";",
    text=rows(
        ("Product ID", "Active (0/1)", "Name *", "Categories (x,y,z...)", "Price tax excluded", "Reference #",
         "Image URLs (x,y,z...)", "Image alt texts (x,y,z...)", "Delete existing images (0 = No, 1 = Yes)"),
        ("1", "1", "Chair", "Home,Wood", "99", "C-1", f"{CDN}/1.jpg,{CDN}/2.jpg", "front,back", "0"),
        ("2", "1", "Lamp", "Home", "9", "L-1", f"{CDN}/3.jpg", "", "0"),
        delimiter=";",
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")), ("2", "Lamp", ("3.jpg",))),
    image_columns=("Image URLs (x,y,z...)",),
)  # fmt: skip
SQUARESPACE = Export(
    text=rows(
        ("Product ID [Non Editable]", "Variant ID [Non Editable]", "Product Type [Non Editable]", "Product Page",
         "Product URL", "Title", "Description", "SKU", "Price", "Stock", "Visible", "Hosted Image URLs"),
        ("5f0c", "aa", "PHYSICAL", "store", "chair", "Chair", "<p>Oak</p>", "SQ1", "99", "3", "Yes",
         f"{CDN}/1.jpg {CDN}/2.jpg"),
        ("", "ab", "", "", "", "", "", "SQ2", "99", "1", "", ""),
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")), ("2", "", ())),
    image_columns=("Hosted Image URLs",),
)  # fmt: skip
BIGCOMMERCE = Export(
    text=rows(
        ("Item Type", "Product ID", "Product Name", "Product Type", "Product Code/SKU", "Product URL",
         "Product Image ID - 1", "Product Image File - 1", "Product Image URL - 1", "Product Image Description - 1",
         "Product Image Is Thumbnail - 1", "Product Image Sort - 1", "Product Image File - 2", "Product Image URL - 2"),
        ("Product", "77", "Chair", "P", "C-1", "/chair/", "5", "c/1__1.jpg", f"{CDN}/1.jpg", "", "Y", "0",
         "c/2__1.jpg", f"{CDN}/2.jpg"),
        ("  SKU", "78", "[S]Colour=Red", "", "C-2", "", "", "", "", "", "", "", "", ""),
    ),
    products=(("77", "Chair", ("1.jpg", "2.jpg")), ("78", "[S]Colour=Red", ())),
    image_columns=("Product Image URL - 1", "Product Image URL - 2"),
)  # fmt: skip
MAGENTO = Export(
    text=rows(
        ("sku", "store_view_code", "attribute_set_code", "product_type", "categories", "name", "url_key",
         "base_image", "base_image_label", "small_image", "thumbnail_image", "additional_images",
         "additional_image_labels"),
        ("CH-1", "", "Default", "simple", "Default Category/Wood", "Chair", "chair", f"{CDN}/1.jpg", "front",
         f"{CDN}/1.jpg", f"{CDN}/1.jpg", f"{CDN}/1.jpg,{CDN}/2.jpg", "front,back"),
        ("CH-1", "german", "Default", "simple", "", "Stuhl", "", "", "", "", "", "", ""),
    ),
    products=(("1", "Chair", ("1.jpg", "1.jpg", "1.jpg", "1.jpg", "2.jpg")), ("2", "Stuhl", ())),
    image_columns=("base_image", "small_image", "thumbnail_image", "additional_images"),
)  # fmt: skip
PANDAS = Export(
    text=f",title,price,images\r\n0,Chair,99.0,\"['{CDN}/1.jpg', '{CDN}/2.jpg']\"\r\n1,Lamp,9.0,\"['{CDN}/3.jpg']\"\r\n",
    products=(("0", "Chair", ("1.jpg", "2.jpg")), ("1", "Lamp", ("3.jpg",))),
    image_columns=("images",),
)
LIBREOFFICE = Export(
    delimiter=";",
    rows_above=2,
    text=f"sep=;\r\nArtikelnummer;Bezeichnung;Bild 1;Bild 2\r\n4711;Stühle;{CDN}/1.jpg;{CDN}/2.jpg\r\nSumme;;;\r\n",
    products=(("4711", "Stühle", ("1.jpg", "2.jpg")), ("2", "", ())),
    image_columns=("Bild 1", "Bild 2"),
    encoding="cp1252",
)
TITLED_SHEET = Export(
    rows_above=4,
    text=rows(
        ("Product images, spring 2026", "", "", ""),
        ("", "", "", ""),
        ('all "prices" in EUR', "", "", ""),
        ("No.", "Product", "Photo", "Price"),
        ("1", "Chair", f"{CDN}/1.jpg", "99"),
        ("", "", f"{CDN}/2.jpg", ""),
        ("2", "Lamp", f"{CDN}/3.jpg", "9"),
        ("No.", "Product", "Photo", "Price"),
        ("3", "Vase", f"{CDN}/4.jpg", "5"),
        ("Total", "", "", "113"),
    ),
    products=(
        ("1", "Chair", ("1.jpg",)),
        ("1", "Chair", ("2.jpg",)),
        ("2", "Lamp", ("3.jpg",)),
        ("", "", ()),
        ("3", "Vase", ("4.jpg",)),
        ("", "", ()),
    ),
    image_columns=("Photo",),
)
ONLY_ADDRESSES = Export(
    text=f"Image URL\r\n{CDN}/red%20chair.jpg\r\n{CDN}/lamp.webp?w=9\r\n",
    products=(("1", "red chair", ("red%20chair.jpg",)), ("2", "lamp", ("lamp.webp?w=9",))),
    image_columns=("Image URL",),
)
GOOGLE_XML = Export(
    delimiter="\t",
    text=f"g:id\tg:title\tg:link\tg:image_link\r\n4\tChair\thttps://shop.example/chair\t{CDN}/1.jpg\r\n",
    products=(("4", "Chair", ("1.jpg",)),),
    image_columns=("g:image_link",),
)
OPENCART = Export(
    text=rows(
        ("product_id", "name(en-gb)", "name(de-de)", "sku", "price", "image", "additional_images"),
        ("50", "Chair", "Stuhl", "C-1", "99", f"{CDN}/1.jpg", f"{CDN}/2.jpg"),
    ),
    products=(("50", "Chair", ("1.jpg", "2.jpg")),),
    image_columns=("image", "additional_images"),
)
LIGHTSPEED = Export(
    text=rows(
        ("Internal_ID", "NL_Title_Short", "NL_Title_Long", "NL_Description_Short", "Images"),
        ("77", "Stoel", "Stoel van eik", "", f"{CDN}/1.jpg;{CDN}/2.jpg"),
    ),
    products=(("1", "Stoel", ("1.jpg", "2.jpg")),),
    image_columns=("Images",),
)
JTL = Export(
    delimiter=";",
    text=rows(
        ("Artikelnummer", "Artikelname", "Bild 1 Pfad/URL", "Bild 2 Pfad/URL"),
        ("4711", "Stuhl", f"{CDN}/1.jpg", f"{CDN}/2.jpg"),
        delimiter=";",
    ),
    products=(("4711", "Stuhl", ("1.jpg", "2.jpg")),),
    image_columns=("Bild 1 Pfad/URL", "Bild 2 Pfad/URL"),
)
AKENEO = Export(
    delimiter=";",
    text=rows(
        ("sku", "categories", "enabled", "family", "groups", "name-en_US", "image", "picture-2"),
        ("C-1", "wood", "1", "chairs", "", "Chair", f"{CDN}/1.jpg", f"{CDN}/2.jpg"),
        delimiter=";",
    ),
    products=(("1", "Chair", ("1.jpg", "2.jpg")),),
    image_columns=("image", "picture-2"),
)
SAP = Export(
    delimiter=";",
    text=rows(("MATNR", "MAKTX", "BILDURL"), ("000000000000004711", "Stuhl", f"{CDN}/1.jpg"), delimiter=";"),
    products=(("1", "Stuhl", ("1.jpg",)),),
    image_columns=("BILDURL",),
)

EXPORTS = {
    "Shopify": SHOPIFY,
    "WooCommerce": WOOCOMMERCE,
    "Amazon, three header rows": AMAZON,
    "Amazon, templates of 2024": AMAZON_NEW,
    "Google Merchant": GOOGLE,
    "Etsy": ETSY,
    "eBay Seller Hub": EBAY,
    "eBay File Exchange": EBAY_FILE_EXCHANGE,
    "Wix": WIX,
    "PrestaShop": PRESTASHOP,
    "Squarespace": SQUARESPACE,
    "BigCommerce": BIGCOMMERCE,
    "Magento with addresses": MAGENTO,
    "pandas with its index": PANDAS,
    "LibreOffice": LIBREOFFICE,
    "a sheet with titles, merged cells and a total": TITLED_SHEET,
    "addresses alone": ONLY_ADDRESSES,
    "Google Merchant, as its XML": GOOGLE_XML,
    "Akeneo": AKENEO,
    "SAP": SAP,
    "OpenCart": OPENCART,
    "Lightspeed": LIGHTSPEED,
    "JTL": JTL,
}
