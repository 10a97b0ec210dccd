/** Levels of syslog, as systemd reads them from the head of a line (sd-daemon(3)). */
const LEVELS = { error: 3, warning: 4, info: 6 } as const;

/** One line on standard output, which the unit sends to the journal and to the console. */
export type Log = (level: keyof typeof LEVELS, event: string, text: string) => void;

/** @param forJournal begin each line with its level, which the journal takes off */
export const createLog = (write: (line: string) => void, forJournal: boolean): Log => {
  return (level, event, text) => {
    // What strangers sent may be in the text: a line stays one line.
    const line = `${event}: ${text}`.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ");
    write(`${forJournal ? `<${LEVELS[level]}>` : ""}${line}\n`);
  };
};
