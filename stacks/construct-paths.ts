/**
 * Tells where something stands in the constructs: `plant/network/vpc (aws_vpc.network_vpc_4C1B): 'cidr_block'`. Undefined:
 * no construct made it.
 */
export type Locate = (at: string) => string | undefined;

type Named = Readonly<Record<string, Readonly<Record<string, { readonly "//"?: { metadata?: { path?: string } } }>>>>;

/** Addresses of Terraform, of which no forker knows what wrote them, by the construct paths that cdktf writes down. */
export function constructPaths(json: string): Locate {
  const document = JSON.parse(json) as { readonly resource?: Named; readonly data?: Named };
  const paths = new Map<string, string>();
  for (const [prefix, section] of [
    ["", document.resource],
    ["data.", document.data],
  ] as const)
    for (const [type, named] of Object.entries(section ?? {}))
      for (const [id, block] of Object.entries(named)) {
        const path = block["//"]?.metadata?.path;
        if (path !== undefined) paths.set(`${prefix}${type}.${id}`, path);
      }
  return (at) => {
    const address = /^(?:data\.)?[\w-]+\.[\w-]+/.exec(at)?.[0] ?? "";
    const path = paths.get(address);
    return path === undefined ? undefined : `${path} (${address})${at.slice(address.length)}`;
  };
}
