import { join } from "node:path";

/** Where everything of a local site is, below its one folder. */
export interface LocalFolders {
  readonly root: string;
  /** CA, server certificate, credentials, access document: what AWS holds for a deployed site. */
  readonly vault: string;
  /** One bundle a client. */
  readonly clients: string;
  /** The broker's message store. */
  readonly store: string;
  /** The demo's own message store, for as long as it plays. */
  readonly demoStore: string;
  /** The broker's log, JSON lines. */
  readonly log: string;
}

export const localFolders = (root: string): LocalFolders => ({
  root,
  vault: join(root, "vault"),
  clients: join(root, "clients"),
  store: join(root, "store"),
  demoStore: join(root, "demo-store"),
  log: join(root, "broker.log"),
});
