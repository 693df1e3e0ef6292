"""Checks a detached CMS signature (RFC 5652) of the one form that the station makes. PURE.

Accepted is: DER throughout, SignedData over ``data`` without the content, SHA-256, exactly one certificate
and one signer named by issuer and serial number, signed attributes with content type and message digest,
ECDSA P-256, no unsigned attributes, no CRLs, nothing after the end. Whatever else CMS allows is refused, and
nothing that stands inside is trusted: the caller says which certificates may sign. Times are not judged:
stored evidence must verify for ever, and the signing time inside is self-asserted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from ingestd.errors import VaultError
from ingestd.words import Text

MAX_DER_BYTES = 64 * 1024
"""Ours have about 1 KiB; an agency's certificate may be larger, never this large."""
MAX_CHAIN = 8
"""Certificates between a station and its agency's root: usually none, seldom more than two."""

_SEQUENCE, _SET, _OID, _OCTETS, _INTEGER, _NULL = 0x30, 0x31, 0x06, 0x04, 0x02, 0x05
_CONTEXT_0 = 0xA0
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_DATA = bytes.fromhex("2a864886f70d010701")  # 1.2.840.113549.1.7.1
_CONTENT_TYPE = bytes.fromhex("2a864886f70d010903")  # 1.2.840.113549.1.9.3
_MESSAGE_DIGEST = bytes.fromhex("2a864886f70d010904")  # 1.2.840.113549.1.9.4
_SHA256 = bytes.fromhex("608648016503040201")  # 2.16.840.1.101.3.4.2.1
_ECDSA_SHA256 = bytes.fromhex("2a8648ce3d040302")  # 1.2.840.10045.4.3.2
_VERSION_1 = b"\x01"


class _Malformed(ValueError):
    """The bytes are not the one accepted form; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Element:
    """One DER element: its tag, its content, and all of its bytes."""

    tag: int
    content: bytes
    whole: bytes


class _Reader:
    """Reads DER elements in order; refuses what is no DER (X.690 section 10)."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, tag: int, what: str) -> _Element:
        """The next element, which must have this tag."""
        start = self._at
        if self._data[start : start + 1] != bytes((tag,)):
            raise _Malformed(f"{what} was expected at byte {start}")
        self._at += 1
        length = self._length()
        end = self._at + length
        if end > len(self._data):
            raise _Malformed(f"{what} is cut off")
        content = self._data[self._at : end]
        self._at = end
        return _Element(tag=tag, content=content, whole=self._data[start:end])

    def inside(self, tag: int, what: str) -> _Reader:
        """A reader over the content of the next element."""
        return _Reader(self.take(tag, what).content)

    def more(self) -> bool:
        """Whether anything is left."""
        return self._at < len(self._data)

    def end(self, what: str) -> None:
        """Refuses anything left over."""
        if self.more():
            raise _Malformed(f"more than expected in {what}")

    def _length(self) -> int:
        first = self._byte()
        if first < 0x80:  # noqa: PLR2004 - short form, X.690 8.1.3.4
            return first
        count = first & 0x7F
        if not 1 <= count <= 3:  # noqa: PLR2004 - MAX_DER_BYTES needs three at most; 0 is indefinite
            raise _Malformed("a length is not DER")
        length = int.from_bytes(bytes(self._byte() for _ in range(count)), "big")
        if length < 0x80 or length >> 8 * (count - 1) == 0:  # noqa: PLR2004 - X.690 10.1
            raise _Malformed("a length is not the shortest")
        return length

    def _byte(self) -> int:
        if not self.more():
            raise _Malformed("a length is cut off")
        self._at += 1
        return self._data[self._at - 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signed:
    """What the check needs from one signature."""

    certificate: x509.Certificate
    issuer_and_serial: tuple[bytes, int]
    message_digest: bytes
    attributes: bytes
    """The DER SET OF that the signature covers (RFC 5652 5.4)."""
    signature: bytes


def verify(
    content: bytes, der: bytes, *, signers: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate]
) -> x509.Certificate:
    """The certificate that signed the content; raises VaultError for any doubt.

    It must be one of ``signers``, or chain through ``anchors`` to a self-signed one of them.
    """
    try:
        signed = _parsed(der)
        _match(content, signed)
    except _Malformed as error:
        raise _refused(str(error)) from error
    certificate = signed.certificate
    if certificate not in signers and not is_chained(certificate, anchors):
        raise VaultError(
            Text(
                "签名证书不是本站证书，也不由本单位 CA 签发：不能证明是本站所签。请核对 keys/ca.pem 与备份。",
                "the signing certificate is neither this station's nor issued under the agency's CA: it does"
                " not prove that this station signed; compare keys/ca.pem with its backup",
            )
        )
    return certificate


def is_chained(certificate: x509.Certificate, anchors: Sequence[x509.Certificate]) -> bool:
    """Whether issuer after issuer is found among the anchors, up to a self-signed one."""
    current = certificate
    for _ in range(MAX_CHAIN):
        issuer = next((anchor for anchor in anchors if _is_issued_by(current, anchor)), None)
        if issuer is None:
            return False
        if issuer.issuer == issuer.subject:
            return True
        current = issuer
    return False


