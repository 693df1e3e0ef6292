"""The X.509 certificates of a station that has no agency CA: a private CA and what it issues (RFC 5280).

Made so that `openssl cms -verify` of OpenSSL 3.0 accepts the station as a signer.
PURE but for the serial numbers.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from ingestd.model import Millis

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric import ec

CA_YEARS = 30
STATION_YEARS = 20
"""Design 6: a clip may be asked for long after; the CA outlives the certificate it made at init."""
BACKDATED = timedelta(hours=1)
"""A checker's clock may be behind the station's when the first clip is handed out."""
_DAYS_A_YEAR = 365.25


def name(agency: str, station: str, role: str) -> x509.Name:
    """Whose certificate it is: agency, station, role."""
    parts = ((NameOID.ORGANIZATION_NAME, agency), (NameOID.ORGANIZATIONAL_UNIT_NAME, station))
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in (*parts, (NameOID.COMMON_NAME, role))])


def _builder(subject: x509.Name, issuer: x509.Name, at: Millis, years: int) -> x509.CertificateBuilder:
    start = datetime.fromtimestamp(at // 1000, UTC) - BACKDATED
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=years * _DAYS_A_YEAR))
    )


def ca_certificate(name: x509.Name, key: ec.EllipticCurvePrivateKey, at: Millis) -> x509.Certificate:
    """A self-signed CA that may issue station certificates and nothing below them."""
    public = key.public_key()
    builder = _builder(name, name, at, CA_YEARS).public_key(public)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(ca=True), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    return builder.sign(key, hashes.SHA256())


def station_certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    ca_key: ec.EllipticCurvePrivateKey,
    at: Millis,
) -> x509.Certificate:
    """A signer's certificate from the private CA."""
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key())
    mail = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])  # what openssl cms asks of a signer
    builder = _builder(subject, issuer, at, STATION_YEARS).public_key(public)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(ca=False), critical=True)
    builder = builder.add_extension(mail, critical=False)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    builder = builder.add_extension(authority, critical=False)
    return builder.sign(ca_key, hashes.SHA256())


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
