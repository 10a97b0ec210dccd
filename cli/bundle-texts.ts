import type { ClientConnection } from "./client-connection";
import { shellQuote } from "./shell-quote";

/** A file of a bundle: its text and its permissions. */
export interface BundleText {
  readonly text: string;
  readonly mode: number;
}

/** Only the owner reads it. */
const SECRET = 0o600;
const PUBLIC = 0o644;
const EXECUTABLE = 0o755;

/**
 * The files of a bundle that say how to connect: they change with the address, not with the credentials.
 * mosquitto's tools take a password from an options file, so that it never shows in a list of processes; they look for
 * that file in `$XDG_CONFIG_HOME`, which the two scripts point at the bundle.
 */
export function bundleTexts(connection: ClientConnection, password: string): Readonly<Record<string, BundleText>> {
  return {
    "mqtt.json": { text: `${JSON.stringify(connection, undefined, 2)}\n`, mode: PUBLIC },
    ...(connection.topics.subscribe.length > 0 && {
      "mosquitto/mosquitto_sub": { text: mosquittoOptions(connection, password), mode: SECRET },
      subscribe: { text: script(connection, "sub"), mode: EXECUTABLE },
    }),
    ...(connection.topics.publish.length > 0 && {
      // At QoS 0 a refused message would look like a sent one.
      "mosquitto/mosquitto_pub": { text: `${mosquittoOptions(connection, password)}-q 1\n`, mode: SECRET },
      publish: { text: script(connection, "pub"), mode: EXECUTABLE },
    }),
    "README.md": { text: readme(connection), mode: PUBLIC },
  };
}

function mosquittoOptions({ host, port, username, clientId }: ClientConnection, password: string): string {
  return `-h ${host}\n-p ${port}\n-i ${clientId}\n-u ${username}\n-P ${password}\n`;
}

function script({ clientId, kind, files }: ClientConnection, tool: "sub" | "pub"): string {
  // Two connections with one ClientId throw each other out. An edge device has but one; the process's number keeps those
  // of an enterprise client apart.
  const own = kind === "enterprise" ? ` -i "${clientId}~${tool}-$$"` : "";
  const named = { "--cafile": files.ca, "--cert": files.certificate, "--key": files.key };
  const given = Object.entries(named).flatMap(([option, file]) =>
    file === undefined ? [] : [` ${option} "$bundle/${file}"`],
  );
  // Run where the caller is: a file that is named behind it, such as -f reading.json, is one of that folder.
  return `#!/bin/sh
# Runs mosquitto_${tool} as this client; add what it takes, for example -t <topic>.
bundle=$(CDPATH= cd "$(dirname "$0")" && pwd) || exit
XDG_CONFIG_HOME="$bundle/mosquitto" exec mosquitto_${tool}${given.join("")}${own} "$@"
`;
}

/** The connect options as a user would write them, reading the secrets from the bundle's files. */
export function mqttJsSnippet({ url, clientId, username, files }: ClientConnection, folder: string): string {
  const read = (file: string): string => `readFileSync(${JSON.stringify(`${folder}/${file}`)})`;
  return [
    `import { readFileSync } from "node:fs";`,
    `import mqtt from "mqtt";`,
    ``,
    `const client = mqtt.connect("${url}", {`,
    `  clientId: "${clientId}",`,
    `  username: "${username}",`,
    `  password: ${read(files.password)},`,
    `  ca: ${read(files.ca)},`,
    ...(files.certificate && files.key ? [`  cert: ${read(files.certificate)},`, `  key: ${read(files.key)},`] : []),
    `});`,
  ].join("\n");
}

function commands({ publish, subscribe }: ClientConnection["topics"]): string {
  const topic = publish.find((filter) => !/[+#]/.test(filter)) ?? "<topic>";
  const lines = [
    ...(subscribe.length > 0 ? [`    ./subscribe -v -t ${shellQuote(subscribe[0]!)}`] : []),
    ...(publish.length > 0 ? [`    ./publish -t ${shellQuote(topic)} -m '<message>'`] : []),
    ...(publish.length > 0
      ? ["", "A message that is not allowed ends `publish` with exit code 7; with `-q 0` nobody would know."]
      : []),
  ];
  return lines.join("\n");
}

function readme(connection: ClientConnection): string {
  const { clientId, site, url, topics, kind } = connection;
  const list = (filters: readonly string[]): string =>
    filters.map((filter) => `- \`${filter}\``).join("\n") || "- nothing";
  return `# ${clientId}, ${kind === "edge" ? "an edge device" : "an enterprise client"} of site ${site}

Connects to ${url} with MQTT 3.1.1. Keep \`key.pem\`, \`password\` and \`mosquitto/\` secret: they are this client.

May publish:

${list(topics.publish)}

May subscribe:

${list(topics.subscribe)}

With mosquitto's tools (the password stays in a file, out of the list of processes):

${commands(topics)}

With MQTT.js, in this folder:

${mqttJsSnippet(connection, ".").replaceAll(/^(?=.)/gm, "    ")}
`;
}
