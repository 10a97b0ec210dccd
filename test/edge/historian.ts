/** Runs on the lab's broker host: prints every message that the historian may read, as `topic payload`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "mqtt";

const bundle = process.argv[2]!;
const read = (name: string): string => readFileSync(join(bundle, name), "utf8");
const { clientId, username, topics, host } = JSON.parse(read("mqtt.json")) as {
  clientId: string;
  username: string;
  host: string;
  topics: { subscribe: string[] };
};
const client = connect({
  protocol: "mqtts",
  host: "127.0.0.1",
  servername: host,
  port: 8883,
  ca: read("ca.pem"),
  cert: read("cert.pem"),
  key: read("key.pem"),
  clientId,
  username,
  password: read("password"),
  // Those of the other kind wait for a reader that was gone.
  clean: false,
});
client.on("message", (topic, payload) => void process.stdout.write(`${topic} ${payload.toString()}\n`));
client.once("connect", () =>
  client.subscribe(topics.subscribe, { qos: 1 }, (error) => {
    if (error) throw error;
    process.stdout.write("ready\n");
  }),
);
process.stdin.once("end", () => process.exit()).resume();
