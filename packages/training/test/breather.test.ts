import { breather } from "../src/breather.ts";

let now = 0;

beforeEach(() => {
  now = 0;
  jest.spyOn(performance, "now").mockImplementation(() => now);
});

afterEach(() => jest.restoreAllMocks());

/** Whether what waits in the event loop has its turn meanwhile. */
const givesTurn = async (work: () => Promise<void>): Promise<boolean> => {
  let taken = false;
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = () => {
    taken = true;
    port1.close();
  };
  port2.postMessage(undefined);
  await work();
  return taken;
};

test.each([
  [0, false],
  [49, false],
  [50, true],
  [5000, true],
])("after %d ms of work others have their turn: %s", async (milliseconds, expected) => {
  const breathe = breather();
  now += milliseconds;
  expect(await givesTurn(breathe)).toBe(expected);
  expect(await givesTurn(breathe)).toBe(false);
});

test("timers that are due have their turn, and none is waited for", async () => {
  const breathe = breather();
  let taken = 0;
  const timer = setInterval(() => taken++, 1);
  const waits = jest.spyOn(globalThis, "setTimeout");
  for (let i = 0; i < 1000 && taken < 3; i++) {
    now += 50;
    await breathe();
  }
  clearInterval(timer);
  expect(taken).toBe(3);
  expect(waits).not.toHaveBeenCalled();
});
