"""The station's identity: its certificate and CA, the key that signs manifests, the key that signs the log.

`keys/private/{ca,station,log}.key` (PKCS #8 PEM, 0600 in a 0700 folder) and what anyone may have:
`keys/{ca,station}.pem`, `keys/log.vkey` (design 6). Manifests: detached CMS, ECDSA P-256 with SHA-256; log:
Ed25519. A private key that others can read, a pair that does not fit or an expired certificate is refused at
load, and both keys must make a signature that verifies before anything is taken in.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import pkcs7

from ingestd import certificates, cms, durable
from ingestd.canon import sha256
from ingestd.errors import KeyMaterialError, UsageError, VaultError
from ingestd.model import Millis, Sha256
from ingestd.words import Text

ID = re.compile(r"[a-z0-9]([a-z0-9.-]{0,62}[a-z0-9])?")
"""Agency and station ids (design 6); 64 characters is X.509's limit for the names they stand in."""

_PRIVATE, _CA_KEY, _STATION_KEY, _LOG_KEY = "private", "ca.key", "station.key", "log.key"
_CA, _STATION, _CSR, _VKEY = "ca.pem", "station.pem", "station.csr", "log.vkey"
_PRIVATE_FOLDER_MODE, _PRIVATE_MODE, _PUBLIC_MODE = 0o700, 0o600, 0o644
_ED25519_NOTE = b"\x01"
"""Signature type of an Ed25519 note key (C2SP signed-note)."""
_SELF_TEST = b"ingestd self-test: this is no evidence\n"


def create_keys(folder: Path, *, agency: str, station: str, at: Millis, csr: bool = False) -> None:
    """Make all keys of a new station, durable, all or nothing.

    ``folder`` must not hold anything yet. With ``csr`` no CA is made: `keys/station.csr` is for the agency's
    CA, and `import_certificate` takes its answer. Raises UsageError, KeyMaterialError.
    """
    for name in (agency, station):
        if not ID.fullmatch(name):
            raise UsageError(
                Text(
                    f"编号“{name}”不合规：只能用小写字母、数字、点和连字符，1 至 64 个字符。",
                    f"the id {name!r} is not valid: 1 to 64 lower-case letters, digits, dots and hyphens",
                )
            )
    new = folder.with_name(f".{folder.name}.new")
    _clear(new)
    parents = durable.make_folder(new)
    private = new / _PRIVATE
    parents += durable.make_folder(private, mode=_PRIVATE_FOLDER_MODE)
    files = _station_files(agency, station, at, csr=csr)
    for name, data in files.items():
        is_private = name.endswith(".key")
        durable.stage(
            (private if is_private else new) / name, data, mode=_PRIVATE_MODE if is_private else _PUBLIC_MODE
        )
    durable.settle([new, private, *parents])
    try:
        new.rename(folder)
    except OSError as error:
        _clear(new)
        raise KeyMaterialError(
            Text(
                f"{folder} 已有内容：不覆盖任何密钥。请换一个目录，或先备份并移走原目录。",
                f"{folder} already holds something and no key is ever overwritten; use another folder, or"
                " back this one up and move it away",
            )
        ) from error
    durable.settle([folder.parent])


def import_certificate(folder: Path, station_pem: bytes, ca_pem: bytes, *, at: Millis) -> None:
    """Accept the certificate that the agency's CA made from `station.csr`, or a renewed one.

    ``ca_pem`` holds the agency's root and what lies between. A renewal must still cover the certificate that
    signed so far, or older manifests would no longer verify. Raises KeyMaterialError.
    """
    key = _station_key(folder)
    station, anchors = _certificates(station_pem), _certificates(ca_pem)
    if len(station) != 1:
        raise _bad(
            Text("本站证书文件应恰有一张证书", "the station's file must hold exactly one certificate"),
        )
    _check_certificate(station[0], anchors, key, at)
    previous = folder / _STATION
    if previous.exists() and not all(cms.is_chained(c, anchors) for c in _certificates(_read(previous))):
        raise _bad(
            Text(
                "新的 CA 文件不含以前签名所用证书的 CA，已入库清单将无法验证；请把新旧 CA 证书放在同一文件中",
                "the new CA file does not cover the certificate that signed until now, so stored manifests"
                " could not be verified; put the old and the new CA certificates into one file",
            )
        )
    durable.write(folder / _CA, ca_pem, mode=_PUBLIC_MODE)
    durable.write(previous, station_pem, mode=_PUBLIC_MODE)


