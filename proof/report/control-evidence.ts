import type { Proof } from "../verdict";
import { type Control, CONTROLS } from "./crosswalk";

/** A label without the standard's name: `IEC 62443-3-3 SR 5.1` is `SR 5.1`. */
export const bareLabel = (label: string): string => /\b(?:SR|ZCR) \d+(?:\.\d+)?$/.exec(label)?.[0] ?? label;

const labels = (proof: Proof): readonly string[] => proof.controls.map(bareLabel);

/**
 * The checks that are evidence for a control. A check names itself by its labels: the ATT&CK mitigation is the narrowest
 * and decides where there is one, then the IEC requirement, then NIST's control, which many share.
 */
export const evidenceFor = ({ attack, iec, nist, promises }: Control, proofs: readonly Proof[]): readonly Proof[] =>
  proofs.filter((proof) => {
    if (promises !== undefined && !promises.some((promise) => proof.promises.includes(promise))) return false;
    const own = labels(proof);
    if (own.some((label) => /^M\d{4}$/.test(label))) return own.some((label) => attack.includes(label));
    if (own.some((label) => /^SR /.test(label))) return own.some((label) => iec.includes(label));
    return own.some((label) => nist.includes(label));
  });

/** The checks that carry a label themselves. */
export const checksWith = (label: string, proofs: readonly Proof[]): readonly Proof[] =>
  proofs.filter((proof) => labels(proof).includes(label));

/** How many controls there are, and how many have a check that ran. */
export const coverage = (proofs: readonly Proof[]): { readonly controls: number; readonly evidenced: number } => ({
  controls: CONTROLS.length,
  evidenced: CONTROLS.filter((control) => evidenceFor(control, proofs).length > 0).length,
});
