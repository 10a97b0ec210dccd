import { drawClients } from "./draw-clients";
import { arrow, type Box, component, zoneFrame } from "./drawing-parts";
import { html, type Html } from "./html";
import { countText } from "./number-text";
import type { ReportInput } from "./report-input";
import { portTexts, undeclaredFlows } from "./undeclared-flows";

const WIDTH = 1200;
const TOP = 10;
/** Clients, what lies between, and the VPC: three columns. */
const CLIENTS = { x: 10, width: 370 };
const BETWEEN = { x: 432, width: 40 };
const VPC = { x: 556, width: 634 };
const LANE = 26;

type Place = "internet" | "load-balancer" | "tasks" | "endpoints" | "store";

/** The site as zones and conduits, with the ports on the arrows; the same is told by the table below it. */
export function siteDrawing({ site, access, conduits, found }: ReportInput): Html {
  const of = (kind: "edge" | "enterprise") => access.identities.filter((identity) => identity.kind === kind);
  const edge = drawClients({ ...CLIENTS, y: TOP }, { kind: "field", title: "Plant floor", identities: of("edge") });
  const below = TOP + edge.box.height + 16;
  const enterprise = drawClients(
    { ...CLIENTS, y: below },
    { kind: "enterprise", title: "Enterprise", identities: of("enterprise") },
  );
  const clientsEnd = below + enterprise.box.height;

  const beyond = undeclaredFlows(conduits, found);
  const places = new Map<string, Box>();
  const known = conduits.filter((conduit) => isDirect(conduit));
  const lanes = [
    ...conduits
      .filter((conduit) => !isDirect(conduit))
      .map((conduit) => ({ ...conduit, ports: portTexts(conduit), kind: "declared" as const })),
    ...beyond.map((flow) => ({ ...flow, kind: "undeclared" as const })),
  ];
  const strangers = [...new Set(lanes.flatMap(({ from, to }) => [from, to]))].filter((zone) => !isPlace(zone));

  const vpcHeight = 318 + (strangers.length > 0 ? 70 : 0) + lanes.length * LANE;
  const y = Math.max(TOP, Math.min(TOP + (clientsEnd - TOP - vpcHeight) / 2, 240));
  const height = Math.max(clientsEnd, y + vpcHeight) + 10;
  const front: Box = { x: VPC.x + 16, y: y + 44, width: 176, height: 250 };
  const inner: Box = { x: VPC.x + 262, y: y + 44, width: VPC.width - 278, height: 250 };
  const middle = front.y + 138;
  places.set("internet", { ...BETWEEN, y: TOP, height: height - 2 * TOP });
  places.set("load-balancer", { x: front.x + 14, y: middle - 40, width: 148, height: 80 });
  places.set("tasks", { x: inner.x + 14, y: middle - 40, width: 128, height: 80 });
  places.set("endpoints", { x: inner.x + inner.width - 146, y: front.y + 44, width: 132, height: 70 });
  places.set("store", { x: inner.x + inner.width - 146, y: front.y + 164, width: 132, height: 70 });
  for (const [index, zone] of strangers.entries())
    places.set(zone, { x: VPC.x + 16 + index * 150, y: y + 308, width: 134, height: 48 });
  const box = (zone: string): Box => places.get(zone)!;

  const between = site.access === "private" ? "site-to-site VPN" : "the internet";
  const vpc: Box = { ...VPC, y, height: vpcHeight };
  const from = lanes.length > 0 ? y + 318 + (strangers.length > 0 ? 70 : 0) : 0;
  return html` <div class="scroll drawing" role="region" aria-label="Drawing of the site" tabindex="0">
    <svg viewBox="0 0 ${WIDTH} ${Math.round(height)}" role="img" aria-labelledby="drawing-title drawing-desc">
      <title id="drawing-title">Zones and conduits of ${site.name}</title>
      <desc id="drawing-desc">
        ${countText(of("edge").length, "edge identity", "edge identities")} and
        ${countText(of("enterprise").length, "enterprise identity", "enterprise identities")} dial out over ${between}
        to the load balancer, which passes to the broker tasks; these reach AWS endpoints and the message store. The
        table of conduits below tells every arrow.
      </desc>
      <defs>
        ${["declared", "undeclared"].map((kind) => html`<marker id="tip-${kind}" class="tip ${kind}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" markerHeight="7" orient="auto-start-reverse"><path d="M0 0 10 5 0 10z" /></marker>`)}
      </defs>
      ${edge.drawing}${enterprise.drawing} ${pill(box("internet"), between)}
      ${[edge.box, enterprise.box].map((zone) => arrow(`M${CLIENTS.x + CLIENTS.width} ${mid(zone)}H${BETWEEN.x - 2}`, [], { x: 0, y: 0 }))}
      ${zoneFrame(vpc, "vpc", "VPC of the site", site.aws.region)}
      ${zoneFrame(front, "front", "DMZ front")}${zoneFrame(inner, "inner", "Broker zone")}
      ${component(box("load-balancer"), "load balancer", countText(site.aws.zones.length, "zone"), "TCP, unread")}
      ${component(box("tasks"), "broker tasks", "one active,", "the others relay")}
      ${component(box("endpoints"), "AWS endpoints", "secrets, lease,", "images, logs")}
      ${component(box("store"), "message store", "EFS")}
      ${strangers.map((zone) => component(box(zone), zone === "other" ? "other interfaces" : zone))}
      ${known.map(({ from: start, to, ports }) => direct(start as Place, to, portTexts({ ports }), box))}
      ${lanes.map(({ from: start, to, ports, kind }, index) => lane(box(start), box(to), from + index * LANE, ports, kind, start === "internet", to === "internet"))}
    </svg>
  </div>`;
}

