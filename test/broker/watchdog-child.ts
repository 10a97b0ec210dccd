import { startWatchdog } from "../../broker/src/watchdog";

/** A process that blocks its event loop when it is told to, or turns it for a while and ends. */
startWatchdog({ site: "plant", stuckMs: 300 });
if (process.argv[2] === "block") for (;;);
setTimeout(() => process.exit(0), 1_200);
