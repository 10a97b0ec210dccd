import { startWatchdog } from "../../broker/src/watchdog";

/** A process that blocks its event loop when it is told to, or turns it for a while and ends. */
const isToBlock = process.argv[2] === "block";
// One that turns may be kept waiting by its machine for a while.
startWatchdog({ site: "plant", stuckMs: isToBlock ? 300 : 2_000 });
if (isToBlock) for (;;);
setTimeout(() => process.exit(0), 5_000);
