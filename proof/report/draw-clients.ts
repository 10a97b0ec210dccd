import type { AccessIdentity } from "../access/access-document";
import { type Box, fit, zoneFrame } from "./drawing-parts";
import { groupIdentities, type RoleGroup } from "./group-identities";
import { html, type Html } from "./html";
import { countText, numberText } from "./number-text";

/** More groups than this are summed up in a last one. */
const MOST = 12;
/** Up to so many groups in all, names have room. */
const NAMED = 8;
const [HEAD, GAP, MARGIN] = [34, 6, 12];

/** A zone of clients and how tall it came out. */
export interface DrawnZone {
  readonly drawing: Html;
  readonly box: Box;
}

/** The identities of one kind, by role: each with its name in a small site, by number in a large one. */
export function drawClients(
  place: Omit<Box, "height">,
  zone: { readonly kind: string; readonly title: string; readonly identities: readonly AccessIdentity[] },
): DrawnZone {
  const templates = groupIdentities(zone.identities);
  const named = templates.reduce((sum, { groups }) => sum + groups.length, 0) <= NAMED;
  const columns = named ? 1 : 2;
  const width = (place.width - 2 * MARGIN - (columns - 1) * GAP) / columns;
  const height = named ? 40 : 26;
  const parts: Html[] = [];
  let y = place.y + HEAD;
  for (const { title, count, groups } of templates) {
    parts.push(
      html`<text class="group-title" x="${place.x + MARGIN}" y="${y + 14}">${fit(title, place.width - 120, 12)}</text>
        <text class="group-count" x="${place.x + place.width - MARGIN}" y="${y + 14}" text-anchor="end"
          >${numberText(count)}</text
        >`,
    );
    y += 22;
    const chips = summedUp(groups);
    for (const [index, chip] of chips.entries()) {
      const x = place.x + MARGIN + (index % columns) * (width + GAP);
      parts.push(drawChip({ x, y: y + Math.floor(index / columns) * (height + GAP), width, height }, chip, named));
    }
    y += Math.ceil(chips.length / columns) * (height + GAP) + 6;
  }
  if (zone.identities.length === 0) {
    parts.push(html`<text class="group-count" x="${place.x + MARGIN}" y="${y + 14}">none declared</text>`);
    y += 24;
  }
  const box = { ...place, height: y + 4 - place.y };
  const note = countText(zone.identities.length, "identity", "identities");
  return { drawing: html`${zoneFrame(box, zone.kind, zone.title, note)}${parts}`, box };
}

interface Chip {
  readonly label: string;
  readonly count: number;
  readonly names: readonly string[];
}

function summedUp(groups: readonly RoleGroup[]): readonly Chip[] {
  const chips = groups.map(({ label, names }) => ({ label, names, count: names.length }));
  if (chips.length <= MOST) return chips;
  const rest = chips.slice(MOST - 1);
  const count = rest.reduce((sum, chip) => sum + chip.count, 0);
  return [...chips.slice(0, MOST - 1), { label: `${rest.length} more groups`, count, names: [] }];
}

function drawChip({ x, y, width, height }: Box, { label, count, names }: Chip, named: boolean): Html {
  const list = names.length > 3 ? [...names.slice(0, 2), `${names.length - 2} more`] : names;
  return html`<g
    ><title>${`${label}: ${numberText(count)}`}</title>
    <rect class="chip" x="${x}" y="${y}" width="${width}" height="${height}" rx="6" />
    <text class="chip-label" x="${x + 9}" y="${y + 17}">${fit(label, width - 60, 12)}</text>
    <text class="chip-count" x="${x + width - 9}" y="${y + 17}" text-anchor="end">${numberText(count)}</text>
    ${named ? html`<text class="chip-names" x="${x + 9}" y="${y + 32}">${fit(list.join(", "), width - 18, 11)}</text>` : undefined}</g
  >`;
}
