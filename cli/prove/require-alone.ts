import { readdir } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { BadInput } from "../../proof/facts/bad-input";

/** What Terraform and OpenTofu read of a folder, one file as much as the other. */
const CONFIGURATION = /\.(tf|tofu)(\.json)?$/;

/**
 * A synthesized stack is all of its folder's configuration, or it is not what will be applied: Terraform merges every file.
 * @throws BadInput naming the file that stands beside it
 */
export async function requireAlone(file: string): Promise<void> {
  const other = (await readdir(dirname(file))).find((name) => CONFIGURATION.test(name) && name !== basename(file));
  if (other !== undefined)
    throw new BadInput(
      `${dirname(file)}: '${other}'`,
      `must not stand beside ${basename(file)}, since Terraform would merge the two: take it away, or prove a plan with --plan`,
    );
}
