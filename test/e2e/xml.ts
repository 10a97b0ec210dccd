/** An element of an answer in one of AWS's XML protocols. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
const decode = (text: string): string =>
  text.replace(/&(?:#(\d+)|#x([0-9a-f]+)|(\w+));/gi, (whole, decimal?: string, hex?: string, name?: string) =>
    decimal
      ? String.fromCodePoint(Number(decimal))
      : hex
        ? String.fromCodePoint(parseInt(hex, 16))
        : (ENTITIES[name!] ?? whole),
  );

/** Parses what AWS answers: elements and text; attributes, comments and CDATA do not occur there and are not kept. */
export function parseXml(source: string): XmlElement {
  interface Open {
    name: string;
    text: string;
    children: XmlElement[];
  }
  const stack: Open[] = [{ name: "", text: "", children: [] }];
  for (const [, tag, text] of source.matchAll(/<([^>]+)>|([^<]+)/g)) {
    const top = stack.at(-1)!;
    if (text !== undefined) top.text += decode(text);
    else if (tag!.startsWith("/")) {
      stack.pop();
      stack.at(-1)!.children.push(top);
    } else if (!/^[?!]/.test(tag!)) {
      const element = { name: /^[^\s/]+/.exec(tag!)![0], text: "", children: [] };
      if (tag!.endsWith("/")) top.children.push(element);
      else stack.push(element);
    }
  }
  return stack[0]!;
}

/** Every element of that name below `element`, in document order, not looking inside a match. */
export function all(element: XmlElement, name: string): XmlElement[] {
  return element.children.flatMap((child) => (child.name === name ? [child] : all(child, name)));
}

/** The text of the first element of that name below `element`. @throws when there is none. */
export function textOf(element: XmlElement, name: string): string {
  const found = all(element, name)[0];
  if (!found) throw new Error(`the answer has no <${name}>`);
  return found.text.trim();
}
