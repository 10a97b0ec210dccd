import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { answerFault, type Ask, askSiteAnswers, SITE_QUESTIONS } from "../../cli/ask-site-answers";
import { newSite } from "../../cli/new-site";
import { declarationOf, type SiteAnswers } from "../../cli/site-answers";
import { siteFileText } from "../../cli/site-file-text";
import { loadSites } from "../../load-sites";
import { defineSite } from "../../policy/define-site";
import { deriveAccess } from "../../policy/derive-access";

const answers: SiteAnswers = {
  name: "north",
  host: "mqtt.north.example.com",
  account: "123456789012",
  region: "eu-west-1",
  zones: "eu-west-1a, eu-west-1b,eu-west-1c",
  deployerRole: "arn:aws:iam::123456789012:role/deployer",
  lines: "filling=2, packing=1",
  alarms: "ops@example.com, arn:aws:sns:eu-west-1:210987654321:on-call",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "new-site-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe("newSite", () => {
  test("gives a plant of many gateways the smallest broker that takes a connection of each", async () => {
    const many = { ...answers, alarms: "", lines: "a=999,b=999,c=999,d=999,e=999,f=503" };
    const { file } = await newSite(many, folder);
    expect(loadSites(folder).get("north")!.broker.size).toBe("medium");
    expect(readFileSync(file, "utf8")).toContain('broker: { image: NOT_PUSHED, size: "medium" },');
    expect(declarationOf({ ...many, lines: "a=999,b=999,c=999,d=999,e=999,f=502" }).broker.size).toBeUndefined();
  });

  test("writes a file that loads as the site that was answered, and says what comes next", async () => {
    const { file, nextSteps } = await newSite(answers, join(folder, "sites"));
    expect(file).toBe(join(folder, "sites", "north.ts"));
    expect(nextSteps.join("\n")).toContain(`npx dmz start north --sites ${join(folder, "sites")}`);
    const site = loadSites(join(folder, "sites")).get("north")!;
    const declared = defineSite(declarationOf(answers));
    const plain = (one: typeof site): object => ({ ...one, identities: [] });
    expect(plain(site)).toEqual(plain(declared));
    expect(deriveAccess(site)).toEqual(deriveAccess(declared));
    expect(site.identities.map(({ name }) => name)).toEqual([
      "gw-filling-1",
      "gw-filling-2",
      "gw-packing-1",
      "scada",
      "historian",
      "operator",
    ]);
  });

  test("what comes next is the README's procedure, in its order and words", async () => {
    const root = join(__dirname, "..", "..");
    const { nextSteps } = await newSite(
      { ...answers, name: "plant-a", region: "eu-central-1", zones: "eu-central-1a,eu-central-1b", alarms: "" },
      folder,
    );
    const readme = readFileSync(join(root, "README.md"), "utf8");
    const block = readme.slice(readme.indexOf("npx dmz new plant-a"));
    const commands = block
      .slice(block.indexOf("\n"), block.indexOf("```"))
      .split("\n")
      .map((line) => line.replace(/#.*/, "").replace("<account>-<region>", "123456789012-eu-central-1").trim())
      .filter((line) => line !== "" && !line.startsWith("npm"));
    expect(commands.length).toBeGreaterThan(3);
    const shown = nextSteps.map((step) => /npx .*/.exec(step)?.[0]).filter((step) => step !== undefined);
    expect(shown.filter((step) => !step.includes("dmz start"))).toEqual(
      commands.filter((step) => !step.includes("dmz start")),
    );
    expect(nextSteps.at(-1)).toContain("Point mqtt.north.example.com at the load balancer");
  });

  test("never overwrites a file", async () => {
    const { file } = await newSite(answers, folder);
    const before = readFileSync(file, "utf8");
    await expect(newSite({ ...answers, lines: "other=1" }, folder)).rejects.toThrow(/north\.ts exists already/);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test.each([
    [{ host: "10.0.0.1" }, /host: must be a host name/],
    [{ name: "../evil" }, /name: must match/],
    [{ zones: "us-east-1a,us-east-1b" }, /aws\.zones\[0\]/],
    [{ lines: "filling" }, /lines must be .*got 'filling'/],
    [{ lines: "" }, /lines must be/],
    [{ lines: "a=1,b=0" }, /got 'b=0'/],
    [{ lines: "a=1,b=2,a=3" }, /lines must be named once each, got 'a' twice/],
    [{ lines: "STATE=1" }, /Sparkplug reserves/],
    [{ alarms: "ops" }, /alarms\.email\[0\]: must be an e-mail address/],
    [
      { alarms: "arn:aws:sns:us-east-1:210987654321:on-call" },
      /alarms\.topic: must be a topic of the region eu-west-1/,
    ],
    [{ alarms: "arn:aws:sns:eu-west-1:1:a,arn:aws:sns:eu-west-1:1:b" }, /alarms\.topic: must be the ARN/],
  ])("writes nothing when an answer is wrong: %j", async (change, message) => {
    await expect(newSite({ ...answers, ...change }, folder)).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test("tells who must confirm a mail, or that nobody is told of alarms, in the next steps and in the file", async () => {
    const told = await newSite({ ...answers, alarms: "ops@example.com" }, folder);
    expect(told.nextSteps.join("\n")).toContain("Have somebody at ops@example.com confirm the mail");
    const { file, nextSteps } = await newSite({ ...answers, name: "south", alarms: "" }, folder);
    expect(nextSteps.join("\n")).toContain("Decide who is told of alarms");
    expect(readFileSync(file, "utf8")).toContain('nobody is told when an alarm goes off; write alarms: { email: ["');
    expect(loadSites(folder).get("south")).not.toHaveProperty("alarms");
    expect(loadSites(folder).get("north")!.alarms).toEqual({ email: ["ops@example.com"] });
  });

  test("sizes the stores for twice the gateways", () => {
    expect(declarationOf({ ...answers, lines: "a=600,b=100" }).capacity).toBe(1_500);
  });
});

test.each<readonly [string, Partial<SiteAnswers>]>([
  ["short answers", {}],
  ["answers without receivers of alarms", { alarms: "" }],
  [
    "answers so long that lines must break",
    {
      host: `${"a".repeat(60)}.${"b".repeat(60)}.example.com`,
      deployerRole: `arn:aws:iam::123456789012:role/${"path/".repeat(20)}deployer`,
      alarms: [
        ...Array.from({ length: 5 }, (_, index) => `operations-of-shift-${index}@plant.example.com`),
        "arn:aws:sns:eu-west-1:210987654321:on-call",
      ].join(),
      lines: Array.from({ length: 30 }, (_, index) => `a-rather-long-line-${index}=2`).join(","),
    },
  ],
])("the text for %s is as prettier would write it", (_, change) => {
  const all = { ...answers, ...change };
  const text = siteFileText(all, "../policy", defineSite(declarationOf(all)));
  const root = join(__dirname, "..", "..");
  const prettier = join(root, "node_modules", "prettier", "bin", "prettier.cjs");
  const options = { cwd: root, input: text, encoding: "utf8" } as const;
  expect(execFileSync(process.execPath, [prettier, "--stdin-filepath", "sites/x.ts"], options)).toBe(text);
});

test("a new site's file passes the type checker", async () => {
  const { file } = await newSite(answers, folder);
  const root = join(__dirname, "..", "..");
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  const options = ["--noEmit", "--strict", "--skipLibCheck", "--target", "es2022", "--module", "node16"];
  const types = ["--types", "node", "--typeRoots", join(root, "node_modules", "@types")];
  const check = (): Buffer => execFileSync(process.execPath, [tsc, ...options, ...types, file], { stdio: "pipe" });
  expect(check().toString()).toBe("");
});

describe("askSiteAnswers", () => {
  test("asks nothing when the flags say everything", async () => {
    expect(await askSiteAnswers(answers, folder, undefined)).toEqual(answers);
  });

  test("names every missing flag where nobody can be asked", async () => {
    await expect(askSiteAnswers({ name: "north", region: "eu-west-1" }, folder, undefined)).rejects.toThrow(
      "--host <name>, --account <id>, --zones <list>, --deployer-role <arn>, --lines <list> must be given",
    );
  });

  test("refuses the name of a site that exists at the first question, and as an argument before any", async () => {
    const { file } = await newSite(answers, folder);
    const replies = { ...answers, name: "north" };
    const asked: string[] = [];
    const ask: Ask = async ({ message, validate }) => {
      asked.push(message);
      const fault = validate(Object.values(replies)[asked.length - 1]!);
      if (fault !== true) throw new Error(fault);
      return Object.values(replies)[asked.length - 1]!;
    };
    await expect(askSiteAnswers({}, folder, ask)).rejects.toThrow(`${file} exists already; choose another name`);
    expect(asked).toEqual(["Name of the site"]);
    await expect(askSiteAnswers({ name: "north" }, folder, ask)).rejects.toThrow(/^<site>: .*exists already/);
    expect(asked).toHaveLength(1);
    replies.name = "south";
    asked.length = 0;
    expect(await askSiteAnswers({}, folder, ask)).toEqual({ ...answers, name: "south" });
  });

  test("names every flag that is wrong, in the flag's own notation, before anything is asked", async () => {
    const flags = { ...answers, zones: '["eu-west-1a", "eu-west-1b"]', host: "10.0.0.1", lines: "x" };
    await expect(askSiteAnswers(flags, folder, undefined)).rejects.toThrow(
      /^--host <name>: .*, got "10\.0\.0\.1"; .*\n--zones <list>: .*write for example eu-west-1a,eu-west-1b\n--lines <list>: .*line1=2,line2=3$/,
    );
  });

  test("judges each answer by the site's own rules", () => {
    const fault = (key: keyof SiteAnswers, text: string, earlier: Partial<SiteAnswers> = {}): string | undefined =>
      answerFault(
        SITE_QUESTIONS.find((question) => question.key === key)!,
        text,
        earlier,
        folder,
      );
    expect(fault("host", "mqtt.example.com ")).toBeUndefined();
    expect(fault("host", "10.0.0.1")).toMatch(/no IP address/);
    expect(fault("zones", "eu-west-1a,eu-west-1b", { region: "eu-west-1" })).toBeUndefined();
    expect(fault("zones", "eu-west-1a,eu-west-1b", { region: "eu-central-1" })).toMatch(/zone of the region/);
    expect(fault("lines", "nonsense")).toMatch(/write for example line1=2,line2=3$/);
    expect(fault("zones", '["eu-west-1a"]', { region: "eu-west-1" })).toMatch(
      /write for example eu-west-1a,eu-west-1b$/,
    );
  });

  test("suggests what follows from earlier answers, and suggests nothing wrong", () => {
    const earlier: Partial<Record<keyof SiteAnswers, string>> = { account: answers.account };
    for (const question of SITE_QUESTIONS) {
      const suggested =
        question.suggestion?.({ name: "north", ...earlier }) ?? (question.optional ? "" : answers[question.key]!);
      expect([question.key, answerFault(question, suggested, earlier, folder)]).toEqual([question.key, undefined]);
      earlier[question.key] = suggested;
    }
  });
});
