"""What docs/formats.md tells an outsider to do with one clip or document works with tools that are not ours."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ingestd import durable, sign
from ingestd.model import Millis
from ingestd.sign import StationKeys
from ingestd.testing.evidence import DOCKED_AT, document_manifest, expected_of, seal, store_document
from ingestd.vault.check import Expected, ExpectedDocument
from ingestd.vault.layout import Home
from ingestd.vault.store import Vault
from ingestd.vault.values import Values, new_salt

DATA = bytes(range(256)) * 4096 * 2 + b"tail"
DOCS = Path(__file__).resolve().parents[2] / "docs" / "formats.md"
ATTIME = str(DOCKED_AT // 1000 + 60)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path)
    durable.make_folder(home.partial_root)
    sign.create_keys(home.keys, agency="gz.zfj", station="dock-1", at=DOCKED_AT)
    return home


@pytest.fixture
def clip(home: Home) -> Expected:
    sealed = seal(home, StationKeys.load(home.keys, at=DOCKED_AT), DATA)
    Vault(home).adopt([sealed])
    return expected_of(sealed)


def run(*command: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)


def openssl(home: Home, clip: Expected, *, ca: Path | None = None, at: str = ATTIME):
    """The command of formats.md, at the time of storing."""
    x = home.manifest_named(clip.manifest)
    return run(
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", f"{x}.p7s", "-content", x),
        *("-CAfile", ca or home.keys / "ca.pem", "-no-CApath", "-no-CAstore", "-purpose", "any"),
        *("-attime", at, "-out", "/dev/null"),
    )


def test_openssl_accepts_the_signature(home: Home, clip: Expected) -> None:
    """Also 19 years on, and with the certificate that the manifest names."""
    for years in (0, 19):
        at = datetime.fromtimestamp(DOCKED_AT / 1000, UTC) + timedelta(days=years * 365, minutes=1)
        done = openssl(home, clip, at=f"{at.timestamp():.0f}")
        assert (done.returncode, done.stderr) == (0, "CMS Verification successful\n")


def test_openssl_refuses_a_changed_manifest(home: Home, clip: Expected) -> None:
    """One character of the manifest."""
    path = home.manifest_named(clip.manifest)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"marked":false', b'"marked":true'))
    assert "verification failure" in openssl(home, clip).stderr.lower()


def test_openssl_refuses_another_ca(home: Home, clip: Expected, tmp_path: Path) -> None:
    """The certificate of another station's CA proves nothing."""
    sign.create_keys(tmp_path / "other", agency="gz.zfj", station="dock-1", at=DOCKED_AT)
    assert openssl(home, clip, ca=tmp_path / "other" / "ca.pem").returncode != 0


def test_openssl_says_whose_certificate_signed(home: Home, clip: Expected, tmp_path: Path) -> None:
    """Signer and pinned certificate can be compared by their digests."""
    p7s = f"{home.manifest_named(clip.manifest)}.p7s"
    out = tmp_path / "signer.pem"
    run("openssl", "pkcs7", "-inform", "DER", "-in", p7s, "-print_certs", "-out", out)
    signer, pinned = (
        run("openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256").stdout
        for path in (out, home.keys / "station.pem")
    )
    assert signer == pinned
    keys = StationKeys.load(home.keys, at=DOCKED_AT)
    assert signer.split("=")[1].strip().replace(":", "").lower() == keys.certificate_sha256


