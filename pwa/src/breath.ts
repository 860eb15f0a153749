// Long work that lets a thumb through: after a while of it the screen gets its turn. Must never be asked within a transaction,
// which the browser would end meanwhile.

/** On a processor that is six times slower a frame or two go by meanwhile. */
const LONGEST = 12; // ms

export class Breath {
  private since = performance.now();

  /** Settles at once where the work has not gone on for long, and else after whatever waits for the screen. */
  async taken(): Promise<void> {
    if (performance.now() - this.since < LONGEST) return;
    await turn();
    this.since = performance.now();
  }
}

/** The screen's turn. By a message: timers that follow each other are slowed down by browsers. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => (port1.close(), resolve());
    port2.postMessage(null);
  });
}
