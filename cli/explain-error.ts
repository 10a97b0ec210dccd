import { CommandError } from "./command-error";
import { EXIT } from "./exit-code";

/** One plain message and the exit code for whatever was thrown. */
export interface Explanation {
  readonly message: string;
  readonly exitCode: number;
}

/**
 * Turns any error into words. Ours already say what, where and what to do, and stay as they are; for what we did not
 * foresee we say how to see more.
 */
export function explainError(error: unknown): Explanation {
  if (error instanceof CommandError) return { message: error.message, exitCode: error.exitCode };
  if (!(error instanceof Error)) return { message: String(error), exitCode: EXIT.failed };
  // Ctrl-C at a question of `dmz new`.
  if (error.name === "ExitPromptError") return { message: "stopped; nothing was written", exitCode: EXIT.done };
  const { code, path, dest } = error as NodeJS.ErrnoException & { readonly dest?: string };
  if (path && (code === "EACCES" || code === "EPERM" || code === "EROFS")) {
    return {
      message: `${path}: not permitted to this user (${code}); give access to it, or choose another folder`,
      exitCode: EXIT.failed,
    };
  }
  if (path && (code === "ENOTDIR" || code === "EEXIST")) {
    return {
      message: `${path}: a file is where a folder must be (${code}); move it away, or choose another folder`,
      exitCode: EXIT.failed,
    };
  }
  if (code === "EISDIR")
    return {
      message: `${path ?? error.message}: a folder is where a file must be (EISDIR); name a file`,
      exitCode: EXIT.failed,
    };
  // A copy names both ends; what is full is where it goes.
  if (code === "ENOSPC")
    return { message: `${dest ?? path ?? "the disk"}: no space left; free some and try again`, exitCode: EXIT.failed };
  // Our own parts throw plain errors that say what to do; an engine's TypeError, or a code nobody translated, does not.
  if (code === undefined && (error.constructor === Error || !/^(Type|Range|Reference|Syntax)Error$/.test(error.name)))
    return { message: error.message, exitCode: EXIT.failed };
  return { message: `unexpected: ${error.message}; DMZ_DEBUG=1 shows where it happened`, exitCode: EXIT.failed };
}
