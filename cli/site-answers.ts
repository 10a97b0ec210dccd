import type { SiteDeclaration } from "../policy/site";
import type { SiteAlarms } from "../policy/site-alarms";
import { smallestSize } from "../policy/broker-sizes";
import { NOT_PUSHED } from "../policy/not-pushed";
import { consumer } from "../policy/roles/consumer";
import { operator } from "../policy/roles/operator";
import { sparkplugEdgeNode } from "../policy/roles/sparkplug-edge-node";
import { sparkplugHost } from "../policy/roles/sparkplug-host";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";

/** What `dmz new` needs to know, each as typed on the command line or at a prompt. */
export interface SiteAnswers {
  readonly name: string;
  readonly host: string;
  readonly account: string;
  readonly region: string;
  /** Comma-separated: `eu-central-1a,eu-central-1b`. */
  readonly zones: string;
  readonly deployerRole: string;
  /** Production lines and how many gateways each has: `line1=2,line2=2`. */
  readonly lines: string;
  /** Who is told of alarms: e-mail addresses and at most one SNS topic's ARN, comma-separated. @default nobody */
  readonly alarms?: string;
}

/** A production line: a Sparkplug group with its gateways. */
export interface Line {
  readonly group: string;
  readonly gateways: readonly string[];
}

const LINE = /^([A-Za-z0-9._-]{1,24})=([1-9]\d{0,2})$/;

export const splitList = (text: string): readonly string[] =>
  text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");

/**
 * `line1=2` becomes the group line1 with the gateways gw-line1-1 and gw-line1-2.
 * @throws CommandError when it cannot be read
 */
export function readLines(text: string): readonly Line[] {
  const parts = splitList(text);
  const faulty = parts.find((part) => !LINE.test(part));
  if (parts.length === 0 || faulty !== undefined)
    throw new CommandError(
      `production lines must be <line>=<gateways> pairs (line of up to 24 of A-Z a-z 0-9 . _ -, 1 to 999 gateways), got '${faulty ?? text}'`,
      "write for example line1=2,line2=3",
      EXIT.usage,
    );
  const groups = parts.map((part) => part.slice(0, part.indexOf("=")));
  const twice = groups.find((group, index) => groups.indexOf(group) !== index);
  if (twice !== undefined)
    throw new CommandError(
      `production lines must be named once each, got '${twice}' twice`,
      "rename one of them, or add up their gateways",
      EXIT.usage,
    );
  return parts.map((part) => {
    const [group = "", count] = part.split("=");
    return { group, gateways: Array.from({ length: Number(count) }, (_, index) => `gw-${group}-${index + 1}`) };
  });
}

/** `ops@example.com,arn:aws:sns:...` becomes addresses and topic; nothing becomes nobody. */
export function readAlarms(text: string | undefined): SiteAlarms | undefined {
  const parts = splitList(text ?? "");
  const [topics, email] = [
    parts.filter((part) => part.startsWith("arn:")),
    parts.filter((part) => !part.startsWith("arn:")),
  ];
  if (parts.length === 0) return undefined;
  // Two topics are one that no rule takes.
  return { ...(email.length > 0 && { email }), ...(topics.length > 0 && { topic: topics.join(",") }) };
}

/** The declaration that the new file will make: every gateway a Sparkplug edge node, a SCADA host, a historian, an operator. */
export function declarationOf(answers: SiteAnswers): SiteDeclaration {
  const lines = readLines(answers.lines);
  const groups = lines.map(({ group }) => group);
  const alarms = readAlarms(answers.alarms);
  const edge = lines.flatMap(({ group, gateways }) =>
    gateways.map((name) => ({ name, role: sparkplugEdgeNode({ group }) })),
  );
  // The three enterprise clients count, too.
  const size = smallestSize(edge.length + 3);
  return {
    name: answers.name,
    host: answers.host,
    aws: {
      account: answers.account,
      region: answers.region,
      zones: splitList(answers.zones),
      deployerRole: answers.deployerRole,
    },
    broker: { image: NOT_PUSHED, ...(size !== undefined && size !== "small" && { size }) },
    capacity: Math.max(500, 250 * Math.ceil((2 * edge.length) / 250)),
    ...(alarms && { alarms }),
    edge,
    enterprise: [
      { name: "scada", role: sparkplugHost({ groups }) },
      { name: "historian", role: consumer({ groups }) },
      { name: "operator", role: operator() },
    ],
  };
}
