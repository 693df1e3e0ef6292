"""A real Linux USB stack to test against: a guest whose devices are plugged, slowed and pulled by command.

QEMU by software emulation (a stock kernel boots under it anywhere), Debian's kernel, this machine's root as the
guest's. A guest's CPU is some twenty times slower than this machine's: figures of its speed mean nothing.
"""

from __future__ import annotations

import atexit
import base64
import contextlib
import itertools
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from tests.e2e import kernel
from tests.e2e.guest import AGENT, BLOCK_OF, INIT, PID1
from tests.e2e.kernel import NoGuest

BOOT_SECONDS = 300
PATIENCE_S = 1500
"""Long, for on a busy machine a guest gets a part of a core, and is twenty times slower on a whole one."""
CONTROLLER = "0000:00:10.0"
"""PCI address of the guest's USB controller. Ports 1-15 have a USB 2 and a USB 3 half."""
Message = dict[str, Any]


class Lines:
    """JSON lines over a Unix socket that QEMU makes; every message is handed on, None at the end."""

    def __init__(self, path: Path, heard: Callable[[Message | None], None], deadline: float) -> None:
        while True:
            self._socket = socket.socket(socket.AF_UNIX)
            try:
                self._socket.connect(str(path))
                break
            except OSError as error:
                self._socket.close()
                if time.monotonic() > deadline:
                    raise NoGuest(f"QEMU does not answer: {error}") from error
                time.sleep(0.02)
        self._heard = heard
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError), self._socket.makefile("rb") as lines:
            for line in lines:
                self._heard(json.loads(line))
        self._heard(None)

    def send(self, **message: Any) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reader.join(5)
        self._socket.close()


class Command:
    """A command under way in the guest."""

    def __init__(self) -> None:
        self.raw = {"out": b"", "err": b""}
        self.code: int | None = None
        self.ended = threading.Event()

    def wait(self, seconds: float = 120) -> tuple[int | None, str, str]:
        """Exit status (None: the guest is gone), output, errors."""
        if not self.ended.wait(seconds):
            raise TimeoutError(f"guest command: {self.raw}")
        return self.code, *(self.raw[key].decode(errors="replace") for key in ("out", "err"))


