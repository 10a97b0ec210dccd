import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EdgeDevice, EdgeImage } from "../../../policy/edge-device";
import { filterFault } from "../../../policy/topic-filter";
import { isIdentityName } from "../../../policy/identity-name";
import { AgentFault } from "../agent-fault";

/** Who this device is: its enrolment bundle, read and found to fit together. */
export interface DeviceIdentity {
  readonly site: string;
  /** User name, ClientId and certificate subject at once. */
  readonly name: string;
  readonly password: string;
  /** PEM certificates of the site's CA, each on its own. */
  readonly ca: readonly string[];
  /** PEM; none for a password-only identity. */
  readonly key?: string;
  readonly certificate?: string;
  readonly topics: { readonly publish: readonly string[]; readonly subscribe: readonly string[] };
  readonly device: EdgeDevice;
}

/** The part of `mqtt.json` that the agent uses. */
interface Connection {
  readonly site: string;
  readonly host: string;
  readonly clientId: string;
  readonly username: string;
  readonly kind: string;
  readonly topics: DeviceIdentity["topics"];
  readonly files: {
    readonly ca: string;
    readonly password: string;
    readonly certificate?: string;
    readonly key?: string;
  };
  readonly edge: EdgeDevice;
}

const ENROL = "put the bundle that 'dmz enrol' wrote for this device on the data partition";
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Reads the enrolment bundle and holds it against the image.
 * @throws AgentFault with the file, the rule and what to do; never with the content of a secret
 */
export async function readIdentity(folder: string, image: EdgeImage): Promise<DeviceIdentity> {
  const wrong = (file: string, rule: string, fix = ENROL): AgentFault =>
    new AgentFault("identity", `${join(folder, file)}: ${rule}; ${fix}`);
  const read = async (file: string): Promise<string> => {
    if (typeof file !== "string" || !/^[\w.-]{1,64}$/.test(file))
      throw wrong("mqtt.json", "'files' must be plain names");
    try {
      return await readFile(join(folder, file), "utf8");
    } catch (error) {
      throw wrong(
        file,
        (error as NodeJS.ErrnoException).code === "ENOENT" ? "is missing" : `cannot be read (${String(error)})`,
      );
    }
  };

  const { site, host, clientId, username, kind, topics, files, edge } = parse(await read("mqtt.json"), (rule) =>
    wrong("mqtt.json", rule),
  );
  if (site !== image.site)
    throw wrong("mqtt.json", `is for site '${site}', but this image was built for site '${image.site}'`);
  if (host !== image.host)
    throw wrong("mqtt.json", `names the broker '${host}', but this image's firewall lets out to '${image.host}' alone`);
  if (kind !== "edge" || username !== clientId)
    throw wrong("mqtt.json", `'${clientId}' is not an edge device of the site`);
  if (image.devices && !image.devices.includes(clientId))
    throw wrong(
      "mqtt.json",
      `is for '${clientId}', which site '${site}' did not declare when this image was built`,
      "declare the device and build the image anew, or use the bundle of a declared one",
    );

  const [password, caText] = [await read(files.password), await read(files.ca)];
  if (password === "") throw wrong(files.password, "is empty");
  const ca = caText.match(PEM) ?? [];
  try {
    if (ca.length === 0 || !ca.every((pem) => new X509Certificate(pem).ca)) throw new Error("no CA");
  } catch {
    throw wrong(files.ca, "must hold the certificates of the site's CA in PEM, and nothing else");
  }
  const common = { site, name: clientId, password, ca, topics, device: edge };
  if (files.certificate === undefined || files.key === undefined) return common;

  const [certificate, key] = [await read(files.certificate), await read(files.key)];
  const leaf = parsed(() => new X509Certificate(certificate));
  if (!leaf) throw wrong(files.certificate, "must be a certificate in PEM");
  const subject = /^CN=(.*)$/m.exec(leaf.subject)?.[1];
  if (subject !== clientId)
    throw wrong(files.certificate, `is the certificate of '${subject}', but the bundle is for '${clientId}'`);
  if (!ca.some((pem) => leaf.checkIssued(new X509Certificate(pem)) && leaf.verify(new X509Certificate(pem).publicKey)))
    throw wrong(files.certificate, `was not issued by a CA in ${files.ca}`);
  const privateKey = parsed(() => createPrivateKey(key));
  if (!privateKey || !leaf.checkPrivateKey(privateKey))
    throw wrong(files.key, `is not the key of ${files.certificate}`);
  return { ...common, certificate, key };
}

const parsed = <T>(make: () => T): T | undefined => {
  try {
    return make();
  } catch {
    // OpenSSL's words could quote what it could not read.
    return undefined;
  }
};

const isFilters = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((filter) => typeof filter === "string" && filterFault(filter) === undefined);

const isBroker = (value: unknown): boolean => {
  const url = typeof value === "string" && URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && ["mqtts:", "wss:"].includes(url.protocol) && url.hostname !== "";
};

function parse(text: string, wrong: (rule: string) => AgentFault): Connection {
  const value = parsed(() => JSON.parse(text) as Partial<Connection> | null);
  if (typeof value !== "object" || value === null) throw wrong("must be a JSON object");
  const { site, host, clientId, username, files, topics, edge } = value;
  if (typeof site !== "string" || typeof host !== "string") throw wrong("'site' and 'host' must be texts");
  if (!isIdentityName(clientId) || !isIdentityName(username))
    throw wrong("'clientId' and 'username' must be a device's name");
  if (typeof files !== "object" || files === null) throw wrong("'files' must name the bundle's files");
  if (!isFilters(topics?.publish) || !isFilters(topics.subscribe))
    throw wrong("'topics' must be lists of topic filters");
  if (edge?.version !== 1)
    throw wrong(edge === undefined ? "has no 'edge': it was written by an older dmz" : "'edge' must be of version 1");
  if (!Array.isArray(edge.brokers) || edge.brokers.length === 0 || !edge.brokers.every(isBroker))
    throw wrong("'edge.brokers' must be a list of mqtts:// or wss:// addresses");
  return value as Connection;
}
