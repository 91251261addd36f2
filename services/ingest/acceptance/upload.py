"""A validated upload: its form, its options and its CSV, whose files are open and not yet stored."""

from dataclasses import dataclass

from services.ingest.csv_file.reader import JudgedCsv
from services.ingest.csv_file.verdicts import UploadWarning
from services.ingest.form.form import Form
from services.ingest.form.options import OnInvalid, Options
from services.ingest.form.unknown_fields import unknown_field_warnings


@dataclass(frozen=True, slots=True)
class Upload:
    form: Form
    options: Options
    csv: JudgedCsv
    traceparent: str | None = None

    @property
    def fingerprint(self) -> str:
        return self.options.fingerprint(self.form.file_sha256)

    @property
    def skipped_rows(self) -> int:
        return self.csv.bad_rows if self._skips else 0

    @property
    def warnings(self) -> tuple[UploadWarning, ...]:
        of_rows = self.csv.warnings_if_skipped() if self._skips else self.csv.warnings
        return (*unknown_field_warnings(self.form.unknown_fields), *self.options.warnings(), *of_rows)

    @property
    def _skips(self) -> bool:
        return self.options.on_invalid is OnInvalid.SKIP