class Machine:
    """A guest, up and answering. `disk` becomes /dev/vda: a path of an image, or QEMU's block options."""

    def __init__(
        self, *, disk: Path | Message | None = None, memory_mib: int = 1024, init: str = INIT
    ) -> None:
        """Raises NoGuest."""
        self._init = init
        missing = [name for name in kernel.PROGRAMS if shutil.which(name) is None]
        if missing:
            raise NoGuest(f"not installed: {', '.join(missing)}")
        self.folder = Path(tempfile.mkdtemp(prefix="ingestd-rig."))
        self.share = self.folder / "share"
        self.share.mkdir()
        self._numbers, self._lock = itertools.count(1), threading.Lock()
        self._commands: dict[int, Command] = {}
        self._replies: queue.Queue[Message] = queue.Queue()
        self._deleted: set[str] = set()
        self.plugged: list[str] = []
        """Devices that are there, in the order in which they came."""
        self._changed, self._up = threading.Condition(), threading.Event()
        self._lines: list[Lines] = []
        begun = time.monotonic()
        atexit.register(self.kill)
        try:
            self._process = self._started(disk, memory_mib)
            self._meet(begun + BOOT_SECONDS)
        except BaseException:
            self.kill()
            raise
        self.boot_seconds = time.monotonic() - begun

    def _started(self, disk: Path | Message | None, memory_mib: int) -> subprocess.Popen[bytes]:
        found = kernel.prepared()
        (self.share / ".pid1").write_text(PID1.replace("@PYTHON@", os.path.realpath(sys.executable)))
        (self.share / ".agent").write_text(AGENT)
        init = self._init.replace("@MODULES@", str(found.modules.parent))
        (self.folder / "initrd").write_bytes(kernel.initramfs(found, init))
        with (self.folder / "errors").open("wb") as errors:
            return subprocess.Popen(
                self._arguments(found, disk, memory_mib),
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )

    def _arguments(self, found: kernel.Kernel, disk: Path | Message | None, memory_mib: int) -> list[str]:
        at = str(self.folder)
        if isinstance(disk, Path):
            disk = {"driver": "file", "filename": str(disk), "cache": {"direct": False}}
        drive = {"driver": "raw", "node-name": "vault", "file": disk}
        return [
            *(
                "setpriv",
                "--pdeathsig=KILL",
                "qemu-system-x86_64",
                "-M",
                "q35",
                "-accel",
                "tcg,thread=multi",
                "-cpu",
                "max",
                "-smp",
                "1",
            ),
            *("-m", str(memory_mib), "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
            *("-kernel", str(found.image), "-initrd", f"{at}/initrd", "-append"),
            # The time-stamp counter is measured at boot, wrongly where this machine is busy: time then runs away.
            # The same program at the same address (norandmaps) is translated once, not in each process.
            (
                "console=ttyS0 quiet panic=-1 mitigations=off norandmaps "
                "notsc clocksource=hpet nolapic_timer no_timer_check"
            ),
            *("-serial", f"file:{at}/console", "-qmp", f"unix:{at}/qmp,server=on,wait=off"),
            *("-device", "virtio-serial-pci", "-device", "virtserialport,chardev=agent,name=rig"),
            *("-chardev", f"socket,id=agent,path={at}/agent,server=on,wait=off"),
            *("-fsdev", "local,id=host,path=/,security_model=none,readonly=on,multidevs=remap"),
            *("-device", "virtio-9p-pci,fsdev=host,mount_tag=host"),
            *("-fsdev", f"local,id=share,path={self.share},security_model=none"),
            *("-device", "virtio-9p-pci,fsdev=share,mount_tag=share"),
            *("-device", "qemu-xhci,id=xhci,p2=15,p3=15,addr=0x10"),
            *(("-blockdev", json.dumps(drive), "-device", "virtio-blk-pci,drive=vault") if disk else ()),
        ]

    def _meet(self, deadline: float) -> None:
        self._lines.append(Lines(self.folder / "qmp", self._qmp_heard, deadline))
        self.qmp("qmp_capabilities")
        self._lines.append(Lines(self.folder / "agent", self._agent_heard, deadline))
        while not self._up.wait(0.05):
            if self._process.poll() is not None or time.monotonic() > deadline:
                errors = (self.folder / "errors").read_text()
                raise NoGuest(f"the guest did not come up: {errors} {self.console()[-2000:]}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.shutdown()

    # --- QEMU ---------------------------------------------------------------------------------

    def _qmp_heard(self, message: Message | None) -> None:
        if message is None:
            self._replies.put({"error": {"desc": "QEMU is gone"}})
        elif message.get("event") == "DEVICE_DELETED":
            with self._changed:
                self._deleted.add(message["data"].get("device", ""))
                self._changed.notify_all()
        elif "return" in message or "error" in message:
            self._replies.put(message)

    def qmp(self, execute: str, **arguments: Any) -> Any:
        """One command of QEMU's machine protocol. Raises RuntimeError."""
        return self._command(execute, {name.replace("_", "-"): value for name, value in arguments.items()})

    def _command(self, execute: str, arguments: Message) -> Any:
        with self._lock:
            self._lines[0].send(execute=execute, arguments=arguments)
            reply = self._replies.get(timeout=30)
        if "error" in reply:
            raise RuntimeError(f"{execute}: {reply['error']['desc']}")
        return reply["return"]

    # --- in the guest -------------------------------------------------------------------------

    def _agent_heard(self, message: Message | None) -> None:
        if message is None:
            for command in self._commands.values():
                command.ended.set()
            return
        if "up" in message:
            self._up.set()
            return
        command = self._commands[message["id"]]
        for key in command.raw:
            command.raw[key] += base64.b64decode(message.get(key, ""))
        if "rc" in message:
            command.code = message["rc"]
            command.ended.set()

    def start(self, text: str, *, kind: str = "cmd") -> Command:
        """Begin a shell command (or Python, ``kind="py"``) in the guest."""
        number, command = next(self._numbers), Command()
        self._commands[number] = command
        self._lines[1].send(id=number, **{kind: text})
        return command

    def run(self, text: str, seconds: float = 120) -> str:
        """Output of a shell command. Raises RuntimeError where it fails."""
        code, out, err = self.start(text).wait(seconds)
        if code != 0:
            raise RuntimeError(f"{text}: exit {code}: {err}{out}")
        return out

    def py(self, text: str, seconds: float = 120) -> Any:
        """What Python code, run in the agent itself (no process to start), leaves in ``result``."""
        code, out, err = self.start(text, kind="py").wait(seconds)
        if code != 0:
            raise RuntimeError(err or "the guest is gone")
        return json.loads(out)

    def until(self, condition: str, seconds: float = 60) -> float:
        """Wait in the guest until a Python expression is true; how long it took."""
        code = f"""
begun = time.monotonic()
while not ({condition}):
    if time.monotonic() > begun + {seconds}:
        raise TimeoutError({condition!r})
    time.sleep(0.1)
result = time.monotonic() - begun"""
        took: float = self.py(code, seconds + 30)
        return took

    def until_still(self, path: str, seconds: float) -> None:
        """Wait until a file of the guest has been the same for so long."""
        self.py(
            f"""
before, since = None, 0.0
while (now := open({path!r}).read()) != before or time.monotonic() < since + {seconds}:
    if now != before:
        before, since = now, time.monotonic()
    time.sleep(0.3)"""
        )

    def console(self) -> str:
        """What the kernel printed."""
        with contextlib.suppress(OSError):
            return (self.folder / "console").read_text(errors="replace")
        return ""

    # --- USB ----------------------------------------------------------------------------------

    def add(self, driver: str, name: str, port: str | None, **properties: Any) -> None:
        """Any device of QEMU; at a USB port ("3", or "1.4" behind a hub) where one is given."""
        place = {} if port is None else {"bus": "xhci.0", "port": port}
        self.qmp("device_add", driver=driver, id=name, **place, **properties)
        self.plugged.append(name)

    def back(self, name: str, image: Path, *, read_only: bool = False, bad_sector: int | None = None) -> str:
        """A disk's bytes for a device to show; reading `bad_sector` fails."""
        file: Message = {"driver": "file", "filename": str(image), "read-only": read_only}
        if bad_sector is not None:
            fault = {"event": "read_aio", "iotype": "read", "errno": 5, "sector": bad_sector}
            file = {"driver": "blkdebug", "image": file, "inject-error": [{**fault, "once": False}]}
        self.qmp("blockdev-add", driver="raw", node_name=f"{name}-disk", read_only=read_only, file=file)
        return f"{name}-disk"

    def plug(
        self, name: str, port: str, image: Path, serial: str, *, read_only: bool = False, **fault: Any
    ) -> None:
        """A mass-storage recorder whose card is `image`."""
        disk = self.back(name, image, read_only=read_only, **fault)
        more = {"rerror": "report"} if fault else {}
        self.add("usb-storage", name, port, serial=serial, drive=disk, removable=True, **more)

    def plug_several(self, name: str, port: str, images: Sequence[Path], serial: str) -> None:
        """A recorder that shows several disks (LUNs), as one with a card and memory of its own does."""
        self.add("usb-bot", name, port, serial=serial)
        for number, image in enumerate(images):
            disk = self.back(f"{name}-{number}", image)
            self.qmp(
                "device_add", driver="scsi-hd", id=f"{name}.{number}", bus=f"{name}.0", lun=number, drive=disk
            )
        self.qmp("qom-set", path=f"/machine/peripheral/{name}", property="attached", value=True)

    def throttle(self, name: str, bytes_per_s: int) -> None:
        """From now on so fast at most; 1 is as good as a hang (not longer than 30 s), 0 lifts it."""
        rest = dict.fromkeys(("bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr"), 0)
        device = f"/machine/peripheral/{name}/{name}.0/legacy[0]"
        self._command("block_set_io_throttle", {"id": device, "bps": bytes_per_s, **rest})

    def pull(self, name: str, seconds: float = 10) -> None:
        """Pull a device out; its disk is let go once QEMU says that it is gone."""
        with contextlib.suppress(RuntimeError):
            self.throttle(name, 0)  # QEMU would wait for throttled requests with its main loop stopped
        self.qmp("device_del", id=name)
        with self._changed:
            if not self._changed.wait_for(lambda: name in self._deleted, seconds):
                raise TimeoutError(f"{name} does not leave")
            self._deleted.discard(name)
        self.plugged.remove(name)
        for node in [n["node-name"] for n in self.qmp("query-named-block-nodes")]:
            if node.startswith(f"{name}-") and node.endswith("-disk"):
                self.qmp("blockdev-del", node_name=node)

    def block(self, port: str, seconds: float = 20) -> str:
        """The disk (/dev/sdX) that the guest's kernel made of what is at a port, once it is there."""
        path: str = self.py(BLOCK_OF.format(port=port, seconds=seconds), seconds + 10)
        return path

    # --- the end ------------------------------------------------------------------------------

    def shutdown(self) -> None:
        """Everything on disk, then off."""
        if self._process.poll() is None:
            with contextlib.suppress(OSError):
                self.start("sync; echo o >/proc/sysrq-trigger")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(20)
        self.kill()

    def kill(self) -> None:
        """The power is cut."""
        atexit.unregister(self.kill)
        process = getattr(self, "_process", None)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        for lines in self._lines:
            lines.close()
        self._lines.clear()
        shutil.rmtree(self.folder, ignore_errors=True)


def script(lines: Sequence[str]) -> str:
    """Shell commands that end at the first failure."""
    return "set -e\n" + "\n".join(lines)
