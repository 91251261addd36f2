"""What stands in the `data` of request.completed, for its published schema alone. Status renders it; nothing
of ours reads it, because a reader that refused a value would refuse a webhook.
"""

from uuid import UUID

from pydantic import AwareDatetime, BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class CompletedCounts(BaseModel):
    products: int
    images: int
    done: int
    failed: int
    cancelled: int
    remaining: int  # always 0: the run has ended


class CompletedProduct(BaseModel):
    """One row of the CSV. The output URLs stand in the order of the input URLs, null for a failed image."""

    requestId: UUID  # noqa: N815 - spelled as on the wire
    serialNumber: int  # noqa: N815 - as above
    productName: str  # noqa: N815 - as above
    inputImageUrls: list[str]  # noqa: N815 - as above
    outputImageUrls: list[str | None]  # noqa: N815 - as above
    processingStatus: str  # noqa: N815 - as above


class CompletedData(BaseModel):
    """What a run of a request came to. Products stand in the order of the CSV, the first ones for as long as
    they fit; `products_truncated` says that more are at `products_url`.
    """

    request_id: UUID
    state: str
    counts: CompletedCounts
    bytes_in: int
    bytes_out: int
    status_url: str
    output_csv_url: str | None
    created_at: AwareDatetime
    completed_at: AwareDatetime
    products: list[CompletedProduct]
    products_truncated: bool
    products_url: str


class DocumentedAs:
    """Annotates a value that is taken as it comes, but described as this model."""

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model

    def __get_pydantic_json_schema__(self, _: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(self._model.__pydantic_core_schema__)
