import { CommandError } from "./command-error";

/** `dmz start`: runs a site on this machine. */
export async function start(_site: string | undefined, _options: object): Promise<void> {
  throw new CommandError("start: not there yet", "wait for the parts it needs");
}
