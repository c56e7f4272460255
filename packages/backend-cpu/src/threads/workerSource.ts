import { controlWords, gateOpen, jobShift, word } from "./control.ts";

/** Rounds that an idle worker looks for work before it sleeps: some 50 to 100 microseconds, without and with a pause in each. */
const spins = 20000;
const spinsWithPause = 2000;

/**
 * The worker's whole program as text, since a file of its own is not found by every bundler and test runner. It blocks for ever in
 * `serve`, so it never needs its event loop: code comes as bytes in the shared memory and is compiled on the spot.
 */
export const workerSource = `"use strict";
const serve = ({ control, memory, index }) => {
  const programs = new Map();
  const pause = Atomics.pause ?? (() => {});
  const spins = Atomics.pause ? ${spinsWithPause} : ${spins};
  const functionsOf = (id) => {
    let functions = programs.get(id);
    if (functions === undefined) {
      const address = control[${word.codeAddress}] >>> 0;
      const length = control[${word.codeBytes}];
      // An engine may tell this thread a little later that another one has made the memory grow.
      for (let spin = 0; spin < 1e8 && memory.buffer.byteLength < address + length; spin++) pause();
      const bytes = new Uint8Array(memory.buffer, address, length).slice();
      const module = new WebAssembly.Module(bytes);
      const { exports } = new WebAssembly.Instance(module, { env: { memory } });
      functions = WebAssembly.Module.exports(module).map(({ name }) => exports[name]);
      programs.set(id, functions);
    }
    return functions;
  };
  const work = () => {
    const phase = functionsOf(control[${word.program}])[control[${word.phase}]];
    const args = control[${word.args}];
    const units = control[${word.units}];
    const chunk = control[${word.chunk}];
    const own = control[${word.threadAddress}] + index * control[${word.threadBytes}];
    for (;;) {
      const begin = Atomics.add(control, ${word.next}, chunk);
      if (begin < 0 || begin >= units) return;
      phase(args, begin, Math.min(begin + chunk, units), own);
      Atomics.add(control, ${word.progress}, 1);
    }
  };
  const fail = (error) => {
    const text = String((error && error.stack) || error).slice(0, ${controlWords - word.text - 1});
    for (let i = 0; i < text.length; i++) control[${word.text + 1} + i] = text.charCodeAt(i);
    control[${word.text}] = text.length;
    Atomics.store(control, ${word.failed}, 1);
  };
  let last = -1;
  for (;;) {
    const epoch = Atomics.load(control, ${word.epoch});
    if (Atomics.load(control, ${word.stop}) !== 0) return;
    const gate = Atomics.load(control, ${word.gate});
    if ((gate & ${gateOpen}) !== 0 && gate >>> ${jobShift} !== last) {
      if (Atomics.compareExchange(control, ${word.gate}, gate, gate + 1) !== gate) continue;
      last = gate >>> ${jobShift};
      try {
        work();
      } catch (error) {
        fail(error);
      }
      Atomics.sub(control, ${word.gate}, 1);
      if (Atomics.load(control, ${word.waiting}) !== 0) Atomics.notify(control, ${word.gate});
    }
    let spin = 0;
    while (spin < spins && Atomics.load(control, ${word.epoch}) === epoch) {
      pause();
      spin++;
    }
    if (spin === spins) {
      Atomics.add(control, ${word.sleepers}, 1);
      Atomics.wait(control, ${word.epoch}, epoch);
      Atomics.sub(control, ${word.sleepers}, 1);
    }
  }
};
if (typeof globalThis.postMessage === "function" && typeof globalThis.importScripts === "function") {
  globalThis.onmessage = (event) => serve(event.data);
} else {
  const threads = typeof require === "function" ? require("node:worker_threads") : process.getBuiltinModule("node:worker_threads");
  serve(threads.workerData);
}
`;
