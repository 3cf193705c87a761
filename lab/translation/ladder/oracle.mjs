// Answers requests of lab.translation.ladder.oracles with the CPython of a pyodide package, on Node.js.
// Arguments: the package's pyodide.mjs, cpython.py, decoding.py. A line of JSON in, a line of JSON out.
import fs from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

const [, , packagePath, ...modules] = process.argv;
const { loadPyodide } = await import(pathToFileURL(packagePath).href);
const python = await loadPyodide();
python.FS.mkdirTree("/oracle/ladder");
for (const file of modules) {
  const folder = path.basename(file) === "cpython.py" ? "/oracle/ladder" : "/oracle";
  python.FS.writeFile(path.posix.join(folder, path.basename(file)), fs.readFileSync(file));
}
python.runPython(`
import sys
sys.path.insert(0, "/oracle/ladder")
sys.set_int_max_str_digits(0)
import cpython, json
_codes = {}
def answer_line(line):
    try:
        return cpython.serve(line, _codes)
    except Exception as error:
        return json.dumps({"failed": f"{type(error).__name__}: {error}"})
`);
const answerLine = python.globals.get("answer_line");
const chunk = Buffer.alloc(1 << 16);
let pending = [];
for (;;) {
  let count = 0;
  try {
    count = fs.readSync(0, chunk, 0, chunk.length, null);
  } catch (error) {
    if (error.code === "EAGAIN") continue;
    throw error;
  }
  if (count === 0) break;
  let rest = Buffer.from(chunk.subarray(0, count));
  for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
    pending.push(rest.subarray(0, end));
    fs.writeSync(1, answerLine(Buffer.concat(pending).toString()) + "\n");
    pending = [];
    rest = rest.subarray(end + 1);
  }
  if (rest.length) pending.push(rest);
}
