import { cpuMicroseconds } from "./process-usage";

export interface Span {
  readonly seconds: number;
  readonly brokerCpuMicroseconds: number;
  /** This process's part of one core, 0 to 1. */
  readonly generatorShare: number;
}

/** Starts to measure a broker and this process; the returned function reads the span so far. */
export function stopwatch(brokerPid: number): () => Span {
  const started = performance.now();
  const broker = cpuMicroseconds(brokerPid);
  const own = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(own);
    const seconds = (performance.now() - started) / 1000;
    return {
      seconds,
      brokerCpuMicroseconds: cpuMicroseconds(brokerPid) - broker,
      generatorShare: (user + system) / 1e6 / seconds,
    };
  };
}
