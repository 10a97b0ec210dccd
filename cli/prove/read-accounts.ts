import { EDGE_ACCOUNTS, type EdgeAccounts } from "../../policy/edge-accounts";
import { EDGE_USER } from "../../policy/edge-device";
import { BadInput } from "../../proof/facts/bad-input";
import { accountsFault } from "../edge/accounts-fault";
import { readInput } from "./read-input";

/** Names of the accounts that the rules speak of. DHCP has packet sockets: the rules name nobody for it. */
const NAMES = { agent: EDGE_USER.name, resolver: "systemd-resolve", time: "systemd-timesync" } as const;

/**
 * Reads which number each account has on a gateway that keeps its own system, from lines as passwd(5) has them.
 * @throws BadInput with the place, the rule and the fix
 */
export async function readAccounts(path: string): Promise<EdgeAccounts> {
  const numbers = new Map<string, number>();
  for (const [index, line] of (await readInput(path)).split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [name = "", , number] = line.split(":");
    if (!/^\d{1,10}$/.test(number ?? ""))
      throw new BadInput(
        `${path}: line ${index + 1}`,
        `must be '<account>:x:<number>:...' as in passwd(5), got '${line}'`,
      );
    if (numbers.has(name)) throw new BadInput(`${path}: line ${index + 1}`, `is the account '${name}' a second time`);
    numbers.set(name, Number(number));
  }
  const of = (name: string): number => {
    const number = numbers.get(name);
    if (number !== undefined) return number;
    throw new BadInput(
      path,
      `must have a line for '${name}'; copy the host's /etc/passwd, and write '${name}:x:<number>:' for the account that does its work`,
    );
  };
  const accounts = { agent: of(NAMES.agent), resolver: of(NAMES.resolver), time: of(NAMES.time) };
  const all = { ...EDGE_ACCOUNTS, ...accounts };
  const fault = accountsFault(all);
  if (fault !== undefined) throw new BadInput(path, fault);
  return all;
}
