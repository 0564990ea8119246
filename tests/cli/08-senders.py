#!/usr/bin/python3
"""The senders under tools/examples/senders, run by redress-sub against servers of the test's own."""
import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "wire"))
from harness import RULES, Daemon, contact, run  # noqa: E402

TOOLS = pathlib.Path(os.environ.get("REDRESS_TOOLS") or HERE.parent.parent / "build/dev/tools")
SENDERS = HERE.parent.parent / "tools/examples/senders"
RULES_ZH = RULES.replace("language: en", "language: zh-CN").replace(
    "[unit], severity: high}", "[unit], severity: high, ack_within: 30m}", 1)
SECRET = "a secret of some length"


class Web:
    """Keeps what is posted; answers in turn as it was told, the last answer for ever."""

    def __init__(self, *answers):
        self.posts, self.answers = [], list(answers)
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                web.posts.append((self.path, self.headers, body))
                status, text = web.answers.pop(0) if len(web.answers) > 1 else web.answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *args):
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook?key=k"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.server.shutdown()
        self.server.server_close()


class Smtp:
    """Takes one mail, after it has refused `refused` connections for a while."""

    def __init__(self, refused=0):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        self.envelope, self.mail, self.refused = [], None, refused
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        for turn in range(self.refused + 1):
            peer = self.listener.accept()[0]
            with peer, peer.makefile("rwb") as file:
                self.talk(file, turn < self.refused)

    def talk(self, file, refuses):
        def say(text):
            file.write(text + b"\r\n")
            file.flush()
        say(b"421 later" if refuses else b"220 mx")
        while not refuses:
            line = file.readline().strip()
            if line.upper() == b"DATA":
                say(b"354 go on")
                lines = iter(file.readline, b".\r\n")
                self.mail = b"".join(one[1:] if one.startswith(b"..") else one for one in lines)
            elif line.upper() == b"QUIT" or not line:
                say(b"221 bye")
                return
            else:
                self.envelope.append(line.decode())
            say(b"250 ok")


def pass_on(daemon, command):
    """One alert, given to the command."""
    return subprocess.run(
        [TOOLS / "redress-sub", "--run", daemon.folder, "--for", "60s", "--from", "start", "--count", "1",
         "--exec", f"{SENDERS}/{command}", "xj/urumqi/d3"],
        capture_output=True, text=True, timeout=100, check=False)


class Alerted:
    """A daemon with one alert, and a folder for secrets."""

    def __init__(self):
        self.daemon = Daemon(args=["--clock", "events"], rules=RULES_ZH)

    def __enter__(self):
        self.daemon.intake().accept({**contact("c-1"), "time": "2025-03-03T10:00:00+08:00"})
        (self.daemon.folder / "secret").write_text(SECRET + "\n", encoding="utf-8")
        return self.daemon

    def __exit__(self, kind, value, trace):
        self.daemon.close(failed=kind is not None)


def test_a_mail_is_sent_and_sent_again():
    with Alerted() as daemon:
        smtp = Smtp(refused=1)
        done = pass_on(daemon, f"mail --server {smtp.address} --from redress@firm.example --to a@firm.example"
                               " --to b@firm.example --zone Asia/Shanghai")
        assert done.returncode == 0, done
        smtp.thread.join(10)
        assert [line for line in smtp.envelope if line.upper().startswith("RCPT")] == [
            "rcpt TO:<a@firm.example>", "rcpt TO:<b@firm.example>"], smtp.envelope
        mail = email.message_from_bytes(smtp.mail, policy=email.policy.default)
        assert mail["Message-ID"] == "<redress-1-1@firm.example>" and mail["X-Priority"] == "1"
        assert mail["Subject"].startswith("[high] 首问高风险：c-1"), mail["Subject"]
        lines = mail.get_content().splitlines()
        assert lines[2] == "Third district, 2025-03-03 10:00", lines
        assert lines[-1] == "2025-03-03 10:30: redressctl ack 1", lines


def test_a_hook_gets_the_alert_signed():
    with Alerted() as daemon, Web((503, b""), (204, b"")) as web:
        done = pass_on(daemon, f"webhook --url {web.url} --secret {daemon.folder}/secret")
        assert done.returncode == 0, done
        assert len(web.posts) == 2 and web.posts[0][1]["X-Redress-Id"] == "1-1"
        path, headers, body = web.posts[1]
        made = hmac.new(SECRET.encode(), headers["X-Redress-Timestamp"].encode() + b"." + body,
                        hashlib.sha256).hexdigest()
        assert path == "/hook?key=k" and headers["X-Redress-Signature"] == "sha256=" + made
        alert = json.loads(body)
        assert alert["seq"] == 1 and alert["unit_name"] == "Third district"
        (daemon.folder / "secret").write_text("short\n", encoding="utf-8")
        done = subprocess.run([SENDERS / "webhook", "--url", web.url, "--secret", daemon.folder / "secret"],
                              input=body, capture_output=True, timeout=60, check=False)
        assert done.returncode == 1 and b"16 bytes" in done.stderr and len(web.posts) == 2


def test_a_robot_that_refuses_is_told_again():
    with Alerted() as daemon, Web((200, b'{"errcode": 45009, "errmsg": "limit"}'),
                                  (200, b'{"errcode": 0}')) as web:
        (daemon.folder / "url").write_text(web.url + "\n", encoding="utf-8")
        done = pass_on(daemon, f"robot --kind wecom --url-file {daemon.folder}/url --zone Asia/Shanghai")
        assert done.returncode == 0 and "45009 limit" in done.stderr, done
        assert len(web.posts) == 2
        text = json.loads(web.posts[1][2])["text"]
        assert text["mentioned_list"] == ["@all"] and text["content"].endswith("\n2025-03-03 10:30: redressctl ack 1"), text


def test_a_robot_of_dingtalk_checks_the_signature():
    with Alerted() as daemon, Web((200, b'{"errcode": 0, "errmsg": "ok"}')) as web:
        (daemon.folder / "url").write_text(web.url + "\n", encoding="utf-8")
        done = pass_on(daemon, f"robot --kind dingtalk --url-file {daemon.folder}/url"
                               f" --secret {daemon.folder}/secret")
        assert done.returncode == 0, done
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(web.posts[0][0]).query))
        made = hmac.new(SECRET.encode(), f"{asked['timestamp']}\n{SECRET}".encode(), hashlib.sha256)
        assert base64.b64decode(asked["sign"]) == made.digest() and asked["key"] == "k"
        told = json.loads(web.posts[0][2])
        assert told["at"] == {"isAtAll": True} and told["text"]["content"].startswith("首问高风险")


run(globals())
