"""The guest's side: how it comes up, and the agent through which tests work in it.

The guest's root is this machine's own root, read-only, under an overlay in memory: the checkout and its
environment are there as they are, and whatever a guest does is gone with it. ``/run/rig`` is a folder that
both sides write.
"""

from __future__ import annotations

INIT = r"""#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in $($b cat /modules); do $b insmod /m/$m || echo "insmod $m failed"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /lower
$b mount -t tmpfs -o mode=755 rw /rw; $b mkdir /rw/up /rw/work
$b mount -t overlay -o lowerdir=/lower,upperdir=/rw/up,workdir=/rw/work root /root || exec $b poweroff -f
for d in proc sys dev; do $b mount --move /$d /root/$d; done
cd /root
$b mount -t tmpfs -o mode=755 run run
$b mkdir -p dev/pts dev/shm run/udev run/rig lib/modules
$b mount -t devpts pts dev/pts; $b mount -t tmpfs shm dev/shm
$b mount --bind .@MODULES@ lib/modules
$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=512000 share run/rig
$b hostname dock; $b ip link set lo up
echo 0 >sys/module/usb_storage/parameters/delay_use
exec $b switch_root /root /bin/sh /run/rig/.pid1
"""
"""``/init`` of the initramfs; @MODULES@ is where the kernel's modules lie on this machine. `delay_use`: no
second of waiting a plug, as the kernel's own default since 6.11."""

INIT_UNITS = r"""#!/bin/busybox sh
b=/bin/busybox
$b mount -t proc proc /proc; $b mount -t sysfs sys /sys; $b mount -t devtmpfs dev /dev
for m in $($b cat /modules); do $b insmod /m/$m || echo "insmod $m failed"; done
$b mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=512000 host /lower
$b mount -t tmpfs -o mode=755 rw /rw; $b mkdir /rw/up /rw/work
$b mount -t overlay -o lowerdir=/lower@ROOT@,upperdir=/rw/up,workdir=/rw/work root /root || exec $b poweroff -f
$b mount --bind /lower/usr /root/usr; $b mount --bind /lower@PACKAGES@ /root/opt/packages
for d in proc sys dev; do $b mount --move /$d /root/$d; done
cd /root
$b mount -t tmpfs -o mode=755 run run
$b mkdir -p run/rig srv
$b mount -t 9p -o trans=virtio,version=9p2000.L,cache=none,msize=512000 share run/rig
echo 0 >sys/module/usb_storage/parameters/delay_use
exec $b switch_root /root /usr/lib/systemd/systemd
"""
"""The same for a machine of its own at @ROOT@ of this one (`tests.service.container`), which boots its systemd."""

PID1 = """exec </dev/null; export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root
/lib/systemd/systemd-udevd --daemon
@PYTHON@ -ISB /run/rig/.agent & while :; do wait; done
"""

AGENT = r"""
import base64, glob, json, os, subprocess, threading, time, traceback
port = open("/dev/vport0p1", "r+b", buffering=0)
lock = threading.Lock()

def say(**message):
    with lock:
        data = json.dumps(message).encode() + b"\n"
        while data:
            data = data[port.write(data):]

def pump(number, key, stream):
    while data := stream.read1(65536):
        say(id=number, **{key: base64.b64encode(data).decode()})

def inside(message):
    names = {"__name__": "rig"}
    try:
        exec(message["py"], globals(), names)
        say(id=message["id"], out=base64.b64encode(json.dumps(names.get("result")).encode()).decode(), rc=0)
    except BaseException:
        say(id=message["id"], err=base64.b64encode(traceback.format_exc().encode()).decode(), rc=1)

def work(message):
    if "py" in message:
        return inside(message)
    child = subprocess.Popen(["/bin/bash", "-c", message["cmd"]], stdin=subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    say(id=message["id"], pid=child.pid)
    pumps = [threading.Thread(target=pump, args=(message["id"], key, stream))
             for key, stream in (("out", child.stdout), ("err", child.stderr))]
    for one in pumps: one.start()
    for one in pumps: one.join()
    say(id=message["id"], rc=child.wait())

say(up=float(open("/proc/uptime").read().split()[0]))
rest = b""
while True:
    if not (data := port.read(65536)):
        continue
    *lines, rest = (rest + data).split(b"\n")
    for line in lines:
        threading.Thread(target=work, args=(json.loads(line),), daemon=True).start()
"""
"""Runs commands (`cmd`) and Python (`py`, what it leaves in `result`) as they come, all at once."""

BLOCK_OF = """
end, result = time.monotonic() + {seconds}, None
while result is None and time.monotonic() < end:
    for disk in glob.glob("/sys/bus/usb/devices/[12]-{port}/*/host*/target*/*/block/*"):
        if open(disk + "/size").read() != "0\\n":
            result = "/dev/" + os.path.basename(disk)
    time.sleep(0.02)
if result is None:
    raise TimeoutError("no block device at port {port}")
"""
