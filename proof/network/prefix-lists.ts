import type { Facts } from "../facts/facts";
import { Reference, Unknown, type Value } from "../facts/facts";
import type { Step } from "../verdict";
import { mayHold, mustHold, prefixListPlace, range } from "./addresses";
import { Attributes } from "./attributes";
import { IntervalSet } from "../interval-set";

/** What a range or a prefix list stands for. */
export interface Addresses {
  readonly may: IntervalSet;
  readonly must: IntervalSet;
  /** Of the longest prefix. */
  readonly length: number;
  readonly says: string;
}

/** Between 8 and 9: AWS announces no range as wide as a /8, so its lists win against such; against longer ones, who knows. */
const SHORTEST = 8.5;

/** What prefix lists hold: the account's own are written out, AWS's have a place on the line of addresses. */
export class PrefixLists {
  readonly #places = new Map<string, IntervalSet>();

  constructor(
    private readonly facts: Facts,
    private readonly doubts: Step[],
  ) {}

  /** A range as it is written, or a doubt. */
  cidr(attributes: Attributes, name: string, text: string): Addresses | undefined {
    const found = range(text);
    if (!found) return attributes.doubt(name, `must be an address range, got '${text}'`);
    return { may: mayHold(found), must: mustHold(found), length: found.length, says: text };
  }

  list(attributes: Attributes, name: string, value: Value): Addresses[] {
    if (value instanceof Reference) {
      const resource = this.facts.byAddress.get(value.address);
      if (resource?.type === "aws_vpc_endpoint") return [this.service(resource.values.service_name, value.address)];
      if (resource?.type === "aws_ec2_managed_prefix_list" && resource.mode === "managed")
        return this.own(value.address);
      if (resource?.mode === "data") return this.lookedUp(attributes, name, value.address);
    }
    const shown =
      value instanceof Unknown ? value.reason : `is '${typeof value === "string" ? value : "not one that was read"}'`;
    attributes.doubt(name, `a prefix list of which it is not known what it holds: ${shown}`);
    return [];
  }

  /** The addresses of one of AWS's services that has a gateway endpoint. */
  service(name: Value | undefined, otherwise: string): Addresses {
    const service = typeof name === "string" ? name : otherwise;
    let place = this.#places.get(service);
    if (!place) this.#places.set(service, (place = prefixListPlace(this.#places.size)));
    return { may: place, must: place, length: SHORTEST, says: `the addresses of ${service}` };
  }

  private own(address: string): Addresses[] {
    const resource = this.facts.byAddress.get(address)!;
    const entries = Attributes.of(resource, this.doubts).blocks("entry");
    const separate = this.facts.resources
      .filter(({ type, mode }) => type === "aws_ec2_managed_prefix_list_entry" && mode === "managed")
      .map((entry) => Attributes.of(entry, this.doubts))
      .filter((entry) => entry.reference("prefix_list_id")?.address === address);
    return [...entries, ...separate].flatMap((entry) => {
      const cidr = entry.text("cidr");
      const found = cidr === undefined ? undefined : this.cidr(entry, "cidr", cidr);
      return found ? [{ ...found, says: `${found.says} (in ${address})` }] : [];
    });
  }

  private lookedUp(attributes: Attributes, name: string, address: string): Addresses[] {
    const resource = this.facts.byAddress.get(address)!;
    const data = Attributes.of(resource, this.doubts);
    const own = data.text("name");
    if (own?.startsWith("com.amazonaws.")) return [this.service(own, address)];
    if (data.isSet("entries"))
      return data.blocks("entries").flatMap((entry) => this.cidr(entry, "cidr", entry.text("cidr") ?? "") ?? []);
    if (data.isSet("cidr_blocks"))
      return data.texts("cidr_blocks").flatMap((text) => this.cidr(data, "cidr_blocks", text) ?? []);
    attributes.doubt(name, `${address} is looked up during apply`);
    return [];
  }
}
