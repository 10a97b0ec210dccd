import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { ecrLogin } from "../../cli/image/ecr-login";
import { kmsSigner } from "../../cli/image/kms-signer";
import { invokeEnrol } from "../../cli/invoke-enrol";
import { testSite } from "../site";
import { temporaryFolder } from "../vault/temporary-folder";
import { memorySigner, tinyImage } from "./image/tiny-image";
import { runDmz } from "./run-dmz";

// The SDK tries three times before it gives up.
const site = testSite();
const { account, region } = site.aws;
const arn = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;

const calls: readonly (readonly [string, RegExp, () => Promise<unknown>])[] = [
  ["enrolling", /AWS Lambda/, () => invokeEnrol(site, [])],
  ["logging in to the registry", /Amazon ECR/, () => ecrLogin(account, region, join(tmpdir(), "never-written"))],
  ["signing with KMS", /AWS KMS/, () => kmsSigner(arn)],
];

const before = { ...process.env };
let server: Server;
let answer = "";
beforeAll(async () => {
  server = createServer((_, response) =>
    response
      .writeHead(400, { "x-amzn-errortype": answer, "content-type": "application/x-amz-json-1.1" })
      .end(JSON.stringify({ __type: answer, message: "no" })),
  ).listen(0, "127.0.0.1");
  await once(server, "listening");
});
afterAll(async () => {
  process.env = before;
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

/** The environment that a shell without any AWS setting has, and the given. */
function environment(settings: Readonly<Record<string, string>>): void {
  const none = {
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/nowhere",
    AWS_SHARED_CREDENTIALS_FILE: "/nowhere",
  };
  const kept = Object.entries(before).filter(([key]) => !key.startsWith("AWS_") || key.startsWith("AWS_SDK_"));
  process.env = { ...Object.fromEntries(kept), ...none, ...settings };
}

const credentials = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

test.each(calls)("%s without AWS credentials says so", async (_, __, call) => {
  environment({});
  await expect(call()).rejects.toThrow("no AWS credentials were found; log in (for example 'aws sso login')");
});

// As a child process: the SDK does not know a network error of jest's world for one.
test("each command says what cannot be reached without a network", async () => {
  const folder = await temporaryFolder();
  try {
    const signer = memorySigner();
    await tinyImage(join(folder.path, "image"), signer);
    writeFileSync(join(folder.path, "key.pub"), signer.publicKey.export({ type: "spki", format: "pem" }));
    // Port 1 of this machine: nobody listens there.
    environment({ ...credentials, AWS_ENDPOINT_URL: "http://127.0.0.1:1", NO_COLOR: "1" });
    for (const [args, service] of [
      [["enrol", "riverside"], "AWS Lambda"],
      [["image", "push", "riverside", "--image", "image", "--key", "key.pub"], "Amazon ECR"],
      [["image", "verify", "image", "--kms-key", arn], "AWS KMS"],
    ] as const) {
      const { code, stderr } = await runDmz(args, { cwd: folder.path, env: process.env as Record<string, string> });
      expect({ code, stderr }).toEqual({
        code: 1,
        stderr: `dmz: ${service} in eu-central-1 cannot be reached (ECONNREFUSED); check the network, and AWS_ENDPOINT_URL if it is set`,
      });
    }
  } finally {
    await folder.remove();
  }
});

test.each(calls)("%s with credentials that AWS refuses says so", async (_, service, call) => {
  environment({ ...credentials, AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  answer = "ExpiredTokenException";
  await expect(call()).rejects.toThrow("AWS refused the credentials (ExpiredTokenException); log in again");
  answer = "AccessDeniedException";
  await expect(call()).rejects.toThrow(
    new RegExp(`^${service.source}: .*may not do this; use a principal that has \\w+:\\w+`),
  );
});

test("a KMS key that does not exist is said not to", async () => {
  environment({ ...credentials, AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
  answer = "NotFoundException";
  await expect(kmsSigner(arn)).rejects.toThrow(`${arn}: there is no such key`);
});
