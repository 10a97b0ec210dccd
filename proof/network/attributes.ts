import { type Block, Reference, type Resource, Template, Unknown, type Value } from "../facts/facts";
import type { Step } from "../verdict";

/**
 * Reads a resource's (or one of its blocks') attributes, and keeps what it could not read as doubts: whatever depends on
 * one is UNPROVEN. `null`, `""` and what is not there are all "not set".
 */
export class Attributes {
  constructor(
    readonly at: string,
    private readonly values: Block,
    private readonly doubts: Step[],
    private readonly within = "",
  ) {}

  static of(resource: Resource, doubts: Step[]): Attributes {
    return new Attributes(resource.address, resource.values, doubts);
  }

  doubt(name: string, says: string): undefined {
    this.doubts.push({ at: `${this.at}: '${this.within}${name}'`, says });
    return undefined;
  }

  isSet(name: string): boolean {
    const value = this.values[name];
    return value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);
  }

  text(name: string): string | undefined {
    const value = this.values[name];
    if (!this.isSet(name)) return undefined;
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return this.unreadable(name, value);
  }

  number(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = Number(text);
    return Number.isInteger(number) ? number : this.doubt(name, `must be a whole number, got '${text}'`);
  }

  /** Of tcp or udp. */
  port(name: string): number | undefined {
    const number = this.number(name);
    const isPort = number === undefined || (number >= 0 && number <= 65535);
    return isPort ? number : this.doubt(name, `must be a port from 0 to 65535, got ${number}`);
  }

  /** A doubt counts as set: what may be open is open. */
  flag(name: string, byDefault: boolean): boolean {
    const value = this.values[name];
    if (value === undefined || value === null || value === "") return byDefault;
    if (value === true || value === "true") return true;
    if (value === false || value === "false") return false;
    this.unreadable(name, value);
    return byDefault;
  }

  /**
   * The one resource that is named.
   * @param lookedUp whether it may be one that is only looked up, since nothing of it counts but which one it is.
   */
  reference(name: string, lookedUp = false): Reference | undefined {
    const value = this.values[name];
    return this.isSet(name) ? this.asReference(name, value, lookedUp) : undefined;
  }

  references(name: string): Reference[] {
    return this.list(name).flatMap((value) => this.asReference(name, value) ?? []);
  }

  /** Texts, and what is none of them as a doubt. */
  texts(name: string): string[] {
    return this.list(name).flatMap((value): string[] => {
      if (typeof value === "string") return value === "" ? [] : [value];
      this.unreadable(name, value);
      return [];
    });
  }

  /** Texts and references, for whoever knows both (prefix lists). */
  list(name: string): readonly Value[] {
    const value = this.values[name];
    if (!this.isSet(name)) return [];
    if (Array.isArray(value)) return value as readonly Value[];
    return [value!];
  }

  blocks(name: string): Attributes[] {
    return this.list(name).flatMap((value, index) => {
      if (isBlock(value)) return [new Attributes(this.at, value, this.doubts, `${this.within}${name}[${index}].`)];
      this.unreadable(name, value);
      return [];
    });
  }

  raw(name: string): Value | undefined {
    return this.values[name];
  }

  private asReference(name: string, value: Value | undefined, lookedUp = false): Reference | undefined {
    // What is looked up may be anything, also what the facts manage under another address.
    if (value instanceof Reference)
      return lookedUp || !LOOKED_UP.test(value.address)
        ? value
        : this.doubt(name, `is of ${value.address}, which is only looked up`);
    if (typeof value === "string") return this.doubt(name, `is '${value}', which is not among what was read`);
    return this.unreadable(name, value);
  }

  private unreadable(name: string, value: Value | undefined): undefined {
    if (value instanceof Unknown) return this.doubt(name, value.reason);
    if (value instanceof Reference || value instanceof Template) return this.doubt(name, "is known only after apply");
    return this.doubt(name, `is of an unexpected form: ${JSON.stringify(value)?.slice(0, 60)}`);
  }
}

/** The address of a data source, in whichever module. */
const LOOKED_UP = /^(?:module\.[^.[]+(?:\[(?:\d+|"(?:[^"\\]|\\.)*")\])?\.)*data\./;

const isBlock = (value: Value | undefined): value is Block =>
  typeof value === "object" &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof Reference || value instanceof Unknown || value instanceof Template);
