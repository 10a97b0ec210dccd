import { readFileSync } from "node:fs";

/** Linux counts in USER_HZ, which is 100 on every architecture that Node runs on (man 5 proc, man 7 time). */
const MICROSECONDS_PER_TICK = 10_000;

/** CPU time of a process with all its threads since its start, in microseconds, user and system. */
export function cpuMicroseconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name, in parentheses, may hold blanks: count from behind it. utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * MICROSECONDS_PER_TICK;
}

/** Resident memory of a process in bytes. */
export function residentBytes(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kibibytes === undefined) throw new Error(`process ${pid} has no memory left to measure: it has ended`);
  return Number(kibibytes) * 1024;
}
