// Runs one scenario on MicroPython's WebAssembly build: tests/shims/wasm.py says with what.
//
// That build has a file system in memory and no UART, no standard input: it gets the files it
// needs copied in, and a module `host` whose functions answer at once or wait without the event
// loop, because Python code that runs cannot wait for a promise.
import fs from "node:fs";
import path from "node:path";
import { loadMicroPython } from "@micropython/micropython-webassembly-pyscript";

const { folders, heap, pystack, program, argv } = JSON.parse(process.argv[2]);
const mp = await loadMicroPython({
  heapsize: heap,
  pystack: pystack / 4, // in words
  stdout: (line) => say(line + "\n"),
  stderr: (line) => say(line + "\n"),
});

function say(text) {
  fs.writeSync(1, text);
}

function bring(name, target) {
  if (fs.statSync(name).isDirectory()) {
    for (const entry of fs.readdirSync(name)) bring(path.join(name, entry), `${target}/${entry}`);
  } else if (/\.m?py$/.test(name) || target === name) {
    mp.FS.mkdirTree(path.posix.dirname(target));
    mp.FS.writeFile(target, fs.readFileSync(name));
  }
}

function readLine() {
  const one = Buffer.alloc(1);
  const line = [];
  while (fs.readSync(0, one, 0, 1) === 1 && one[0] !== 10) line.push(one[0]);
  return Buffer.from(line).toString();
}

mp.registerJsModule("host", {
  // a file descriptor, and memory of Python's by address and length
  open: (name) => fs.openSync(name, "r+"),
  read: (fd, address, n) => fs.readSync(fd, mp._module.HEAPU8, address, n),
  write: (fd, address, n) => fs.writeSync(fd, mp._module.HEAPU8, address, n),
  // a call of the controller as JSON; files that its answer names are copied in
  call: (text) => {
    say(`\x01${text}\n`);
    const answer = readLine();
    JSON.parse(answer, (_, value) => {
      if (typeof value === "string" && value.startsWith("/") && fs.existsSync(value)) {
        bring(value, value);
      }
    });
    return answer;
  },
});

for (const [name, target] of folders) bring(name, target);
try {
  mp.runPython(`import sys\nsys.argv[:] = ${JSON.stringify(argv)}\nimport ${program}`);
} catch (error) {
  say(`${error.message}\n`);
  process.exitCode = 1;
}
