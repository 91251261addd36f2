"""What every operation that needs a key says, and the answers without a body of their own."""

from collections.abc import Mapping
from typing import Any

from shared.outcomes import Away
from shared.web.api_keys import Scope
from shared.web.openapi.answers import keyed, operation
from shared.web.openapi.schemas import Json
from shared.web.problems import Problem, away
from shared.web.readers import all_readers, too_many_readers

NOT_MODIFIED: Json = {"304": {"description": "You have it already (If-None-Match)."}}
PARTLY: Json = {"206": {"description": "The part you asked for (Range, If-Range)."}, **NOT_MODIFIED}


def keyed_operation(
    name: str, summary: str, answers: Mapping[str, Json], *problems: Problem, scope: Scope = Scope.READ
) -> dict[str, Any]:
    slow_readers = (too_many_readers(), all_readers()) if scope is Scope.READ else ()
    return operation(
        name, summary, answers, *problems, *keyed(scope), *slow_readers, away(Away("database", "an example"))
    )
