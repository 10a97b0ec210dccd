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
        self._answers = self._socket.makefile("rb")
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
        while not self.commands:
            self._take(self._read())
        return self.commands.pop(0)

    def close(self):
        self._answers.close()
        self._socket.close()

    def _request(self, header, payload):
        body = payload.encode() if isinstance(payload, str) else bytes(payload)
        self._id += 1
        self._socket.sendall(json.dumps({**header, "id": self._id, "bytes": len(body)}).encode() + b"\n" + body)
        while True:
            answer = self._read()
            if answer.get("event") == "command":
                self._take(answer)
            elif answer.get("ok") and answer.get("id") == self._id:
                return
            elif "error" in answer:
                raise AgentRefused(answer["error"], answer["message"])

    def _take(self, line):
        self.commands.append((line["topic"], self._answers.read(line["bytes"])))

    def _read(self):
        line = self._answers.readline()
        if not line:
            raise ConnectionError("the agent closed the connection")
        return json.loads(line)
