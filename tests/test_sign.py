"""Station identity: keys are made once and whole, refused when anything is off, and sign what verifies."""

from __future__ import annotations

import base64
import dataclasses
import json
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from ingestd import certificates, cms, sign
from ingestd.errors import KeyMaterialError, UsageError, VaultError
from ingestd.model import Millis
from ingestd.sign import Certificates, StationKeys

AT = Millis(1_790_000_000_000)
PEM = serialization.Encoding.PEM


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("station") / "keys"
    sign.create_keys(folder, agency="gz.zfj", station="dock-1", at=AT)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "keys"))


class AgencyCa:
    """The agency's own CA: a root, and one between it and the stations."""

    def __init__(self) -> None:
        self.root_key, self.key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        self.root_name, self.name = (x509.Name.from_rfc4514_string(f"CN={n}") for n in ("root", "between"))
        self.root = self._make(
            self.root_name, self.root_name, self.root_key.public_key(), self.root_key, ca=True
        )
        self.between = self._make(self.name, self.root_name, self.key.public_key(), self.root_key, ca=True)

    def _make(self, subject, issuer, public, key, *, ca, days=9000):
        start = datetime.fromtimestamp(AT / 1000, UTC) - timedelta(days=1)
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(start).not_valid_after(start + timedelta(days=days))
        builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        return builder.sign(key, hashes.SHA256())

    def answer(self, csr: bytes, *, days: int = 9000) -> bytes:
        request = x509.load_pem_x509_csr(csr)
        certificate = self._make(
            request.subject, self.name, request.public_key(), self.key, ca=False, days=days
        )
        return certificate.public_bytes(PEM)

    @property
    def pem(self) -> bytes:
        return self.between.public_bytes(PEM) + self.root.public_bytes(PEM)


def modes(folder: Path) -> dict[str, int]:
    return {str(p.relative_to(folder)): stat.S_IMODE(p.stat().st_mode) for p in folder.rglob("*")}


def test_create_keys_files_and_modes(made: Path) -> None:
    """Exactly the files of design 6, private ones closed to everyone else."""
    assert modes(made) == {
        "private": 0o700,
        "private/ca.key": 0o600,
        "private/station.key": 0o600,
        "private/log.key": 0o600,
        "ca.pem": 0o644,
        "station.pem": 0o644,
        "log.vkey": 0o644,
    }
    assert stat.S_IMODE(made.stat().st_mode) == 0o750


def test_certificates_are_those_of_the_design(made: Path) -> None:
    """P-256, 20 and 30 years, a signer's and a CA's extensions."""
    ca, station = (x509.load_pem_x509_certificate((made / n).read_bytes()) for n in ("ca.pem", "station.pem"))
    assert [c.not_valid_after_utc.year - c.not_valid_before_utc.year for c in (ca, station)] == [30, 20]
    assert station.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    assert ca.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert cms.is_chained(station, [ca])
    assert not cms.is_chained(station, [station])


def test_create_keys_never_overwrites(folder: Path) -> None:
    """Existing keys stay, byte for byte; nothing is left beside them."""
    before = (folder / "private" / "log.key").read_bytes()
    with pytest.raises(KeyMaterialError, match="already holds something"):
        sign.create_keys(folder, agency="a", station="b", at=AT)
    assert (folder / "private" / "log.key").read_bytes() == before
    assert [p.name for p in folder.parent.iterdir()] == ["keys"]


def test_create_keys_after_an_interrupted_attempt(tmp_path: Path) -> None:
    """What a crash left half-made is thrown away and made anew."""
    (tmp_path / ".keys.new" / "private").mkdir(parents=True)
    (tmp_path / ".keys.new" / "private" / "ca.key").write_bytes(b"half")
    sign.create_keys(tmp_path / "keys", agency="a", station="b", at=AT)
    StationKeys.load(tmp_path / "keys", at=AT)


@pytest.mark.parametrize("bad", ["", "Dock", "a b", "a/b", "a+b", "-a", "x" * 65, "站"])
def test_create_keys_refuses_ids(tmp_path: Path, bad: str) -> None:
    """Only ids that a log's origin and a certificate can carry."""
    with pytest.raises(UsageError, match="is not valid"):
        sign.create_keys(tmp_path / "keys", agency="a", station=bad, at=AT)


def test_sign_and_verify(folder: Path) -> None:
    """What is signed verifies, with the public half alone too, and names its certificate."""
    keys = StationKeys.load(folder, at=AT)
    der = keys.sign_manifest(b"manifest")
    keys.verify_manifest(b"manifest", der)
    shutil.rmtree(folder / "private")
    assert Certificates.load(folder).verify_manifest(b"manifest", der) == keys.certificate_sha256


