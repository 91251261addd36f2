"""The CSVs of a request as examples, made as the answers are."""

from services.status.api.openapi.example_request import COLUMNS, INPUT_URLS, OUTPUT_URLS
from services.status.records.request import EndedImage, UploadedProduct
from services.status.records.states import ImageState
from services.status.rendering import output_csv, report_csvs
from services.status.rendering.workbook.parts import MEDIA_TYPE
from shared.contract.codes import http_code
from shared.contract.csv_files import spaced
from shared.web.openapi.answers import answer
from shared.web.openapi.schemas import FILE, TEXT, Json


def output() -> Json:
    row = output_csv.output_row(COLUMNS, ["1", "SKU1", ",".join(INPUT_URLS)], OUTPUT_URLS)
    example = output_csv.csv_bytes([output_csv.output_header(COLUMNS), row]).decode()
    return answer("Your columns and Output Image Urls.", TEXT, example, "text/csv")


def workbook() -> Json:
    return {"description": "One sheet; every cell is text.", "content": {MEDIA_TYPE: {"schema": FILE}}}


def images() -> Json:
    return {"description": "The images as they are.", "content": {"application/zip": {"schema": FILE}}}


def failed() -> Json:
    product = UploadedProduct(["2", "SKU2", INPUT_URLS[0]], first_ordinal=2, images=1)
    image = EndedImage(2, 1, ImageState.FAILED, code=http_code(404))
    row = report_csvs.failed_row(COLUMNS, product, [image])
    example = output_csv.csv_bytes([report_csvs.failed_header(COLUMNS), row], spaced).decode()
    return answer("Your rows, Error and Suggestion.", TEXT, example, "text/csv")
