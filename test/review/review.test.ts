import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { KitRepository } from "./kit-repository";

const SITE = "sites/riverside.ts";

let repository: KitRepository;
beforeAll(() => {
  repository = new KitRepository();
});
beforeEach(() => repository.reset());
afterAll(() => repository.remove());

const review = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ["cli/dmz.js", "review", ...args], {
    cwd: repository.folder,
    encoding: "utf8",
  });
  return { status, stdout, stderr };
};

describe("dmz review", () => {
  test("names a new gateway, what it may do, and that all still holds", () => {
    repository.edit(
      SITE,
      `{ name: "gw-compressor",`,
      `{ name: "gw-boiler", role: telemetryDevice({ area: "utilities" }) },\n    { name: "gw-compressor",`,
    );
    repository.commit("add a gateway");
    const { status, stdout } = review("--base", "HEAD~1", "--head", "HEAD");
    expect(stdout).toMatch(/^## Proven: all \d+ properties hold\n/);
    expect(stdout).toContain("- new: `gw-boiler` (edge)");
    expect(stdout).toMatch(
      /\| `gw-boiler` \| \*\*may now\*\* publish \| `riverside\/utilities\/gw-boiler\/data\/#` \|/,
    );
    expect(status).toBe(0);
  });

  test("reviews what is not committed yet, and leaves nothing behind", () => {
    const leftovers = () => readdirSync(tmpdir()).filter((name) => name.startsWith(".dmz-review"));
    const before = leftovers();
    repository.edit(
      SITE,
      `groups: ["line1", "line2"] }) },\n    { name: "historian"`,
      `groups: ["line1"] }) },\n    { name: "historian"`,
    );
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/\| `scada` \| may no longer publish \| `spBv1.0\/line2\/NCMD\/\+` \|/);
    expect(status).toBe(0);
    expect(leftovers()).toEqual(before);
    expect(existsSync(join(repository.folder, "cdktf.out"))).toBe(false);
  });

  test("fails on a property that no longer holds, with the resource that breaks it", () => {
    repository.edit("constructs/log-retention.ts", "= 90", "= 7");
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/^## Violated: 1 of \d+ properties does not hold\n/);
    expect(stdout).toContain("**It held before.**");
    expect(stdout).toContain("aws_cloudwatch_log_group.");
    expect(status).toBe(1);
  });

  test("obeys what is set aside, on both sides, and says loudly what the change adds", () => {
    repository.edit("constructs/log-retention.ts", "= 90", "= 7");
    const found = review("--base", "main").stdout;
    const resources = [...new Set([...found.matchAll(/`(aws_cloudwatch_log_group\.[^`]+)`/g)].map(([, one]) => one!))];
    expect(resources.length).toBeGreaterThan(0);
    const setAside = (until: string) =>
      repository.write("proof-suppressions.json", {
        suppressions: resources.map((resource) => ({
          rule: "logs-are-kept-for-a-quarter",
          resource,
          reason: "the disk is full",
          until,
        })),
      });
    setAside("2999-12-31");
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/^## Proven: all \d+ properties hold.*sets findings aside\n/);
    expect(stdout).toContain(`**sets aside** \`logs-are-kept-for-a-quarter\` for \`${resources[0]}\` until 2999-12-31`);
    expect(status).toBe(0);
    // The day after it counts no longer: neither for the base, which held with it, nor for the head.
    repository.commit("set it aside");
    setAside("2026-01-01");
    const late = review("--base", "HEAD");
    expect(late.stdout).toMatch(/^## Violated/);
    expect(late.stdout).toContain("**It held before.**");
    expect(late.stdout).toContain("**has ended**");
    expect(late.status).toBe(1);
  });

  test("refuses a file of suppressions that it cannot read, instead of passing it over", () => {
    repository.write("proof-suppressions.json", { suppressions: [{ rule: "everything" }] });
    const { status, stderr } = review("--base", "main");
    expect(stderr).toContain("proof-suppressions.json");
    expect(status).toBe(3);
  });

  test("fails on a port that the change opens, and names it", () => {
    repository.edit(
      "policy/conduits.ts",
      'ports: [PORTS.mqtt, PORTS.https], why: "clients"',
      'ports: [PORTS.mqtt, PORTS.https, 22], why: "clients"',
    );
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/^## (Refused|Violated)/);
    expect(stdout).toContain("22");
    expect(status).toBe(1);
  });

  test("shows above the resources a rule that lets the internet in where nothing listens yet", () => {
    repository.edit(
      "constructs/broker-firewall.ts",
      "for (const conduit of CONDUITS) this.open(conduit);",
      `for (const conduit of CONDUITS) this.open(conduit);
    new VpcSecurityGroupIngressRule(this, "ssh", {
      ...{ securityGroupId: this.tasks.id, cidrIpv4: "0.0.0.0/0", ipProtocol: "tcp", fromPort: 22, toPort: 22 },
    });`,
    );
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/^## Proven: all \d+ properties hold, and the change opens something\n/);
    expect(stdout).toMatch(/- \*\*opens\*\* `aws_security_group\.[^`]*tasks[^`]*: tcp 22 with 0\.0\.0\.0\/0`/);
    expect(stdout.indexOf("tcp 22 with")).toBeLessThan(stdout.indexOf("<details>"));
    expect(status).toBe(0);
  });

  test("says in the change's own words why it does not synthesize", () => {
    repository.edit(SITE, `zones: ["eu-central-1a", "eu-central-1b"]`, `zones: ["eu-central-1a"]`);
    const { status, stdout } = review("--base", "main");
    expect(stdout).toMatch(/^## Refused: the change does not synthesize\n/);
    expect(stdout).toContain("zones");
    expect(status).toBe(1);
  });

  test("puts first what destroys messages", () => {
    repository.edit(
      "constructs/message-store.ts",
      `throughputMode: "elastic"`,
      `performanceMode: "maxIO", throughputMode: "bursting"`,
    );
    const { stdout } = review("--base", "main");
    expect(stdout).toMatch(/- \*\*replaced: loses messages\*\*: `aws_efs_file_system\.[^`]+` \(`performance_mode`\)/);
  });

  test.each([
    [["--base", "nowhere"], "git knows no commit 'nowhere'"],
    [["--base", "--output=x"], "git knows no commit '--output=x'"],
    [[], "required option '--base <ref>' not specified"],
  ])("answers 3 and says what to do: %j", (args, message) => {
    const { status, stderr } = review(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(3);
  });
});
