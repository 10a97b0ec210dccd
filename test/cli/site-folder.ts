import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

const policy = JSON.stringify(join(__dirname, "..", "..", "policy")).slice(1, -1);

/** Writes a site file as a user would, with two gateways, a SCADA host and a display without a certificate. */
export async function writeSite(folder: string, name: string, changes = ""): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, `${name}.ts`),
    `import { defineSite } from "${policy}/define-site";
import { NOT_PUSHED } from "${policy}/not-pushed";
import { raw } from "${policy}/roles/raw";
import { telemetryDevice } from "${policy}/roles/telemetry-device";

export default defineSite({
  name: "${name}",
  host: "mqtt.${name}.example",
  aws: {
    account: "123456789012",
    region: "eu-central-1",
    zones: ["eu-central-1a", "eu-central-1b"],
    deployerRole: "arn:aws:iam::123456789012:role/deployer",
  },
  broker: { image: NOT_PUSHED },
  edge: [
    { name: "gw-1", role: telemetryDevice({ area: "line" }) },
    { name: "gw-2", role: telemetryDevice({ area: "line" }) },
  ],
  enterprise: [
    { name: "scada", role: raw({ name: "scada", publish: ["${name}/line/+/cmd/#"], subscribe: ["${name}/line/#"] }) },
    { name: "display", role: raw({ name: "display", publish: [], subscribe: ["${name}/line/#"] }), certificate: "password-only" },
  ],
  ${changes}
});
`,
  );
}
