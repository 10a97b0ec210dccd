import type { Site } from "../policy/site";
import { closest } from "./closest";
import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";

/**
 * The site a command is about.
 * @param name as typed; undefined when left out, which is fine if there is only one
 * @param folder where the sites came from, for the message
 * @throws CommandError naming the sites there are, and the nearest one
 */
export function chooseSite(name: string | undefined, sites: readonly Site[], folder: string): Site {
  const names = sites.map((site) => site.name);
  if (sites.length === 0)
    throw new CommandError(`${folder}: there is no site here`, "write one with 'dmz new'", EXIT.usage);
  if (name === undefined) {
    if (sites.length === 1) return sites[0]!;
    // A script of package.json takes arguments behind two dashes alone, which nobody has to know.
    const remedy = process.env["npm_lifecycle_event"] === "start" ? ` (npm start -- ${names[0]})` : "";
    const fix = `say which: ${names.join(", ")}${remedy}`;
    throw new CommandError(`${folder}: there are ${sites.length} sites`, fix, EXIT.usage);
  }
  const found = sites.find((site) => site.name === name);
  if (found) return found;
  const near = closest(name, names);
  throw new CommandError(
    `${folder}: there is no site '${name}'`,
    `${near ? `did you mean '${near}'? ` : ""}The sites are: ${names.join(", ")}`,
    EXIT.usage,
  );
}
