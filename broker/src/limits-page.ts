import { BROKER_ENV } from "../../policy/deployment";
import { BROKER_SIZES } from "../../policy/broker-sizes";
import { LIMIT_TABLE, type Limit } from "./limits";
import { type MemoryLimits, memoryLimits } from "./memory-limits";

const shown = ({ value, unit }: Pick<Limit, "value" | "unit">): string => {
  if (unit === "bytes" && value % (1024 * 1024) === 0) return `${value / 1024 / 1024} MiB`;
  if (unit === "bytes" && value % 1024 === 0) return `${value / 1024} KiB`;
  if (unit === "ms" && value % 1000 === 0) return `${value / 1000} s`;
  return `${value.toLocaleString("en-US")} ${unit}`;
};

/** The text of docs/limits.md: written by `npx tsx broker/src/limits-page.ts > docs/limits.md`, held to the code by a test. */
export function limitsPage(): string {
  const rows = Object.entries<Limit>(LIMIT_TABLE).map(([name, limit]) => {
    const variable = name in BROKER_ENV ? `\`${BROKER_ENV[name as keyof typeof BROKER_ENV]}\`` : "";
    return `| \`${name}\` | ${shown(limit)} | ${limit.why} | ${variable} |`;
  });
  const sizes = Object.entries(BROKER_SIZES).map(([size, { memoryMib }]) => ({
    head: `\`"${size}"\`, ${memoryMib / 1024} GiB`,
    limits: memoryLimits(memoryMib),
  }));
  const bySize = (Object.keys(memoryLimits(1024)) as (keyof MemoryLimits)[]).map((name) => {
    const { unit } = LIMIT_TABLE[name];
    return `| \`${name}\` | ${sizes.map(({ limits }) => shown({ value: limits[name], unit })).join(" | ")} |`;
  });
  return `# Limits

Every bound that the broker sets. This page is written from \`broker/src/limits.ts\` by \`npx tsx broker/src/limits-page.ts\`, and a
test holds it to the code. Most are constants: a limit that everybody sets differently protects nobody. Those that depend on
the task's size or on the plant may be set by the environment variable in the last column.

What happens at a limit: a connection beyond its room is reset before a byte of TLS is read, one that has not
logged in where somebody else needs its place; a CONNECT is refused with
return code 3; a SUBSCRIBE's filter with 0x80; a PUBLISH above its rate waits, unread, in the client's own socket; a packet that
is too large ends the connection on its first bytes. Each is one line in the log, and of a flood of lines a few, with
the number of those left out as \`suppressed\`.

Wills at a hand-over: when a task gives the lease back (SIGTERM) or loses it, it publishes no will. Its clients are well, and
connect to the next active task, with their will, within seconds; publishing would tell every consumer that the whole plant has died.

## What memory decides

A task must survive that all its limits are reached at once. Of its memory 160 MiB are the process's own (measured: 100 MiB with the
documents of 10,000 identities); of the rest a half is for connections, at 80 KiB each (measured: 70), an eighth for retained
messages, an eighth for queues, a sixteenth for what waits to be sent, a thirty-second for topic filters, and five thirty-seconds stay
free for garbage. The container says how much the task has (\`${BROKER_ENV.memory}\`, from the site's \`broker.size\`), and gives half of
it to V8's heap; a control group that allows less counts instead. Without either it is the smallest task.

| | ${sizes.map(({ head }) => head).join(" | ")} |
|---|${sizes.map(() => "---|").join("")}
${bySize.join("\n")}

## All limits

Those by memory are the smallest task's.

| Limit | Value | Why | Variable |
|---|---|---|---|
${rows.join("\n")}
`;
}

if (require.main === module) process.stdout.write(limitsPage());