def test_repr_shows_no_key(folder: Path) -> None:
    """Keys never reach a log by accident."""
    assert "PrivateKey" not in repr(StationKeys.load(folder, at=AT))


def test_vkey_is_c2sp(folder: Path) -> None:
    """Name, key id over name and key, type 1 and the 32 bytes of the key that signs."""
    keys = StationKeys.load(folder, at=AT)
    name, key_id, encoded = keys.vkey.split("+", 2)
    raw = base64.b64decode(encoded)
    assert name == keys.origin == "gz.zfj/dock-1"
    assert (
        raw
        == b"\x01"
        + ed25519.Ed25519PrivateKey.from_private_bytes(keys.log_seed).public_key().public_bytes_raw()
    )
    assert len(key_id) == 8
    assert (folder / "log.vkey").read_text() == keys.vkey + "\n"


@pytest.mark.parametrize("name", ["private/station.key", "private/log.key", "private/ca.key", "private"])
def test_load_refuses_open_modes(folder: Path, name: str) -> None:
    """A private key that others may read is not used."""
    (folder / name).chmod(0o740)
    with pytest.raises(KeyMaterialError, match="open to others"):
        StationKeys.load(folder, at=AT)


@pytest.mark.parametrize(
    "name", ["station.pem", "ca.pem", "log.vkey", "private/station.key", "private/log.key"]
)
@pytest.mark.parametrize("how", ["missing", "damaged", "link", "of another station"])
def test_load_refuses_what_does_not_fit(folder: Path, tmp_path: Path, name: str, how: str) -> None:
    """Any file that is absent, damaged, a link or another station's is told at load."""
    path = folder / name
    if how == "of another station":
        sign.create_keys(tmp_path / "other", agency="gz.zfj", station="dock-1", at=AT)
        path.write_bytes((tmp_path / "other" / name).read_bytes())
    elif how == "damaged":
        path.write_bytes(b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    else:
        path.unlink()
    if how == "link":
        path.symlink_to("/dev/null")
    with pytest.raises(KeyMaterialError, match="What is stored already is not affected"):
        StationKeys.load(folder, at=AT)


def test_load_refuses_a_foreign_ca_key(folder: Path, tmp_path: Path) -> None:
    """A CA key that stands there must be the one of ca.pem; none at all is as it should be."""
    sign.create_keys(tmp_path / "other", agency="gz.zfj", station="dock-1", at=AT)
    path = folder / "private" / "ca.key"
    path.write_bytes((tmp_path / "other" / "private" / "ca.key").read_bytes())
    with pytest.raises(KeyMaterialError, match=r"not the key of ca\.pem"):
        StationKeys.load(folder, at=AT)
    path.unlink()
    StationKeys.load(folder, at=AT)


def test_load_refuses_a_key_of_another_kind(folder: Path) -> None:
    """Only what openssl and every checker can do: ECDSA P-256."""
    (folder / "private" / "station.key").write_bytes((folder / "private" / "log.key").read_bytes())
    with pytest.raises(KeyMaterialError, match=r"not an ECDSA P-256 key"):
        StationKeys.load(folder, at=AT)


def test_self_test_finds_keys_that_do_not_sign(folder: Path) -> None:
    """A key that signs for another certificate is caught before any evidence."""
    keys = StationKeys.load(folder, at=AT)
    broken = dataclasses.replace(keys, _station_key=ec.generate_private_key(ec.SECP256R1()))
    with pytest.raises(KeyMaterialError, match="self-test failed"):
        broken.self_test()


def test_load_refuses_an_expired_certificate(folder: Path) -> None:
    """Twenty years on the station asks for a new certificate and still verifies the old signatures."""
    keys = StationKeys.load(folder, at=AT)
    later = Millis(AT + 21 * 366 * 86_400_000)
    with pytest.raises(KeyMaterialError, match="expired on 2046"):
        StationKeys.load(folder, at=later)
    Certificates.load(folder).verify_manifest(b"m", keys.sign_manifest(b"m"))


def test_load_with_a_clock_before_the_certificate(folder: Path) -> None:
    """A clock reset to 1970 stops no evidence."""
    StationKeys.load(folder, at=Millis(0))


def test_csr_import_and_renewal(tmp_path: Path) -> None:
    """The agency's CA answers the request; until then, and for a foreign answer, nothing signs."""
    folder, agency = tmp_path / "keys", AgencyCa()
    sign.create_keys(folder, agency="a", station="b", at=AT, csr=True)
    assert not (folder / "private" / "ca.key").exists()
    with pytest.raises(KeyMaterialError, match=r"have keys/station\.csr signed"):
        StationKeys.load(folder, at=AT)
    csr = (folder / "station.csr").read_bytes()
    first, other = agency.answer(csr), AgencyCa()
    for station, ca in [
        (first, other.pem),
        (agency.pem, agency.pem),
        (agency.between.public_bytes(PEM), agency.pem),
    ]:
        with pytest.raises(KeyMaterialError):
            sign.import_certificate(folder, station, ca, at=AT)
    with pytest.raises(KeyMaterialError, match="expired"):
        sign.import_certificate(folder, agency.answer(csr, days=0), agency.pem, at=Millis(AT + 1))
    sign.import_certificate(folder, first, agency.pem, at=AT)
    der = StationKeys.load(folder, at=AT).sign_manifest(b"m")
    with pytest.raises(KeyMaterialError, match="does not cover"):
        sign.import_certificate(folder, other.answer(csr), other.pem, at=AT)
    sign.import_certificate(folder, agency.answer(csr), agency.pem, at=AT)
    renewed = StationKeys.load(folder, at=AT)
    renewed.verify_manifest(b"m", der)
    assert renewed.certificates.verify_manifest(b"m", der) != renewed.certificate_sha256


def test_remove_ca_key(folder: Path, tmp_path: Path) -> None:
    """The key is gone here and good there; the station goes on signing. Again: there is none left."""
    key = (folder / "private" / "ca.key").read_bytes()
    (tmp_path / "stick").mkdir()
    copy = sign.remove_ca_key(folder, tmp_path / "stick")
    assert copy.read_bytes() == key
    assert not (folder / "private" / "ca.key").exists()
    StationKeys.load(folder, at=AT).self_test()
    with pytest.raises(KeyMaterialError, match="cannot be read"):
        sign.remove_ca_key(folder, tmp_path / "stick")


def test_remove_ca_key_keeps_it_unless_the_copy_is_proved(folder: Path, tmp_path: Path) -> None:
    """Another file under that name, or the key's own folder, is no copy."""
    (tmp_path / "ca.key").write_bytes(b"something else")
    for target in (tmp_path, folder / "private"):
        with pytest.raises(KeyMaterialError, match="the key stays"):
            sign.remove_ca_key(folder, target)
    assert (folder / "private" / "ca.key").exists()


def test_foreign_signer_is_refused(folder: Path, tmp_path: Path) -> None:
    """A sound signature by somebody else proves nothing."""
    sign.create_keys(tmp_path / "other", agency="gz.zfj", station="dock-1", at=AT)
    der = StationKeys.load(tmp_path / "other", at=AT).sign_manifest(b"m")
    with pytest.raises(VaultError, match="neither this station's nor issued under"):
        StationKeys.load(folder, at=AT).verify_manifest(b"m", der)


def test_station_of_the_same_ca_issues_nothing(folder: Path) -> None:
    """A station's certificate is no CA: what its key issued is not trusted."""
    key = serialization.load_pem_private_key((folder / "private" / "station.key").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    public = Certificates.load(folder)
    name = certificates.name("gz.zfj", "dock-1", "evidence station")
    forged = certificates.station_certificate(name, public.station.subject, key.public_key(), key, AT)
    assert not cms.is_chained(forged, [public.station, *public.anchors])


def wycheproof(shared: Path, name: str) -> list[tuple[str, dict]]:
    groups = json.loads((shared / "vectors/wycheproof/testvectors_v1" / name).read_text())["testGroups"]
    return [(group["publicKeyPem"], test) for group in groups for test in group["tests"]]


@pytest.mark.parametrize(
    ("name", "verify", "at_least"),
    [
        ("ecdsa_secp256r1_sha256_test.json", cms.verify_ecdsa, 480),
        ("ed25519_test.json", sign.verify_ed25519, 150),
    ],
)
def test_wycheproof(shared: Path, name: str, verify, at_least: int) -> None:
    """The primitives used accept every valid and refuse every invalid signature of Project Wycheproof."""
    wrong = []
    vectors = wycheproof(shared, name)
    for pem, test in vectors:
        key = serialization.load_pem_public_key(pem.encode())
        try:
            verify(key, bytes.fromhex(test["sig"]), bytes.fromhex(test["msg"]))
            accepted = True
        except InvalidSignature:
            accepted = False
        if test["result"] != "acceptable" and accepted != (test["result"] == "valid"):
            wrong.append((test["tcId"], test["comment"]))
    assert wrong == []
    assert len(vectors) >= at_least
