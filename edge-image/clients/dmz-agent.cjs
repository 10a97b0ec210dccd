const { Buffer } = require("node:buffer");
const { once } = require("node:events");
const { connect } = require("node:net");

/**
 * Hands messages to the device's agent. `publish` resolves when the message is on disk: the agent delivers it from then
 * on, whatever happens to the network, the device or this program. Protocol: docs/edge-agent.md
 */
async function connectAgent(path = "/run/dmz-agent/agent.sock", onCommand = undefined) {
  const socket = connect(path);
  const waiting = new Map();
  let buffer = Buffer.alloc(0);
  let command;
  let nextId = 0;
  let failure = new Error("the agent closed the connection");
  let greet;
  let refuse;
  const greeted = new Promise((resolve, reject) => ([greet, refuse] = [resolve, reject]));
  greeted.catch(() => undefined);

  const take = (line) => {
    if (line.event === "hello") greet(line);
    else if (line.event === "command") command = line;
    else if (line.id === undefined) failure = Object.assign(new Error(line.message), { code: line.error });
    else {
      const { resolve, reject } = waiting.get(line.id);
      waiting.delete(line.id);
      if (line.ok) resolve();
      else reject(Object.assign(new Error(line.message), { code: line.error }));
    }
  };
  socket.on("data", (chunk) => {
    buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk]);
    for (;;) {
      if (command) {
        if (buffer.length < command.bytes) return;
        onCommand?.(command.topic, Buffer.from(buffer.subarray(0, command.bytes)));
        buffer = buffer.subarray(command.bytes);
        command = undefined;
      }
      const end = buffer.indexOf(10);
      if (end === -1) return;
      const line = JSON.parse(buffer.subarray(0, end).toString());
      buffer = buffer.subarray(end + 1);
      take(line);
    }
  });
  socket.on("error", (error) => (failure = error));
  socket.on("close", () => {
    // Before the greeting: the agent has as many connections as it takes.
    refuse(failure);
    for (const { reject } of waiting.values()) reject(failure);
    waiting.clear();
  });
  await once(socket, "connect");

  const request = (header, payload = "") =>
    new Promise((resolve, reject) => {
      if (socket.destroyed) return reject(failure);
      const body = Buffer.from(payload);
      const id = nextId++;
      waiting.set(id, { resolve, reject });
      socket.write(Buffer.concat([Buffer.from(`${JSON.stringify({ ...header, id, bytes: body.length })}\n`), body]));
    });
  const hello = await greeted;
  if (onCommand) await request({ op: "commands" });
  return {
    /** What the agent said of itself: device, prefix, limits. */
    hello,
    publish: (topic, payload, { retain = false } = {}) => request({ op: "publish", topic, retain }, payload),
    /** Sparkplug: which metrics the node, or a device of it, has: [{ name, type, value }]. */
    birth: (metrics, device) => request({ op: "birth", device }, JSON.stringify(metrics)),
    /** Sparkplug: new values, [{ name, value }]. */
    data: (metrics, device) => request({ op: "data", device }, JSON.stringify(metrics)),
    close: () => socket.end(),
  };
}

module.exports = { connectAgent };
