import type { Site } from "../policy/site";
import { NOBODY_IS_TOLD } from "../policy/site-alarms";
import { readAlarms, readLines, type SiteAnswers, splitList } from "./site-answers";

/** As `.prettierrc.json` says: a new file is formatted as if by prettier. */
const WIDTH = 120;

const quote = (text: string): string => JSON.stringify(text);

/** `key: "value",`, the value on a line of its own when it would be too wide and the key is more than a few letters. */
const property = (indent: string, key: string, value: string): string => {
  const line = `${indent}${key}: ${value},`;
  return line.length <= WIDTH || key.length < 5 ? line : `${indent}${key}:\n${indent}  ${value},`;
};

/** `const LINES = [...]`, one item a line when it would be too wide. */
const constant = (name: string, items: readonly string[]): string => {
  const line = `const ${name} = [${items.join(", ")}];`;
  return line.length <= WIDTH ? line : `const ${name} = [\n${items.map((item) => `  ${item},`).join("\n")}\n];`;
};

const gatewayRows = (lines: string): string =>
  readLines(lines)
    .flatMap(({ group, gateways }) => [
      `    // ${group}`,
      ...gateways.map((name) => `    { name: ${quote(name)}, role: sparkplugEdgeNode({ group: ${quote(group)} }) },`),
    ])
    .join("\n");

/** `alarms: { ... },`; without receivers a line that says so and how. */
const alarmsOf = (answers: SiteAnswers): string => {
  const alarms = readAlarms(answers.alarms);
  if (!alarms) return `  // For now ${NOBODY_IS_TOLD.replace(" in the site's file", "")}.`;
  const email = alarms.email && `email: [${alarms.email.map(quote).join(", ")}]`;
  const topic = alarms.topic && `topic: ${quote(alarms.topic)}`;
  const fields = [email, topic].filter((field) => field !== undefined);
  const line = `  alarms: { ${fields.join(", ")} },`;
  const comment = "  // Who is told when an alarm goes off: each address is asked once whether it agrees.";
  if (line.length <= WIDTH) return `${comment}\n${line}`;
  const rows = fields.map((field) => {
    const row = `    ${field},`;
    return row.length <= WIDTH || alarms.email === undefined || !field.startsWith("email")
      ? row
      : `    email: [\n${alarms.email.map((address) => `      ${quote(address)},`).join("\n")}\n    ],`;
  });
  return `${comment}\n  alarms: {\n${rows.join("\n")}\n  },`;
};

/**
 * The text of a new site file.
 * @param policy where `policy/` is, seen from the file: `../policy`
 * @param site what the answers declare
 */
export function siteFileText(answers: SiteAnswers, policy: string, { capacity, broker }: Site): string {
  const from = (file: string): string => quote(`${policy}/${file}`);
  return `import { defineSite } from ${from("define-site")};
import { NOT_PUSHED } from ${from("not-pushed")};
import { consumer } from ${from("roles/consumer")};
import { operator } from ${from("roles/operator")};
import { sparkplugEdgeNode } from ${from("roles/sparkplug-edge-node")};
import { sparkplugHost } from ${from("roles/sparkplug-host")};

/** Production lines: Sparkplug groups. */
${constant(
  "LINES",
  readLines(answers.lines).map(({ group }) => quote(group)),
)}

export default defineSite({
  // Prefix of every AWS name and first level of plain telemetry topics. Renaming a deployed site replaces it.
${property("  ", "name", quote(answers.name))}
  // The DNS name that gateways and clients connect to: point it at the load balancer after the first deployment.
${property("  ", "host", quote(answers.host))}
  aws: {
${property("    ", "account", quote(answers.account))}
${property("    ", "region", quote(answers.region))}
    // Append, never reorder: a zone's place is its identity.
    zones: [${splitList(answers.zones).map(quote).join(", ")}],
    // The role that runs Terraform.
${property("    ", "deployerRole", quote(answers.deployerRole))}
  },
  // Replace NOT_PUSHED by the reference that \`npx dmz image push ${answers.name}\` prints.
  broker: { image: NOT_PUSHED${broker.size === "small" ? "" : `, size: ${quote(broker.size)}`} },
  // How many identities the stores are sized for: grow it on purpose, never shrink it.
  capacity: ${capacity},
${alarmsOf(answers)}
  // One entry a gateway. Its name is user name, certificate subject and ClientId at once.
  edge: [
${gatewayRows(answers.lines)}
  ],
  // Who reads and commands them.
  enterprise: [
    { name: "scada", role: sparkplugHost({ groups: LINES }) },
    { name: "historian", role: consumer({ groups: LINES }) },
    { name: "operator", role: operator() },
  ],
});
`;
}
