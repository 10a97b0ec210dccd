import { awsVault } from "../../vault/aws";
import { directoryVault } from "../../vault/directory";
import type { Vault } from "../../vault/vault";
import type { BrokerConfig } from "./config";

/** The vault that the configuration names. */
export function openVault({ site, source }: BrokerConfig): Vault {
  return source.kind === "directory" ? directoryVault(source.path) : awsVault({ site });
}