def remove_ca_key(folder: Path, to: Path) -> Path:
    """Take the CA's private key off this machine: copy it, durable, into the folder ``to``; unlink it here.

    Where the copy lies. What the disk keeps of unlinked blocks is beyond this: do it before first use.
    Raises KeyMaterialError, OSError.
    """
    source = folder / _PRIVATE / _CA_KEY
    data = _read(source, private=True)
    target = to / _CA_KEY
    with suppress(FileExistsError):  # an earlier attempt got so far; what stands there is proved below
        durable.stage(target, data, mode=_PRIVATE_MODE)
    durable.settle([target, to])
    anchors = _certificates(_read(folder / _CA))
    if (
        target.resolve() == source.resolve()
        or target.read_bytes() != data
        or not _fits(_load_key(data), anchors[0])
    ):
        raise _bad(
            Text(
                f"{target} 与 CA 私钥不一致，原私钥保留在本机；请换一个位置再试",
                f"{target} is no copy of the CA's key, so the key stays on this machine; try another place",
            )
        )
    source.unlink()
    durable.settle([source.parent])
    return target


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificates:
    """The public half: all that checking a manifest's signature needs; no private key is opened."""

    station: x509.Certificate
    anchors: tuple[x509.Certificate, ...]
    """The private CA, or the agency's root and what lies between."""

    @classmethod
    def load(cls, folder: Path) -> Certificates:
        """From `keys/{ca,station}.pem`; raises KeyMaterialError."""
        if (folder / _CSR).exists() and not (folder / _STATION).exists():
            raise _bad(
                Text(
                    "本单位 CA 尚未签发证书：请将 keys/station.csr 交 CA 签发后导入",
                    "the agency's CA has not answered: have keys/station.csr signed, import the certificate",
                )
            )
        (station, *_), anchors = _certificates(_read(folder / _STATION)), _certificates(_read(folder / _CA))
        return cls(station=station, anchors=anchors)

    def verify_manifest(self, data: bytes, der: bytes) -> Sha256:
        """SHA-256 of the certificate that signed, to be compared with the one the manifest names.

        Signed by this station's certificate, or by an earlier one under the same CA. Raises VaultError.
        """
        return _fingerprint(cms.verify(data, der, signers=(self.station,), anchors=self.anchors))


@dataclass(frozen=True, slots=True, kw_only=True)
class StationKeys:
    """All that signs, loaded and proved once at the daemon's start."""

    certificates: Certificates
    vkey: str
    """Verifier key of the log: ``<agency>/<station>+<key id>+<base64>`` (C2SP signed-note)."""
    log_key: ed25519.Ed25519PrivateKey = field(repr=False)
    """Signs the log's checkpoints."""
    _station_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def load(cls, folder: Path, *, at: Millis) -> StationKeys:
        """Read, compare and try all keys; raises KeyMaterialError with what is wrong and what to do.

        A station clock that stands before the certificate's start is no reason to refuse evidence (its own
        finding says so); one after its end is.
        """
        public = Certificates.load(folder)
        key = _station_key(folder)
        _check_certificate(public.station, public.anchors, key, at)
        ca_key = folder / _PRIVATE / _CA_KEY
        if ca_key.exists() and not _fits(_load_key(_read(ca_key, private=True)), public.anchors[0]):
            raise _bad(Text("ca.key 与 ca.pem 不成对", "ca.key is not the key of ca.pem"))
        log_key = _load_key(_read(folder / _PRIVATE / _LOG_KEY, private=True))
        vkey = _read(folder / _VKEY).decode("utf-8", errors="replace").strip()
        if not isinstance(log_key, ed25519.Ed25519PrivateKey) or vkey != _verifier_key(
            vkey.split("+")[0], log_key
        ):
            raise _bad(Text("log.key 与 log.vkey 不成对", "log.key is not the key of log.vkey"))
        keys = cls(certificates=public, vkey=vkey, log_key=log_key, _station_key=key)
        keys.self_test()
        return keys

    @property
    def origin(self) -> str:
        """Name of the log: ``<agency>/<station>``."""
        return self.vkey.split("+")[0]

    @property
    def log_seed(self) -> bytes:
        """The 32 bytes of the log's private key (RFC 8032), for a note signer."""
        return self.log_key.private_bytes_raw()

    @property
    def certificate_sha256(self) -> Sha256:
        """Which certificate signs: every manifest names it."""
        return _fingerprint(self.certificates.station)

    def sign_manifest(self, data: bytes) -> bytes:
        """Detached CMS (DER) over exactly these bytes, certificate included (design 6, RFC 5652)."""
        options = [
            pkcs7.PKCS7Options.DetachedSignature,
            pkcs7.PKCS7Options.Binary,
            pkcs7.PKCS7Options.NoCapabilities,
        ]
        builder = pkcs7.PKCS7SignatureBuilder().set_data(data)
        builder = builder.add_signer(self.certificates.station, self._station_key, hashes.SHA256())
        return builder.sign(serialization.Encoding.DER, options)

    def verify_manifest(self, data: bytes, der: bytes) -> None:
        """Raises VaultError unless this station (or an earlier certificate of its CA) signed these bytes."""
        self.certificates.verify_manifest(data, der)

    def self_test(self) -> None:
        """Sign and verify once with each key; raises KeyMaterialError where keys or library misbehave."""
        try:
            self.verify_manifest(_SELF_TEST, self.sign_manifest(_SELF_TEST))
            verify_ed25519(self.log_key.public_key(), self.log_key.sign(_SELF_TEST), _SELF_TEST)
        except (VaultError, InvalidSignature, ValueError) as error:
            raise _bad(
                Text(
                    f"签名自检失败（{error}）；不收任何记录，请核对密钥并重装程序",
                    f"the signing self-test failed ({error}); nothing is taken in: check keys and program",
                )
            ) from error