def verify_ecdsa(key: ec.EllipticCurvePublicKey, signature: bytes, data: bytes) -> None:
    """ECDSA with SHA-256 (FIPS 186-5); raises cryptography's InvalidSignature."""
    key.verify(signature, data, ec.ECDSA(hashes.SHA256()))


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints)
        certificate.verify_directly_issued_by(issuer)
    except (x509.ExtensionNotFound, ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return constraints.value.ca


def _match(content: bytes, signed: _Signed) -> None:
    """Certificate, digest and signature belong together and to this content."""
    certificate = signed.certificate
    if signed.issuer_and_serial != (certificate.issuer.public_bytes(), certificate.serial_number):
        raise _Malformed("the signer named is not the certificate included")
    key = certificate.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _Malformed("the certificate's key is not ECDSA P-256")
    if hashlib.sha256(content).digest() != signed.message_digest:
        raise _Malformed("the content is not what was signed")
    try:
        verify_ecdsa(key, signed.signature, signed.attributes)
    except InvalidSignature as error:
        raise _Malformed("the signature is not by the certificate's key") from error


def _refused(reason: str) -> VaultError:
    return VaultError(
        Text(
            f"签名不成立（{reason}）：清单或签名已不是入库时的样子。请与日志中的清单摘要和备份比对。",
            f"the signature does not hold ({reason}): manifest or signature is not what was stored; compare"
            " with the manifest's digest in the log and with the backup",
        )
    )


def _parsed(der: bytes) -> _Signed:
    if len(der) > MAX_DER_BYTES:
        raise _Malformed("larger than any signature of ours")
    outer = _Reader(der)
    info = outer.inside(_SEQUENCE, "ContentInfo")
    outer.end("the file")
    _expect_oid(info, _SIGNED_DATA, "content type SignedData")
    wrapped = info.inside(_CONTEXT_0, "SignedData")
    info.end("ContentInfo")
    data = wrapped.inside(_SEQUENCE, "SignedData")
    wrapped.end("SignedData")
    _expect_version(data)
    algorithms = data.inside(_SET, "digest algorithms")
    _expect_algorithm(algorithms, _SHA256, "SHA-256")
    algorithms.end("digest algorithms")
    encapsulated = data.inside(_SEQUENCE, "content info")
    _expect_oid(encapsulated, _DATA, "content of type data")
    encapsulated.end("content info (the signature must be detached)")
    certificates = data.inside(_CONTEXT_0, "the certificate")
    certificate = certificates.take(_SEQUENCE, "the certificate")
    certificates.end("certificates")
    infos = data.inside(_SET, "signer infos")
    data.end("SignedData")
    signer = infos.inside(_SEQUENCE, "SignerInfo")
    infos.end("signer infos")
    return _signer(signer, certificate.whole)


def _signer(signer: _Reader, certificate: bytes) -> _Signed:
    _expect_version(signer)
    sid = signer.inside(_SEQUENCE, "issuer and serial number")
    issuer = sid.take(_SEQUENCE, "issuer").whole
    serial = int.from_bytes(sid.take(_INTEGER, "serial number").content, "big", signed=True)
    sid.end("issuer and serial number")
    _expect_algorithm(signer, _SHA256, "SHA-256")
    attributes = signer.take(_CONTEXT_0, "signed attributes")
    _expect_algorithm(signer, _ECDSA_SHA256, "ECDSA with SHA-256")
    signature = signer.take(_OCTETS, "signature").content
    signer.end("SignerInfo")
    return _Signed(
        certificate=_certificate(certificate),
        issuer_and_serial=(issuer, serial),
        message_digest=_message_digest(attributes.content),
        attributes=bytes((_SET,)) + attributes.whole[1:],
        signature=signature,
    )


def _certificate(der: bytes) -> x509.Certificate:
    """A certificate all of whose parts can be read (the library parses some of them only when asked)."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = (certificate.public_key(), certificate.issuer, certificate.subject, certificate.extensions)
    except (
        ValueError,
        TypeError,
        UnsupportedAlgorithm,
        x509.InvalidVersion,
        x509.DuplicateExtension,
    ) as error:
        raise _Malformed("the certificate cannot be read") from error
    return certificate


def _message_digest(attributes: bytes) -> bytes:
    """The digest among the signed attributes; each type once, content type ``data``."""
    found: dict[bytes, _Reader] = {}
    reader = _Reader(attributes)
    while reader.more():
        attribute = reader.inside(_SEQUENCE, "an attribute")
        kind = attribute.take(_OID, "an attribute's type").content
        if kind in found:
            raise _Malformed("an attribute stands twice")
        found[kind] = attribute.inside(_SET, "an attribute's value")
        attribute.end("an attribute")
    if _CONTENT_TYPE not in found or _MESSAGE_DIGEST not in found:
        raise _Malformed("content type or message digest is missing")
    _expect_oid(found[_CONTENT_TYPE], _DATA, "content of type data")
    found[_CONTENT_TYPE].end("content type")
    digest = found[_MESSAGE_DIGEST].take(_OCTETS, "message digest").content
    found[_MESSAGE_DIGEST].end("message digest")
    return digest


def _expect_oid(reader: _Reader, oid: bytes, what: str) -> None:
    if reader.take(_OID, what).content != oid:
        raise _Malformed(f"{what} was expected")


def _expect_version(reader: _Reader) -> None:
    if reader.take(_INTEGER, "version").content != _VERSION_1:
        raise _Malformed("version 1 was expected")


def _expect_algorithm(reader: _Reader, oid: bytes, what: str) -> None:
    """An AlgorithmIdentifier without parameters, or with NULL (RFC 5754 2: both are to be accepted)."""
    algorithm = reader.inside(_SEQUENCE, what)
    _expect_oid(algorithm, oid, what)
    if algorithm.more() and algorithm.take(_NULL, f"{what} without parameters").content:
        raise _Malformed(f"{what} with odd parameters")
    algorithm.end(what)
