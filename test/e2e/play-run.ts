import { readFileSync, rmSync, writeFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { bootstrapName } from "../../policy/bootstrap";
import { secretName } from "../../policy/deployment";
import { readPlan } from "../../proof/facts/read-plan";
import { readState } from "../../proof/facts/read-state";
import { prove } from "../../proof/prove";
import { builtImage } from "../image/built-image";
import { loadImage } from "../image/load-image";
import type { AwsApi } from "./aws-api";
import { startAws } from "./aws-world";
import { BrokerFleet } from "./broker-fleet";
import type { CleanUp } from "./clean-up";
import { deployedSite, IMAGE_VARIABLE } from "./deployed-site";
import { checkExchange } from "./exchange";
import { expect, refused } from "./expect";
import { checkFailover } from "./failover";
import { checkIam } from "./iam-check";
import { KNOWN_DIFFERENCES } from "./known-differences";
import { askable, stillThere, unmatchedCreations, type Drift, type State } from "./leftovers";
import { planDifferences, type Plan } from "./plan-differences";
import { readBundle } from "./read-bundle";
import { credentialsOf } from "./principals";
import { checkReach } from "./reach";
import { checkRefusals } from "./refusals";
import { runCommand } from "./run-command";
import type { Scenario } from "./scenario";
import { findSecrets } from "./secret-search";
import { SiteClient } from "./site-client";
import { Terraform } from "./terraform";
import { all, parseXml, textOf } from "./xml";

const ROOT = join(__dirname, "../..");

export interface RunProps {
  readonly scenario: Scenario;
  readonly cleanUp: CleanUp;
  /** Empty, for everything that the run writes. */
  readonly folder: string;
}

/** The whole run, in the order in which a user would do it. */
export async function playRun({ scenario, cleanUp, folder }: RunProps): Promise<void> {
  const { step, check, say } = bind(scenario);
  const image = await step("the broker's image is built and signed", () => builtImage(folder, "image"));
  const site = deployedSite(imageReference(image.digest));
  const { account, region } = site.aws;
  const loaded = await loadImage(image.layout);
  cleanUp.add("image", loaded.remove);

  const launch: { fleet?: BrokerFleet } = {};
  const launcher = { start: () => launch.fleet!.start(), stop: () => launch.fleet!.stop() };
  const aws = await step("the AWS emulator starts behind its proxy", () =>
    startAws(account, region, folder, launcher, cleanUp),
  );
  say(`  functions run on Node.js ${aws.functionNode}`);
  const fleet = new BrokerFleet({
    aws: aws.operator,
    region,
    prefix: `dmz${process.pid}`,
    folder,
    awsSocket: aws.socket,
    image: loaded.name,
    digest: image.digest,
    cleanUp,
    say,
  });
  launch.fleet = fleet;

  const terraform = new Terraform(folder, aws.proxy.url, region, "deployer", { [IMAGE_VARIABLE]: site.broker.image });
  const bootstrap = bootstrapName.stack(account, region);
  const bootstrapFolder = terraform.stackFolder(bootstrap);
  await step("plain terraform, without the cdktf command line, applies the bootstrap stack", async () => {
    await terraform.synth();
    await terraform.run(bootstrapFolder, "init");
    await terraform.run(bootstrapFolder, "apply", "-auto-approve");
  });
  const siteFolder = terraform.stackFolder(site.name);
  const quiet = ["--auto-approve", "--skip-provider-lock"];
  await step("cdktf deploy applies the site, runs its functions and waits until two brokers are healthy", async () => {
    let resources = 0;
    await terraform.cdktf("deploy", site.name, quiet, (line) => {
      if (!/: (Creation|Modifications) complete after/.test(line)) return;
      resources += 1;
      if (resources % 25 === 0) say(`  ${resources} resources`);
    });
    say(`  ${resources} resources`);
  });
  const plans: Record<string, string> = {};
  await check("a second plan shows no unexpected change", async () => {
    await terraform.run(siteFolder, "plan", "-out=again.plan");
    plans.plan = (await terraform.run(siteFolder, "show", "-json", "again.plan")).stdout;
    const { unexpected, known } = planDifferences(JSON.parse(plans.plan) as Plan);
    expect(unexpected.length === 0, `unexpected changes:\n${unexpected.join("\n")}`);
    const unused = KNOWN_DIFFERENCES.filter(({ type, attribute }) => !known.has(`${type}.${attribute}`));
    expect(unused.length === 0, `known differences that did not show: ${JSON.stringify(unused)}`);
  });

  const clients = join(folder, "clients");
  await step("dmz enrol gets every identity its certificate and password from the deployed function", async () => {
    const env = { ...process.env, ...credentialsOf("operator"), AWS_ENDPOINT_URL: aws.proxy.url, AWS_REGION: region };
    await runCommand(process.execPath, [join(ROOT, "cli/dmz.js"), "enrol", site.name, "--dir", clients, "--json"], {
      cwd: ROOT,
      env,
    });
    await Promise.all(
      fleet.running.map((task) =>
        task.logged("credentials-loaded", 60_000, 0, ({ records }) => records === site.identities.length),
      ),
    );
  });
  const bundle = (name: string) => readBundle(clients, name);
  const [edge, otherEdge, telemetry, host] = [
    bundle("gw-line1-filler"),
    bundle("gw-line1-capper"),
    bundle("gw-compressor"),
    bundle("scada"),
  ];
  const { net } = fleet;
  const mqtt = { gate: net.internet, address: net.publicAddresses[0]!, port: 8883, host: site.host };
  const webSocket = { ...mqtt, address: net.publicAddresses[1]!, port: 443, webSocket: true };

  await checkExchange({ scenario, fleet, mqtt, webSocket, edge, host });

  const server = aws.proxy.secrets.find(secretName.serverCertificate(site.name))!;
  const session = await SiteClient.connect(telemetry, mqtt);
  const seen = fleet.active.log.length;
  await step("the four rotation steps renew the server certificate", async () => {
    const versions = async (): Promise<Record<string, string[]>> =>
      (
        await aws.operator.json<{ VersionIdsToStages: Record<string, string[]> }>("secretsmanager", "DescribeSecret", {
          SecretId: server.arn,
        })
      ).VersionIdsToStages;
    const current = (stages: Record<string, string[]>): string =>
      Object.keys(stages).find((id) => stages[id]!.includes("AWSCURRENT"))!;
    const before = current(await versions());
    await aws.operator.json("secretsmanager", "RotateSecret", { SecretId: server.arn });
    expect(current(await versions()) !== before, "the current version is still the old one");
    expect(aws.lambda.log().includes("server certificate issued"), "no new certificate was issued");
  });

  await checkRefusals({ scenario, mqtt, webSocket, edge, otherEdge, host });
  await checkReach({ scenario, fleet, cleanUp });

  await check("the active broker picks the renewed certificate up without dropping a session", async () => {
    const entry = await fleet.active.logged("server-certificate-loaded", 75_000, seen);
    const client = await SiteClient.connect(edge, mqtt);
    await client.end();
    expect(session.mqtt.connected, "the session was dropped");
    await session.publish(`${site.name}/utilities/${telemetry.name}/data/x`, "still here");
    say(`  now serving the certificate until ${String(entry.notAfter)}`);
  });
  await session.end();

  await checkFailover({ scenario, fleet, where: mqtt, edge, host });
  await checkIam({ scenario, site, aws: aws.operator, proxy: aws.proxy, deployed: fleet.deployed });

  const state = (await terraform.run(siteFolder, "state", "pull")).stdout;
  await check("what is deployed, and the plan after it, keep every promise that the stack did", () => {
    const today = new Date().toISOString().slice(0, 10);
    for (const facts of [readPlan(plans.plan!), readState(state)]) {
      const { proofs } = prove({ facts }, { site, suppressions: [], today });
      const open = proofs.filter(({ verdict }) => verdict.answer !== "PROVEN");
      expect(open.length === 0, JSON.stringify(open.map(({ id, verdict }) => ({ id, verdict }))));
      expect(proofs.length > 30, `only ${proofs.length} properties were asked`);
      const [control] = prove({ facts }, { site, suppressions: [], today, expose: [8883] }).proofs;
      expect(control?.verdict.answer === "VIOLATED", "443 is not declared, and nothing was found");
    }
    return Promise.resolve();
  });
  const calls = aws.proxy.calls.map((call) => JSON.stringify(call)).join("\n");
  await check("state, plan, recorded calls and logs hold no private key and no password", async () => {
    const passwords = new Map(site.identities.map(({ name }) => [name, bundle(name).password]));
    const texts = {
      ...plans,
      state,
      calls,
      "function logs": aws.lambda.log(),
      ...Object.fromEntries(fleet.tasks.map((task) => [task.name, task.text])),
    };
    expect(
      Object.values(texts).every((text) => text.length > 0),
      "one of the texts is empty",
    );
    const found = findSecrets(texts, passwords);
    expect(found.length === 0, found.join("; "));
    expect(findSecrets({ control: `x${edge.password}y` }, passwords).length === 1, "the search finds nothing at all");
  });

  await step("cdktf destroy removes the site", () => terraform.cdktf("destroy", site.name, quiet));
  await check("the provider, asked again, finds none of what it had created", async () => {
    const control = join(folder, "after");
    mkdirSync(control);
    const configuration = JSON.parse(readFileSync(join(siteFolder, "cdk.tf.json"), "utf8")) as {
      terraform: { backend?: unknown };
    };
    delete configuration.terraform.backend;
    // Without resources: the state alone says what to look for.
    const { terraform: settings, provider } = configuration as { terraform: unknown; provider?: unknown };
    writeFileSync(join(control, "main.tf.json"), JSON.stringify({ terraform: settings, provider }));
    const before = askable(JSON.parse(state) as State);
    writeFileSync(join(control, "terraform.tfstate"), JSON.stringify(before));
    await terraform.run(control, "init");
    await terraform.run(control, "plan", "-refresh-only", "-out=drift.plan");
    const drift = JSON.parse((await terraform.run(control, "show", "-json", "drift.plan")).stdout) as Drift;
    const left = stillThere(before, drift);
    expect(left.length === 0, `still there: ${left.join(", ")}`);
    expect((drift.resource_drift ?? []).length > 100, "hardly anything was looked for");
    rmSync(control, { recursive: true });
  });
  await check("the bootstrap stack refuses to be destroyed, and without that guard leaves nothing", async () => {
    const message = await refused("destroying the state bucket", () =>
      terraform.run(bootstrapFolder, "destroy", "-auto-approve"),
    );
    expect(/prevent_destroy/.test(message), `refused for another reason: ${message}`);
    const path = join(bootstrapFolder, "cdk.tf.json");
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('"prevent_destroy": true', '"prevent_destroy": false'));
    await emptyBucket(aws.operator, bootstrapName.stateBucket(account, region));
    await terraform.run(bootstrapFolder, "destroy", "-auto-approve");
  });
  await check("every recorded creation has its deletion, and no stand-in holds anything", async () => {
    const unmatched = unmatchedCreations(aws.proxy.calls);
    expect(unmatched.length === 0, unmatched.join("; "));
    const left = aws.proxy.standIns.filter((standIn) => standIn.remaining() > 0).map(({ name }) => name);
    expect(left.length === 0, `stand-ins still hold something: ${left.join(", ")}`);
  });

  say(`${aws.proxy.calls.length} AWS calls, of which stand-ins answered:`);
  for (const { name, why } of aws.proxy.standIns) say(`  ${name}: ${aws.proxy.answered.get(name) ?? 0} (${why})`);
  say("  Network Load Balancer: TCP with PROXY v2 and HTTPS health checks (the emulator forwards no packet)");
  say("  EFS: a folder of this machine; initialise: with a clock 65 days slow, so that a rotation is due");
}

const bind = (scenario: Scenario) => ({
  step: scenario.step.bind(scenario),
  check: scenario.check.bind(scenario),
  say: scenario.say.bind(scenario),
});

function imageReference(digest: string): string {
  const { account, region } = deployedSite("").aws;
  return `${account}.dkr.ecr.${region}.amazonaws.com/${bootstrapName.repository}@${digest}`;
}

/** Removes every version of every object, as its owner would. */
async function emptyBucket(aws: AwsApi, bucket: string): Promise<void> {
  const listed = parseXml(await aws.rest("s3", "GET", `/${bucket}?versions`));
  for (const kind of ["Version", "DeleteMarker"])
    for (const version of all(listed, kind))
      await aws.rest("s3", "DELETE", `/${bucket}/${textOf(version, "Key")}?versionId=${textOf(version, "VersionId")}`);
}
