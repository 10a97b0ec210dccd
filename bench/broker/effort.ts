/** How long and how often is measured. Times in milliseconds. */
export interface Effort {
  readonly rounds: number;
  /** Before the first round of a scenario, for the JIT compiler; each later round has a short one. */
  readonly firstWarmUpMs: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly latencyRounds: number;
  readonly latencyMs: number;
  readonly connectRounds: number;
  readonly connections: number;
}

export const FULL: Effort = {
  rounds: 5,
  firstWarmUpMs: 4_000,
  warmUpMs: 300,
  measureMs: 1_500,
  latencyRounds: 3,
  latencyMs: 1_500,
  connectRounds: 3,
  connections: 1_000,
};

/** Figures from this are a sign of life, not a measurement. */
export const QUICK: Effort = {
  rounds: 3,
  firstWarmUpMs: 1_000,
  warmUpMs: 200,
  measureMs: 500,
  latencyRounds: 1,
  latencyMs: 700,
  connectRounds: 1,
  connections: 200,
};
