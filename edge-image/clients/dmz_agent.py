"""Hands messages to the device's agent. `publish` returns when the message is on disk: the agent delivers it from then
on, whatever happens to the network, the device or this program. Protocol: docs/edge-agent.md"""

import json
import socket


class AgentRefused(Exception):
    """The agent refused a message; `code` says why in one word."""

    def __init__(self, code, message):
        super().__init__(f"{code}: {message}")
        self.code = code


class Agent:
    def __init__(self, path="/run/dmz-agent/agent.sock", timeout=30):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(timeout)
        self._socket.connect(path)
        self._received = bytearray()
        self._id = 0
        #: Commands that came while an answer was awaited: (topic, payload).
        self.commands = []
        #: What the agent said of itself: device, prefix, limits.
        self.hello = self._read()

    def publish(self, topic, payload, retain=False):
        """On disk when it returns. Raises AgentRefused."""
        self._request({"op": "publish", "topic": topic, "retain": retain}, payload)

    def birth(self, metrics, device=None):
        """Sparkplug: which metrics the node, or a device of it, has: [{"name", "type", "value"}]."""
        self._request({"op": "birth", **({"device": device} if device else {})}, json.dumps(metrics))

    def data(self, metrics, device=None):
        """Sparkplug: new values, [{"name", "value"}]."""
        self._request({"op": "data", **({"device": device} if device else {})}, json.dumps(metrics))

    def take_commands(self):
        """From now on commands for this device come here; `next_command` waits for one."""
        self._request({"op": "commands"}, b"")

    def next_command(self):
        """(topic, payload). Raises TimeoutError when none came in time; the connection goes on."""
        while not self.commands:
            answer = self._read()
            if answer.get("event") == "command":
                self._take(answer)
        return self.commands.pop(0)

    def close(self):
        self._socket.close()

    def _request(self, header, payload):
        # bytes(5) would be five zeros.
        body = payload.encode() if isinstance(payload, str) else bytes(memoryview(payload))
        self._id += 1
        self._socket.sendall(json.dumps({**header, "id": self._id, "bytes": len(body)}).encode() + b"\n" + body)
        while True:
            answer = self._read()
            if answer.get("event") == "command":
                self._take(answer)
            elif answer.get("ok") and answer.get("id") == self._id:
                return
            elif "error" in answer and answer.get("id", self._id) == self._id:
                raise AgentRefused(answer["error"], answer["message"])

    def _take(self, line):
        # The line is put back until its payload is there: a timeout in between loses neither.
        self._fill(lambda: len(self._received) >= line["bytes"], line)
        payload = bytes(self._received[: line["bytes"]])
        del self._received[: line["bytes"]]
        self.commands.append((line["topic"], payload))

    def _read(self):
        self._fill(lambda: b"\n" in self._received)
        line, _, rest = self._received.partition(b"\n")
        self._received = rest
        return json.loads(line)

    def _fill(self, there, unread=None):
        try:
            while not there():
                chunk = self._socket.recv(65536)
                if not chunk:
                    raise ConnectionError("the agent closed the connection")
                self._received += chunk
        except TimeoutError:
            if unread is not None:
                self._received = bytearray(json.dumps(unread).encode() + b"\n") + self._received
            raise
