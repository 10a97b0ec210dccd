import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { UpdateRefused } from "../update/update-refused";

/** A plain file, opened for reading without following a link. @throws UpdateRefused if it is none */
export const openPlain = (path: string): number => {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new UpdateRefused(`${path}: must be a plain file`);
};
