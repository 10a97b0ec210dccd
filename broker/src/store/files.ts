import * as promises from "node:fs/promises";

/** What the store's folders do to a file system: few calls, so that a test can stop between any two of them. */
export type Files = Pick<
  typeof promises,
  "copyFile" | "link" | "mkdir" | "open" | "readdir" | "readFile" | "rename" | "rm" | "writeFile"
>;

/** The real one. */
export const FILES: Files = promises;
