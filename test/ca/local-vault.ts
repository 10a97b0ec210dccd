import { initialise, type InitialiseProps } from "../../ca/initialise";
import { directoryVault } from "../../vault/directory";
import type { Vault } from "../../vault/vault";
import { temporaryFolder } from "../vault/temporary-folder";

export const SITE = "plant1";

export interface LocalVault {
  readonly root: string;
  readonly vault: Vault;
  /** Every secret written so far, with its value, in order. */
  readonly written: { readonly secret: string; readonly value: string }[];
  remove(): Promise<void>;
}

/** A vault in a folder of the test's own that takes note of what is written. */
export const localVault = async (): Promise<LocalVault> => {
  const { path, remove } = await temporaryFolder();
  const inner = directoryVault(path);
  const written: { secret: string; value: string }[] = [];
  const write: Vault["write"] = (secret, value) => {
    written.push({ secret, value });
    return inner.write(secret, value);
  };
  return { root: path, vault: { ...inner, write }, written, remove };
};

/** Initialises the test site with one host and as many credential shards as told. */
export const initialised = (vault: Vault, changes: Partial<InitialiseProps> = {}): ReturnType<typeof initialise> =>
  initialise(vault, { site: SITE, dns: ["mqtt.plant1.example"], ip: ["127.0.0.1"], credentialShards: 2, ...changes });
