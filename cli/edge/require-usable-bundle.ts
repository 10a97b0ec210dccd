import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { certificateFault } from "../../broker/src/check-certificate";
import { AgentFault } from "../../edge-image/agent/agent-fault";
import { readIdentity } from "../../edge-image/agent/identity/read-identity";
import type { EdgeImage } from "../../policy/edge-device";
import type { ClientConnection } from "../client-connection";
import { CommandError } from "../command-error";

/**
 * What the agent would refuse of a bundle on the device, or the broker of its certificate, where nobody stands by then:
 * both are asked by their own rules.
 * @param now when the device is to connect
 * @throws CommandError with the file and the rule that does not hold
 */
export async function requireUsableBundle(
  bundle: string,
  { site, clientId, files }: ClientConnection,
  image: EdgeImage,
  now = new Date(),
): Promise<void> {
  const fix = `enrol the device again: dmz enrol ${site} ${clientId} --force`;
  const { certificate, ca } = await readIdentity(bundle, image).catch((error: unknown) => {
    throw error instanceof AgentFault ? new CommandError(error.message, `or ${fix}`) : error;
  });
  if (certificate === undefined) return;
  const leaf = new X509Certificate(certificate);
  const fault = certificateFault(
    leaf,
    ca.map((pem) => new X509Certificate(pem)),
    now,
  );
  if (fault !== undefined)
    throw new CommandError(
      `${join(bundle, files.certificate!)}: no broker lets '${clientId}' in with this certificate: ${fault} ` +
        `(valid from ${leaf.validFrom} to ${leaf.validTo}, it is ${now.toUTCString()})`,
      fix,
    );
}