const PLACES: ReadonlySet<string> = new Set<Place>(["internet", "load-balancer", "tasks", "endpoints", "store"]);
const isPlace = (zone: string): zone is Place => PLACES.has(zone);

const DIRECT: ReadonlySet<string> = new Set([
  "internet load-balancer",
  "load-balancer tasks",
  "tasks tasks",
  "tasks endpoints",
  "tasks store",
]);
const isDirect = ({ from, to }: { readonly from: string; readonly to: string }): boolean => DIRECT.has(`${from} ${to}`);

const mid = ({ y, height }: Box): number => y + height / 2;

const pill = ({ x, y, width, height }: Box, label: string): Html =>
  html` <rect class="between" x="${x}" y="${y}" width="${width}" height="${height}" rx="${width / 2}" />
    <text
      class="between-label"
      transform="translate(${x + width / 2 + 4} ${y + height / 2}) rotate(-90)"
      text-anchor="middle"
      >${label}</text
    >`;

/** The ways of every site: from one column into the next, and the relay between tasks. */
function direct(from: Place, to: Place, ports: readonly string[], box: (zone: string) => Box): Html {
  const [a, b] = [box(from), box(to)];
  if (from === to) {
    const x = a.x + a.width / 2;
    return arrow(
      `M${x - 30} ${a.y}C${x - 34} ${a.y - 40} ${x + 34} ${a.y - 40} ${x + 30} ${a.y - 2}`,
      [`relay ${ports.join(", ").replaceAll("tcp ", "")}`],
      { x, y: a.y - 38 },
    );
  }
  const [start, end] = [from === "internet" ? mid(b) : mid(a), mid(b)];
  const [left, right] = [a.x + a.width, b.x - 2];
  const bend = (left + right) / 2;
  // Beside the curve, on the side that it does not come from.
  const at = { x: bend, y: end > start ? end + 18 : end - 8 };
  return arrow(`M${left} ${start}C${bend} ${start} ${bend} ${end} ${right} ${end}`, ports, at);
}

/** Any other way: down to a lane of its own below the boxes, and up again. */
function lane(
  a: Box,
  b: Box,
  y: number,
  ports: readonly string[],
  kind: "declared" | "undeclared",
  leaves: boolean,
  enters: boolean,
): Html {
  // Lanes of the same box must not run into one.
  const apart = 8 + ((y / LANE) % 4) * 12;
  const start = leaves ? a.x + a.width : a.x + a.width / 2 + apart;
  const end = enters ? b.x + b.width : b.x + b.width / 2 - apart;
  const path = `M${start} ${leaves ? y : a.y + a.height}V${y}H${end}${enters ? "" : `V${b.y + b.height + 2}`}`;
  return arrow(path, [ports.join(", ")], { x: (start + end) / 2, y: y - 5 }, kind);
}
