import { mkdirSync } from "node:fs";
import { AwsApi } from "./aws-api";
import { AwsProxy } from "./aws-proxy";
import type { CleanUp } from "./clean-up";
import { startEmulator } from "./emulator";
import { LambdaRunner } from "./lambda-runner";
import { runCommand } from "./run-command";
import { backupPolicy } from "./stand-ins/backup-policy";
import { bucketPolicy } from "./stand-ins/bucket-policy";
import { dnsFirewall } from "./stand-ins/dns-firewall";
import { ecsScheduler, type TaskLauncher } from "./stand-ins/ecs-scheduler";
import { elasticIps } from "./stand-ins/elastic-ips";
import { fileSystemPolicy } from "./stand-ins/file-system-policy";
import { lambdaInvoke, type LambdaInvoke } from "./stand-ins/lambda-invoke";
import { networkAclErrors } from "./stand-ins/network-acl-errors";
import { resolverQueryLog } from "./stand-ins/resolver-query-log";
import { secretRotation } from "./stand-ins/secret-rotation";

/** AWS as this run sees it. */
export interface AwsWorld {
  readonly proxy: AwsProxy;
  readonly lambda: LambdaInvoke;
  readonly operator: AwsApi;
  /** Unix socket by which other network namespaces reach the proxy. */
  readonly socket: string;
  /** Version of the Node.js that runs the functions. */
  readonly functionNode: string;
}

/**
 * *initialise* runs on a day 65 days ago: 25 days of the server certificate's 90 are left at the present, so that a
 * rotation is due and really issues one.
 */
const INITIALISED = -65 * 86_400_000;

/** Starts the emulator, the proxy in front of it and every stand-in. @param launcher plays ECS once the proxy's API is there. */
export async function startAws(
  account: string,
  region: string,
  folder: string,
  launcher: TaskLauncher,
  cleanUp: CleanUp,
): Promise<AwsWorld> {
  const emulator = await startEmulator(account);
  cleanUp.add("emulator", emulator.stop);
  const proxy = new AwsProxy(emulator.url, account);
  const socket = `${folder}/aws.sock`;
  await proxy.listen(socket);
  cleanUp.add("AWS proxy", () => proxy.close());
  const node = await functionRuntime();
  mkdirSync(`${folder}/functions`);
  const runner = new LambdaRunner(
    node.path,
    `${folder}/functions`,
    () => proxy.url,
    (principal) => (principal === "initialise" ? INITIALISED : 0),
  );
  const lambda = lambdaInvoke(runner);
  proxy.standIns.push(
    backupPolicy(),
    bucketPolicy(),
    dnsFirewall(account),
    resolverQueryLog(account),
    elasticIps(proxy.forward),
    networkAclErrors(proxy.forward),
    fileSystemPolicy(),
    ecsScheduler(launcher, proxy.forward),
    lambda,
    secretRotation(proxy.secrets, lambda, proxy.forward),
  );
  return { proxy, lambda, socket, operator: new AwsApi(() => proxy.url, region), functionNode: node.version };
}

/** The declared runtime, nodejs22.x, from npm; this process's own Node.js where that cannot be had. */
async function functionRuntime(): Promise<{ path: string; version: string }> {
  const question = "node -p 'process.execPath + String.fromCharCode(10) + process.version'";
  const answer = await runCommand("npx", ["--yes", "--package=node@22", "-c", question], {
    mayFail: true,
    deadline: 120_000,
  });
  const [path, version] = answer.stdout.trim().split("\n");
  return answer.code === 0 && path && version
    ? { path, version }
    : { path: process.execPath, version: `${process.version}, since node@22 could not be had from npm` };
}
