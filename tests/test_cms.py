"""The strict CMS check accepts what the station and OpenSSL make, and no other form or flipped bit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestd import cms, sign
from ingestd.errors import VaultError
from ingestd.model import Millis
from ingestd.sign import StationKeys

AT = Millis(1_790_000_000_000)
CONTENT = b'{"format":"ingestd-clip/1"}'


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("station") / "keys"
    sign.create_keys(folder, agency="a", station="b", at=AT)
    return folder


@pytest.fixture(scope="module")
def keys(folder: Path) -> StationKeys:
    return StationKeys.load(folder, at=AT)


def check(keys: StationKeys, content: bytes, der: bytes) -> None:
    public = keys.certificates
    cms.verify(content, der, signers=[public.station], anchors=public.anchors)


def openssl_sign(folder: Path, tmp_path: Path, *options: str) -> bytes:
    (tmp_path / "content").write_bytes(CONTENT)
    out = tmp_path / "out.p7s"
    subprocess.run(
        [
            *(
                "openssl",
                "cms",
                "-sign",
                "-binary",
                "-outform",
                "DER",
                "-in",
                tmp_path / "content",
                "-out",
                out,
            ),
            *("-signer", folder / "station.pem", "-inkey", folder / "private/station.key", *options),
        ],
        check=True,
        capture_output=True,
    )
    return out.read_bytes()


@pytest.mark.filterwarnings("ignore:Parsed a serial number")
def test_no_flipped_bit_is_accepted(keys: StationKeys) -> None:
    """Every single bit of a signature matters.

    Two bits pad the CA's signature inside the certificate: flipped, the same certificate is another by its
    digest, which `check` holds against the one that the manifest names.
    """
    der, station = keys.sign_manifest(CONTENT), keys.certificates.station
    accepted = []
    for bit in range(len(der) * 8):
        flipped = bytearray(der)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            signer = cms.verify(CONTENT, bytes(flipped), signers=[station], anchors=keys.certificates.anchors)
        except VaultError:
            continue
        if signer == station:
            accepted.append(bit)
        assert signer.tbs_certificate_bytes == station.tbs_certificate_bytes
    assert accepted == []


def test_no_cut_and_no_addition_is_accepted(keys: StationKeys) -> None:
    """Neither a part of a signature nor more than one."""
    der = keys.sign_manifest(CONTENT)
    for wrong in [*(der[:n] for n in range(len(der))), der + b"\0", der + der, b"\0" * 70_000]:
        with pytest.raises(VaultError, match="does not hold"):
            check(keys, CONTENT, wrong)


@given(st.binary(max_size=200))
def test_other_content_is_refused(keys: StationKeys, content: bytes) -> None:
    """A signature holds for the bytes it was made for and no others."""
    der = keys.sign_manifest(CONTENT)
    if content != CONTENT:
        with pytest.raises(VaultError, match="the content is not what was signed"):
            check(keys, content, der)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_a_vault_error(keys: StationKeys, der: bytes) -> None:
    """Hostile input never raises anything else."""
    with pytest.raises(VaultError):
        check(keys, CONTENT, der)


def test_openssl_made_is_accepted(folder: Path, tmp_path: Path, keys: StationKeys) -> None:
    """The form is OpenSSL's own, with its S/MIME capabilities too."""
    for options in (["-md", "sha256"], ["-md", "sha256", "-nosmimecap"]):
        check(keys, CONTENT, openssl_sign(folder, tmp_path, *options))


@pytest.mark.parametrize(
    "options",
    [
        ["-md", "sha256", "-nodetach"],
        ["-md", "sha256", "-noattr"],
        ["-md", "sha256", "-nocerts"],
        ["-md", "sha512"],
        ["-md", "sha256", "-keyid"],
    ],
    ids=" ".join,
)
def test_other_forms_are_refused(folder: Path, tmp_path: Path, keys: StationKeys, options: list[str]) -> None:
    """Attached content, no attributes, no certificate, another digest, another name for the signer."""
    with pytest.raises(VaultError, match="does not hold"):
        check(keys, CONTENT, openssl_sign(folder, tmp_path, *options))


def test_two_certificates_are_refused(folder: Path, tmp_path: Path, keys: StationKeys) -> None:
    """Nothing may travel along with the one certificate."""
    der = openssl_sign(folder, tmp_path, "-md", "sha256", "-certfile", str(folder / "ca.pem"))
    with pytest.raises(VaultError, match="more than expected in certificates"):
        check(keys, CONTENT, der)


def test_message_says_what_to_do(keys: StationKeys) -> None:
    """Both languages name the reason and the next step."""
    with pytest.raises(VaultError) as caught:
        check(keys, CONTENT, b"")
    assert "compare with the manifest's digest in the log" in str(caught.value)
    assert "比对" in caught.value.say("zh")