def test_openssl_accepts_an_agency_ca(tmp_path: Path) -> None:
    """A certificate that openssl itself issued for our request signs, and openssl verifies it."""
    home, ca = Home(tmp_path / "home"), tmp_path / "agency"
    durable.make_folder(home.partial_root)
    ca.mkdir()
    now = Millis(int(datetime.now(UTC).timestamp() * 1000))
    sign.create_keys(home.keys, agency="a", station="b", at=now, csr=True)
    run(
        *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
        *("-days", 9000, "-subj", "/CN=agency", "-keyout", ca / "ca.key", "-out", ca / "ca.pem"),
    )
    made = run(
        *("openssl", "x509", "-req", "-in", home.keys / "station.csr", "-CA", ca / "ca.pem"),
        *("-CAkey", ca / "ca.key", "-CAcreateserial", "-days", 7000, "-out", ca / "station.pem"),
    )
    assert made.returncode == 0, made.stderr
    pems = [(ca / name).read_bytes() for name in ("station.pem", "ca.pem")]
    sign.import_certificate(home.keys, *pems, at=Millis(now + 1000))
    sealed = seal(home, StationKeys.load(home.keys, at=Millis(now + 1000)), b"x")
    Vault(home).adopt([sealed])
    done = openssl(home, expected_of(sealed), at=str(now // 1000 + 60))
    assert done.returncode == 0, done.stderr


def test_sha256sum_of_the_clip(home: Home, clip: Expected) -> None:
    """Equals its name."""
    path = home.clips(clip.sha256)
    assert run("sha256sum", path).stdout.split()[0] == path.name


def test_b3sum_of_a_piece(home: Home, clip: Expected, tmp_path: Path) -> None:
    """Each MiB, cut out by dd, has its 32 bytes in the list."""
    path, digests = home.clips(clip.sha256), home.chunks(clip.sha256).read_bytes()
    for index in range(3):
        piece = tmp_path / "piece"
        run("dd", f"if={path}", f"of={piece}", "bs=1M", f"skip={index}", "count=1")
        assert run("b3sum", "--no-names", piece).stdout.strip() == digests[32 * index :][:32].hex()


def block(name: str) -> str:
    found = re.search(rf"<!-- tested: {name} -->\n```sh\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_commands_of_the_document_work(home: Home, clip: Expected) -> None:
    """The shell block for one clip in docs/formats.md, run word for word, prints what it says."""
    values = f"DIR={home.root}\nX=vault/manifests/{clip.manifest}\nN=1\n"
    commands = re.sub(r"^(DIR|X|N)=.*\n", "", block("clip"), flags=re.MULTILINE)
    done = run("bash", "-c", "set -e -o pipefail\n" + values + commands)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CMS Verification successful" in done.stderr
    signer, pinned, named, found, b3, listed = done.stdout.splitlines()
    assert signer == pinned
    assert named == found == clip.sha256
    assert b3 == listed
    assert len(b3) == 64


@pytest.fixture
def document(home: Home) -> ExpectedDocument:
    keys = StationKeys.load(home.keys, at=DOCKED_AT)
    return store_document(home, keys, DATA, document_manifest(DATA, keys))


def by_hand(home: Home, document: ExpectedDocument) -> subprocess.CompletedProcess[str]:
    """The shell block for one document, run word for word."""
    named = f"M={document.manifest_sha256}\nP={document.signature_sha256}\n"
    commands = re.sub(r"^(DIR|M|P)=.*\n", "", block("document"), flags=re.MULTILINE)
    return run("bash", "-c", f"set -e -o pipefail\nDIR={home.root}\n{named}{commands}")


def test_commands_for_a_document_work(home: Home, document: ExpectedDocument) -> None:
    """They print what the page says."""
    done = by_hand(home, document)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "CMS Verification successful" in done.stderr
    manifest, signature, signer, pinned, named, found = done.stdout.splitlines()
    assert (manifest, signature) == (document.manifest_sha256, document.signature_sha256)
    assert signer == pinned
    assert named == found == document.sha256


def test_commands_refuse_a_changed_document(home: Home, document: ExpectedDocument) -> None:
    """Other bytes have another digest; another manifest has no signature."""
    path = home.blob(document.sha256)
    path.chmod(0o644)
    path.write_bytes(DATA + b"!")
    named, found = by_hand(home, document).stdout.splitlines()[-2:]
    assert named != found
    path = home.blob(document.manifest_sha256)
    path.chmod(0o644)
    path.write_bytes(path.read_bytes().replace(b'"WS-1"', b'"WS-2"'))
    done = by_hand(home, document)
    assert done.returncode != 0
    assert "verification failure" in done.stderr.lower()


def test_value_by_hand(home: Home) -> None:
    """The shell block for a personal value gives the digest that stands in the log."""
    (digest,) = Values(home).put([(new_salt(), {"reason": "换卡", "by": "x"})])
    done = run("bash", "-c", f"set -e -o pipefail\nV={home.value(digest)}\n" + block("value"))
    assert done.stdout.split()[0] == digest, done.stderr