def verify_ed25519(key: ed25519.Ed25519PublicKey, signature: bytes, data: bytes) -> None:
    """Ed25519 (RFC 8032); raises cryptography's InvalidSignature."""
    key.verify(signature, data)


# --- making -------------------------------------------------------------------------------------


def _station_files(agency: str, station: str, at: Millis, *, csr: bool) -> dict[str, bytes]:
    key, log_key = ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate()
    files = {
        _STATION_KEY: _key_pem(key),
        _LOG_KEY: _key_pem(log_key),
        _VKEY: f"{_verifier_key(f'{agency}/{station}', log_key)}\n".encode(),
    }
    subject = certificates.name(agency, station, "evidence station")
    if csr:
        request = x509.CertificateSigningRequestBuilder().subject_name(subject)
        files[_CSR] = request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        return files
    ca_key = ec.generate_private_key(ec.SECP256R1())
    issuer = certificates.name(agency, station, "evidence CA")
    ca = certificates.ca_certificate(issuer, ca_key, at)
    files[_CA_KEY] = _key_pem(ca_key)
    files[_CA] = ca.public_bytes(serialization.Encoding.PEM)
    certificate = certificates.station_certificate(subject, issuer, key.public_key(), ca_key, at)
    files[_STATION] = certificate.public_bytes(serialization.Encoding.PEM)
    return files


def _key_pem(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _verifier_key(name: str, key: ed25519.Ed25519PrivateKey) -> str:
    public = _ED25519_NOTE + key.public_key().public_bytes_raw()
    key_id = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    return f"{name}+{key_id.hex()}+{base64.b64encode(public).decode()}"


def _clear(new: Path) -> None:
    """Remove what an interrupted `create_keys` left: keys that nothing was signed with."""
    durable.remove_tree(new / _PRIVATE, (_CA_KEY, _STATION_KEY, _LOG_KEY))
    durable.remove_tree(new, (_CA, _STATION, _CSR, _VKEY))


# --- reading ------------------------------------------------------------------------------------


def _read(path: Path, *, private: bool = False) -> bytes:
    """A key file's bytes; a private one must be readable by nobody else. Raises KeyMaterialError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            modes = (os.fstat(descriptor).st_mode, path.parent.stat().st_mode)
            data = file.read()
    except OSError as error:
        raise _bad(
            Text(f"无法读取 {path}（{error.strerror}）", f"{path} cannot be read ({error.strerror})")
        ) from error
    if private and any(stat.S_IMODE(mode) & 0o077 for mode in modes):
        raise _bad(
            Text(
                f"{path} 或其目录可被他人读取：请改为 0600 与 0700，并考虑更换密钥",
                f"{path} or its folder is open to others: make them 0600 and 0700, and consider new keys",
            )
        )
    return data


def _load_key(pem: bytes) -> object:
    try:
        return serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _bad(Text("私钥文件已损坏", "a private key file is damaged")) from error


def _station_key(folder: Path) -> ec.EllipticCurvePrivateKey:
    key = _load_key(_read(folder / _PRIVATE / _STATION_KEY, private=True))
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _bad(Text("station.key 不是 ECDSA P-256 私钥", "station.key is not an ECDSA P-256 key"))
    return key


def _certificates(pem: bytes) -> tuple[x509.Certificate, ...]:
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except ValueError as error:
        raise _bad(Text("证书文件已损坏", "a certificate file is damaged")) from error


def _check_certificate(
    station: x509.Certificate,
    anchors: Sequence[x509.Certificate],
    key: ec.EllipticCurvePrivateKey,
    at: Millis,
) -> None:
    if not _fits(key, station):
        raise _bad(Text("station.key 与 station.pem 不成对", "station.key is not the key of station.pem"))
    if not cms.is_chained(station, anchors):
        raise _bad(
            Text("station.pem 不由 ca.pem 中的 CA 签发", "station.pem is not issued under the CA in ca.pem")
        )
    if at > station.not_valid_after_utc.timestamp() * 1000:
        until = f"{station.not_valid_after_utc:%Y-%m-%d}"
        raise _bad(
            Text(
                f"本站证书已于 {until} 到期，不再签名；请核对本机时钟，或更换证书",
                f"the station's certificate expired on {until} and signs no more: check the clock, or renew",
            )
        )


def _fits(key: object, certificate: x509.Certificate) -> bool:
    return isinstance(key, ec.EllipticCurvePrivateKey) and key.public_key() == certificate.public_key()


def _fingerprint(certificate: x509.Certificate) -> Sha256:
    return sha256(certificate.public_bytes(serialization.Encoding.DER))


def _bad(what: Text) -> KeyMaterialError:
    return KeyMaterialError(
        Text(
            f"密钥材料有问题：{what.zh}。已入库的记录不受影响。",
            f"key material: {what.en}. What is stored already is not affected.",
        )
    )
