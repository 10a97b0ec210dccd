import { functionName, secretName } from "./deployment";
import type { Site } from "./site";

/** Names of the roles that a site's software runs under. */
export const roleName = {
  initialise: functionName.initialise,
  rotate: functionName.rotate,
  enrol: functionName.enrol,
  activate: functionName.activate,
  brokerTask: (site: string): string => `${site}-broker-task`,
  brokerExecution: (site: string): string => `${site}-broker-execution`,
} as const;

/** Who reads a secret's value, and nobody else (decisions 4 and 12). */
export interface SecretReaders {
  /** Is it about a secret of this name? */
  readonly isFor: (name: string) => boolean;
  /** Names of roles. */
  readonly readers: readonly string[];
  /** Names of roles whose functions use it for whoever invokes them: to be let do that is as good as reading. @default none */
  readonly usedThrough?: readonly string[];
}

/** The declared readers of every secret of a site. Constructs make it so; the prover holds them to it. */
export const secretReaders = ({ name: site, aws }: Pick<Site, "name" | "aws">): readonly SecretReaders[] => {
  const of = (...roles: readonly (keyof typeof roleName)[]): readonly string[] =>
    roles.map((role) => roleName[role](site));
  const shardOf = (document: "credentials" | "access") => (name: string) =>
    name.startsWith(`${site}/${document}/`) && /^\d+$/.test(name.slice(`${site}/${document}/`.length));
  return [
    {
      isFor: (name) => name === secretName.certificateAuthority(site),
      readers: of("initialise", "rotate", "enrol"),
      // It signs whatever declared name it is asked for, and answers with the key.
      usedThrough: of("enrol"),
    },
    { isFor: (name) => name === secretName.serverCertificate(site), readers: of("initialise", "rotate", "brokerTask") },
    { isFor: shardOf("credentials"), readers: of("initialise", "enrol", "brokerTask") },
    // Not secret, and Terraform reads it back.
    { isFor: shardOf("access"), readers: [...of("activate", "brokerTask"), aws.deployerRole.split("/").at(-1)!] },
  ];
};
