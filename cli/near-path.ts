import { relative } from "node:path";

/** The path as one would type it here: relative, unless that climbs. */
export function nearPath(path: string): string {
  const here = relative(process.cwd(), path);
  return here === "" || here.startsWith("..") ? path : here;
}
