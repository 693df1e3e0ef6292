"""TLS: the pages' own certificate, a real nginx before them, and proxies that nobody named."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import ssl
import subprocess
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.rig import Rig, wait_for
from tests.web.stage import FOUR, StandIn, Web, free_port, web

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
DOCS = Path(__file__).parents[2] / "docs/operations.md"
ORIGIN = {"sec-fetch-site": "same-origin"}


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of this machine for an hour, with its key."""
    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "station.example")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return folder / "cert.pem", folder / "key.pem"


def set_(rig, **values):
    """Settings of the pages."""
    text = rig.config.read_text()
    for key, value in values.items():
        assert f'web.{key} = ""' in text
        text = text.replace(f'web.{key} = ""', f'web.{key} = "{value}"')
    rig.config.write_text(text)


@pytest.fixture
def rig(tmp_path):
    made = Rig(tmp_path / "home")
    daemon = StandIn(made.root)
    daemon.slots = list(FOUR)
    yield made
    daemon.close()


class Tls(Web):
    """Pages that speak TLS themselves."""

    def answers(self):
        try:
            httpx.get(f"https://127.0.0.1:{self.port}/health", verify=False, timeout=5)
        except httpx.TransportError:
            return False
        return True


def test_its_own_certificate(rig, certificate):
    """Whoever trusts it gets in by TLS 1.2 or newer; the browser is told to stay with it; cookies go no other way."""
    cert, key = certificate
    set_(rig, certificate=cert, key=key)
    running = Tls(rig).ready()
    trust = ssl.create_default_context(cafile=cert)
    try:
        with httpx.Client(
            base_url=f"https://127.0.0.1:{running.port}", verify=trust, headers=ORIGIN
        ) as client:
            answer = client.get("/board")
            assert answer.status_code == 200
            assert answer.headers["strict-transport-security"] == "max-age=31536000"
            chosen = client.post("/language/en?back=/board")
            assert "; Secure" in chosen.headers["set-cookie"]
            left = client.post("/logout").headers["set-cookie"]
            assert left.startswith("__Host-session=")
            assert "; Secure" in left
        with pytest.raises(httpx.TransportError):
            httpx.get(f"http://127.0.0.1:{running.port}/board")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://127.0.0.1:{running.port}/board")  # nobody's word but the file's
        old = ssl.create_default_context(cafile=cert)
        with pytest.warns(DeprecationWarning, match="TLSv1_1"):
            old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://127.0.0.1:{running.port}/board", verify=old)
    finally:
        running.stop()


def test_a_proxy_that_nobody_named(rig):
    """Anybody can write these headers: they count for nothing."""
    with web(rig) as running:
        claims = {"x-forwarded-proto": "https", "x-forwarded-for": "192.0.2.1"} | ORIGIN
        answer = httpx.post(f"{running.url}/logout", headers=claims)
        assert "strict-transport-security" not in answer.headers
        assert answer.headers["set-cookie"].startswith("session=")


def test_a_named_proxy(rig):
    """Its word counts: the scheme, and the last address, which it saw itself."""
    set_(rig, proxy="127.0.0.1")
    with web(rig) as running:
        answer = httpx.post(f"{running.url}/logout", headers={"x-forwarded-proto": "https"} | ORIGIN)
        assert answer.headers["strict-transport-security"]
        assert answer.headers["set-cookie"].startswith("__Host-session=")
        plain = httpx.get(f"{running.url}/board", headers={"x-forwarded-proto": "gopher"})
        assert "strict-transport-security" not in plain.headers


@pytest.mark.skipif(NGINX is None, reason="no nginx here (Debian package nginx)")
def test_behind_nginx(rig, certificate, tmp_path):
    """The lines of docs/operations.md as they stand there: pages, forms, the live stream."""
    cert, key = certificate
    port, inner = free_port(), free_port()
    set_(rig, proxy="127.0.0.1")
    (server,) = re.findall(r"```nginx\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    for old, new in (
        ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl"),
        ("/etc/ssl/certs/station.pem", str(cert)),
        ("/etc/ssl/private/station.key", str(key)),
        ("http://127.0.0.1:8787", f"http://127.0.0.1:{inner}"),
    ):
        assert old in server
        server = server.replace(old, new)
    folders = "".join(
        f"{kind}_temp_path {tmp_path}/{kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    conf = tmp_path / "nginx.conf"
    conf.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; {folders} {server} }}"
    )
    running = Web(rig, port=inner).ready()
    before = subprocess.Popen([NGINX, "-c", str(conf), "-p", str(tmp_path)])
    trust, url = ssl.create_default_context(cafile=cert), f"https://127.0.0.1:{port}"

    def is_up():
        try:
            return httpx.get(f"{url}/health", verify=trust).status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(is_up, 20)
        with httpx.Client(base_url=url, verify=trust) as client:
            own = {"origin": url}
            answer = client.post("/logout", headers=own)
            assert answer.status_code == 303
            assert answer.headers["set-cookie"].startswith("__Host-session=")
            assert client.post("/logout", headers={"origin": "https://evil.example"}).status_code == 403
            with client.stream("GET", "/board/stream") as stream:
                assert "event: parts" in "".join(
                    part for _, part in zip(range(40), stream.iter_text(), strict=False)
                )
    finally:
        before.terminate()
        before.wait(10)
        running.stop()
