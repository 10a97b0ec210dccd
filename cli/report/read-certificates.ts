import { X509Certificate } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { AccessIdentity } from "../../proof/access/access-document";
import type { ReportCertificate } from "../../proof/report/report-input";
import { CommandError } from "../command-error";
import { EXIT } from "../exit-code";

/** Files open at a time: ten thousand at once are more than a process may have. */
const TOGETHER = 64;

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

type Named = Pick<AccessIdentity, "name" | "certificate">;

/**
 * The certificates in a folder of client bundles, one an identity and one an authority. Keys and passwords are not read.
 * @throws CommandError when the folder cannot be listed
 */
export async function readCertificates(
  folder: string,
  identities: readonly Named[],
): Promise<readonly ReportCertificate[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    throw new CommandError(
      `${folder}: this is no folder of client bundles (${error.code})`,
      "name with --bundles the one that 'dmz enrol' or 'dmz start' wrote",
      EXIT.usage,
    );
  });
  const bundles = new Set(entries.filter((entry) => entry.isDirectory()).map(({ name }) => name));
  const declared = new Set(identities.map(({ name }) => name));
  const authorities = new Map<string, ReportCertificate>();
  const read = await inTurn(identities, async (identity): Promise<ReportCertificate> => {
    const file = `${identity.name}/cert.pem`;
    const unknown = (why: string): ReportCertificate => ({ name: identity.name, file, state: { unknown: why } });
    if (!bundles.has(identity.name)) return unknown("no bundle in the folder");
    for (const authority of await authoritiesOf(folder, identity.name)) authorities.set(authority.key, authority.entry);
    if (identity.certificate === "password-only") return unknown("password only, by declaration");
    return clientCertificate(folder, identity.name, file).catch((error: Error) =>
      unknown(`not readable: ${error.message}`),
    );
  });
  const strangers = [...bundles]
    .filter((name) => !declared.has(name))
    .map((name): ReportCertificate => ({
      name,
      file: name,
      state: { unknown: "a bundle of no identity of this site" },
    }));
  return [...authorities.values(), ...read, ...strangers];
}

async function clientCertificate(folder: string, name: string, file: string): Promise<ReportCertificate> {
  const certificate = new X509Certificate(await readFile(join(folder, file), "utf8"));
  const subject = commonName(certificate.subject);
  if (subject !== name) throw new Error(`it certifies '${subject}'`);
  return { name, file, state: dates(certificate) };
}

async function authoritiesOf(
  folder: string,
  name: string,
): Promise<readonly { key: string; entry: ReportCertificate }[]> {
  const file = `${name}/ca.pem`;
  try {
    const text = await readFile(join(folder, file), "utf8");
    return (text.match(PEM) ?? []).map((pem) => {
      const certificate = new X509Certificate(pem);
      const entry = { name: "certificate authority", file, state: dates(certificate) };
      return { key: certificate.fingerprint256, entry };
    });
  } catch (error) {
    const unknown = `not readable: ${(error as Error).message}`;
    return [{ key: file, entry: { name: "certificate authority", file, state: { unknown } } }];
  }
}

const dates = ({ validFrom, validTo, subject, issuer }: X509Certificate) => ({
  from: new Date(validFrom),
  until: new Date(validTo),
  subject: commonName(subject),
  issuer: commonName(issuer),
});

const commonName = (name: string): string => /^CN=(.*)$/m.exec(name)?.[1] ?? name;

async function inTurn<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let done = 0; done < items.length; done += TOGETHER)
    results.push(...(await Promise.all(items.slice(done, done + TOGETHER).map(run))));
  return results;
}
