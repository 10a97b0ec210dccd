import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { providerMirror } from "../terraform/provider-mirror";

const run = promisify(execFile);

/** The account of `testSite`: a provider that may work in one account only asks whose credentials it has. */
const IDENTITY = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>
<Arn>arn:aws:iam::123456789012:user/planner</Arn><UserId>PLANNER</UserId><Account>123456789012</Account>
</GetCallerIdentityResult></GetCallerIdentityResponse>`;

/**
 * A first plan of a configuration, made by Terraform with the real AWS provider, nothing applied: as JSON. The one call
 * to AWS that it takes, who am I, is answered on loopback.
 *
 * @param files by name, for example `cdk.tf.json`. The backend is replaced by a local one.
 */
export async function planStack(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "dmz-plan-"));
  const sts = createServer((_, response) => response.setHeader("content-type", "text/xml").end(IDENTITY));
  try {
    await new Promise<void>((resolve) => sts.listen(0, "127.0.0.1", resolve));
    const mirror = `provider_installation {\n  filesystem_mirror {\n    path = "${providerMirror()}"\n  }\n}\n`;
    writeFileSync(join(folder, "terraform.rc"), mirror);
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true });
      writeFileSync(join(folder, name), text);
    }
    writeFileSync(join(folder, "backend_override.tf.json"), JSON.stringify({ terraform: { backend: { local: {} } } }));
    const terraform = async (...args: string[]) => {
      const { stdout } = await run("terraform", args, {
        cwd: folder,
        maxBuffer: 2 ** 28,
        env: {
          PATH: process.env.PATH,
          HOME: folder,
          TF_CLI_CONFIG_FILE: join(folder, "terraform.rc"),
          CHECKPOINT_DISABLE: "1",
          TF_INPUT: "0",
          AWS_ENDPOINT_URL: `http://127.0.0.1:${(sts.address() as AddressInfo).port}`,
          AWS_ACCESS_KEY_ID: "planner",
          AWS_SECRET_ACCESS_KEY: "planner",
          AWS_REGION: "eu-central-1",
          AWS_EC2_METADATA_DISABLED: "true",
          AWS_CONFIG_FILE: "/dev/null",
          AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
        },
      });
      return stdout;
    };
    await terraform("init", "-no-color");
    await terraform("plan", "-no-color", "-refresh=false", "-out=plan");
    return await terraform("show", "-json", "plan");
  } finally {
    sts.closeAllConnections();
    sts.close();
    rmSync(folder, { recursive: true, force: true });
  }
}
