"""What is wrong with a host's certificate, as OpenSSL finds it (pure)."""

import ssl
from collections.abc import Mapping
from enum import StrEnum


class CertificateFault(StrEnum):
    """As the end of a sentence that begins with the certificate."""

    EXPIRED = "has expired"
    NOT_YET_VALID = "is not valid yet"
    SIGNED_BY_ITSELF = "is signed by itself, not by an authority"
    UNKNOWN_AUTHORITY = "leads to no authority that is known; a part of its chain may be missing"
    OTHER_NAME = "is for another name"


_BY_CODE: Mapping[int, CertificateFault] = {  # X509_V_ERR_… of OpenSSL
    2: CertificateFault.UNKNOWN_AUTHORITY,
    9: CertificateFault.NOT_YET_VALID,
    10: CertificateFault.EXPIRED,
    18: CertificateFault.SIGNED_BY_ITSELF,
    19: CertificateFault.UNKNOWN_AUTHORITY,
    20: CertificateFault.UNKNOWN_AUTHORITY,
    21: CertificateFault.UNKNOWN_AUTHORITY,
    62: CertificateFault.OTHER_NAME,
    64: CertificateFault.OTHER_NAME,
}


def certificate_fault(error: Exception) -> CertificateFault | None:
    """None for what is no certificate's, or is rare."""
    return _BY_CODE.get(error.verify_code) if isinstance(error, ssl.SSLCertVerificationError) else None
