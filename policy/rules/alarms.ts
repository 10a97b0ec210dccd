import { field } from "../field";
import type { Report } from "../fault";
import { checkKeys } from "./known-keys";

/** SNS takes far more; who needs it has a tool with a topic of its own. */
const MOST = 10;
/** RFC 5321's lengths, and of its characters those that every mail system takes unquoted. */
const EMAIL =
  /^(?=.{1,254}$)[A-Za-z0-9_%+-]+(\.[A-Za-z0-9_%+-]+)*@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;
const TOPIC = /^arn:aws:sns:([a-z0-9-]+):\d{12}:[\w-]{1,256}$/;
const EXAMPLE = 'write for example "plant-operations@example.com"';

const isEmail = (value: unknown): value is string =>
  typeof value === "string" && EMAIL.test(value) && value.indexOf("@") <= 64;

const checkEmail = (path: string, value: unknown, report: Report): void => {
  if (!Array.isArray(value) || value.length < 1 || value.length > MOST) {
    report(path, `must be a list of 1 to ${MOST} e-mail addresses`, value, `write for example ["ops@example.com"]`);
    if (!Array.isArray(value)) return;
  }
  const addresses: readonly unknown[] = value;
  const plain = addresses.map((address) => String(address).toLowerCase());
  for (const [index, address] of addresses.entries()) {
    const at = `${path}[${index}]`;
    if (!isEmail(address)) report(at, "must be an e-mail address", address, EXAMPLE);
    else if (plain.indexOf(plain[index]!) < index) report(at, "must be listed once", address, "remove it");
  }
};

const checkTopic = (path: string, value: unknown, region: unknown, report: Report): void => {
  const parts = typeof value === "string" ? TOPIC.exec(value) : null;
  const known = typeof region === "string" ? region : "eu-central-1";
  const example = `write for example "arn:aws:sns:${known}:123456789012:on-call"`;
  if (parts === null) {
    const fifo = typeof value === "string" && value.endsWith(".fifo");
    const fix = fifo ? "name a standard topic: CloudWatch alarms write to no FIFO topic" : example;
    report(path, "must be the ARN of an SNS topic", value, fix);
  } else if (typeof region === "string" && parts[1] !== region) {
    report(path, `must be a topic of the region ${region}, where the alarms are`, value, example);
  }
};

/** E-mail addresses, an SNS topic of the site's region, or both. */
export const checkAlarms = (path: string, value: unknown, region: unknown, report: Report): void => {
  if (!checkKeys(path, value, ["email", "topic"], report)) return;
  const [email, topic] = [field(value, "email"), field(value, "topic")];
  if (email === undefined && topic === undefined)
    report(path, "must name 'email' or 'topic'", value, "name one, or leave 'alarms' out to tell nobody");
  if (email !== undefined) checkEmail(`${path}.email`, email, report);
  if (topic !== undefined) checkTopic(`${path}.topic`, topic, region, report);
};
