import { CA_ENV } from "../../policy/deployment";
import { type FakeAws, startFakeAws } from "../vault/fake-aws";
import { withEnv } from "../vault/with-env";
import { SITE } from "./local-vault";

export interface DeployedSite {
  readonly aws: FakeAws;
  /** ARN of the server-certificate secret. */
  readonly serverCertificate: string;
  /** Environment of the functions. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** The test site as Terraform leaves it before the first invocation: secrets declared and empty, environment set. */
export const deployedSite = async (): Promise<DeployedSite> => {
  const aws = await startFakeAws();
  const env = {
    ...aws.env,
    [CA_ENV.site]: SITE,
    [CA_ENV.host]: "mqtt.plant1.example",
    [CA_ENV.credentialShards]: "2",
    [CA_ENV.accessShards]: "1",
  };
  const restore = withEnv(env);
  for (const name of ["ca", "credentials/0", "credentials/1", "access/0"]) aws.secrets.declare(`${SITE}/${name}`);
  const serverCertificate = aws.secrets.declare(`${SITE}/server-certificate`);
  const close = async (): Promise<void> => {
    restore();
    await aws.close();
  };
  return { aws, serverCertificate, env, close };
};

/** The event with which Terraform invokes initialise. */
export const INITIALISE = { dns: ["mqtt.plant1.example", "nlb.example"], ip: ["192.0.2.7"], credentialShards: 2 };
