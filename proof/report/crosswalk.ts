export type CsfFunction = "Identify" | "Protect" | "Detect" | "Respond" | "Recover";

/** A control that the kit claims, with its names in the standards (after MITRE ATT&CK for ICS, whose mitigations carry them). */
export interface Control {
  readonly control: string;
  readonly functions: readonly CsfFunction[];
  /** Mitigations of MITRE ATT&CK for ICS. */
  readonly attack: readonly string[];
  /** System requirements of IEC 62443-3-3. */
  readonly iec: readonly string[];
  /** Controls of NIST SP 800-53, revision 5. */
  readonly nist: readonly string[];
  /** Checks of these promises alone are evidence. @default of any */
  readonly promises?: readonly string[];
  /** Does the sentence go further than a plan can show? @default no */
  readonly inPart?: true;
}

/** Functions of the framework, in its order. */
export const FUNCTIONS: readonly CsfFunction[] = ["Identify", "Protect", "Detect", "Respond", "Recover"];

export const CONTROLS: readonly Control[] = [
  {
    control: "Only declared conduits lead from zone to zone, in both directions",
    functions: ["Protect"],
    attack: ["M0930"],
    iec: ["SR 5.1"],
    nist: ["AC-3"],
  },
  {
    control: "Inbound to the DMZ tcp 8883 and 443 alone",
    functions: ["Protect"],
    attack: ["M0937", "M0935"],
    iec: ["SR 5.1"],
    nist: ["AC-3", "SC-7"],
    promises: ["P1", "P6"],
  },
  {
    control: "Inbound to the edge nothing",
    functions: ["Protect"],
    attack: ["M0937", "M0935"],
    iec: ["SR 5.1"],
    nist: ["AC-3", "SC-7"],
    promises: ["P2"],
  },
  {
    control: "Each device confined to its own topics",
    functions: ["Protect"],
    attack: ["M0800", "M0801"],
    iec: ["SR 2.1"],
    nist: ["AC-3"],
  },
  {
    control: "One identity is one certificate, one user name, one ClientId",
    functions: ["Identify", "Protect"],
    attack: ["M0813"],
    iec: ["SR 1.2"],
    nist: ["IA-3"],
  },
  {
    control: "The server proves who it is; TLS on every conduit",
    functions: ["Protect"],
    attack: ["M0802", "M0808"],
    iec: ["SR 3.1", "SR 4.1"],
    nist: ["SC-8", "SC-23"],
    inPart: true,
  },
  {
    control: "Secrets under a customer-managed key; none in code, plan, state or logs",
    functions: ["Protect"],
    attack: ["M0941"],
    iec: ["SR 4.1"],
    nist: ["SC-28"],
    inPart: true,
  },
  {
    control: "Malformed packets are refused",
    functions: ["Protect"],
    attack: ["M0818"],
    iec: ["SR 3.5", "SR 3.6"],
    nist: ["SI-10"],
    inPart: true,
  },
  {
    control: "Least function: no ssh, no plain MQTT, nobody writes $SYS",
    functions: ["Protect"],
    attack: ["M0942", "M0954", "M0928"],
    iec: ["SR 7.7"],
    nist: ["CM-7"],
    inPart: true,
  },
  {
    control: "Strong credentials that can be replaced",
    functions: ["Protect"],
    attack: ["M0927"],
    iec: ["SR 1.5"],
    nist: ["IA-5"],
    inPart: true,
  },
  {
    control: "Redundancy, and a backup that was restored",
    functions: ["Recover"],
    attack: ["M0811", "M0953"],
    iec: ["SR 7.3"],
    nist: ["CP-9"],
    inPart: true,
  },
  {
    control: "What is deployed is what was declared, signed and listed",
    functions: ["Protect"],
    attack: ["M0945"],
    iec: ["SR 3.4"],
    nist: ["SI-7"],
    inPart: true,
  },
  {
    control: "Flow logs, detectors and alarms that fire",
    functions: ["Detect"],
    attack: ["M0931"],
    iec: ["SR 6.2"],
    nist: ["SI-4"],
    inPart: true,
  },
];

/** Titles of the requirements of IEC 62443-3-3, and of -3-2 for zones and conduits. */
export const REQUIREMENTS: Readonly<Record<string, string>> = {
  "SR 1.2": "Software process and device identification and authentication",
  "SR 1.5": "Authenticator management",
  "SR 2.1": "Authorization enforcement",
  "SR 3.1": "Communication integrity",
  "SR 3.4": "Software and information integrity",
  "SR 3.5": "Input validation",
  "SR 3.6": "Deterministic output",
  "SR 4.1": "Information confidentiality",
  "SR 5.1": "Network segmentation",
  "SR 5.2": "Zone boundary protection",
  "SR 6.2": "Continuous monitoring",
  "SR 7.3": "Control system backup",
  "SR 7.7": "Least functionality",
  "ZCR 3": "Partition the system into zones and conduits (IEC 62443-3-2)",
};
