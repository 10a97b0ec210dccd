import { connect } from "node:net";

/** What somebody types who wants a boot loader's menu, its editor or its shell, as QEMU's monitor names the keys. */
const KEYS = ["esc", "shift", "e", "c", "ret", "spc", "f10", "ctrl-c", "ctrl-x", "tab", "down"];

/**
 * Types at a machine's keyboard for as long as the machine runs.
 * @param monitor socket of QEMU's monitor
 * @returns how many keys were pressed, once it has ended
 */
export const keepTyping = (monitor: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const socket = connect(monitor);
    let pressed = 0;
    socket.on("connect", () => socket.write("cont\n"));
    socket.on("data", (data) => {
      // It prompts for each command once the one before is done.
      if (data.toString().endsWith("(qemu) ")) socket.write(`sendkey ${KEYS[pressed++ % KEYS.length]}\n`);
    });
    socket.on("error", (error: NodeJS.ErrnoException) => (pressed > 0 ? resolve(pressed) : reject(error)));
    socket.on("close", () => resolve(pressed));
  });
