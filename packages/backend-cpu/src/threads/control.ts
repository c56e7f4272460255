/**
 * The words (int32) through which the main thread and its workers speak, each where it is written by one side in a cache line of its own.
 *
 * A job is one phase of one program. The main thread writes the job, opens the gate and raises the epoch. Workers that notice in time
 * enter (`gate + 1`), take chunks from `next` until none is left, and leave (`gate - 1`). The main thread takes chunks too, closes the
 * gate, and waits for those inside; it never waits for a worker that has not come.
 */
export const word = {
  /** Changes with every job; idle workers sleep on it. */
  epoch: 0,
  /** Workers that sleep. */
  sleepers: 16,
  /** Job number << 9, open << 8, workers inside. */
  gate: 32,
  /** The main thread sleeps on the gate. */
  waiting: 48,
  /** First unit that nobody has taken. */
  next: 64,
  /** Chunks done by workers. */
  progress: 80,
  stop: 96,
  /** 1 when a worker failed; its message is at `text`. */
  failed: 112,
  program: 128,
  codeAddress: 129,
  codeBytes: 130,
  phase: 131,
  args: 132,
  units: 133,
  chunk: 134,
  threadAddress: 135,
  threadBytes: 136,
  /** Length, then the characters. */
  text: 160,
} as const;

export const controlWords = 512;

export const gateOpen = 256;
export const insideMask = 255;
export const jobShift = 9;
