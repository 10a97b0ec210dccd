import { closeSync, fstatSync, readFileSync } from "node:fs";
import type { SignedUpdate } from "../../policy/edge-device";
import { UpdateRefused } from "../update/update-refused";
import { openPlain } from "./open-plain";

/** A manifest with its signature, as the agent left it: nothing of it is verified. @throws UpdateRefused if it is none */
export const readSigned = (path: string): SignedUpdate => {
  const file = openPlain(path);
  try {
    if (fstatSync(file).size > 16 * 1024) throw new UpdateRefused("update.json must be below 16 KiB");
    return JSON.parse(readFileSync(file, "utf8")) as SignedUpdate;
  } catch (error) {
    if (error instanceof SyntaxError) throw new UpdateRefused("update.json must be JSON");
    throw error;
  } finally {
    closeSync(file);
  }
};
