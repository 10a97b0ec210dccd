import { readFileSync } from "node:fs";

/** What Linux says of a process: CPU seconds, resident set and its peak in bytes, bytes sent to disk. */
export interface ProcessFigures {
  readonly cpu: number;
  readonly rss: number;
  readonly peakRss: number;
  readonly written: number;
}

const TICKS = 100;

/** Reads /proc: proc_pid_stat(5), proc_pid_status(5), proc_pid_io(5). */
export function processFigures(pid: number): ProcessFigures {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, "utf8");
  // Behind the name, which may hold blanks: utime and stime are fields 14 and 15 of all.
  const fields = read("stat").split(") ")[1]!.split(" ");
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(read("status"))?.[1]) * 1024;
  return {
    cpu: (Number(fields[11]) + Number(fields[12])) / TICKS,
    rss: kib("VmRSS"),
    peakRss: kib("VmHWM"),
    written: Number(/^write_bytes: (\d+)/m.exec(read("io"))?.[1]),
  };
}
