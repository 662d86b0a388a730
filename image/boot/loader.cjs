// Starts the script beside it from its compiled form: reading takes a fifth of compiling. A form that
// does not fit this node is only slower.
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname } = require('node:path');
const { constants, Script } = require('node:vm');

const filename = __filename.replace(/cjs$/, 'script');
const options = {
  filename,
  cachedData: compiled(),
  importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
};
// The bundler writes ASCII, so every byte is a character.
const script = new Script(readFileSync(filename, 'latin1'), options);
if (script.cachedDataRejected !== false) process.stderr.write('starting without the compiled form\n');
const own = { exports: {} };
script.runInThisContext()(own.exports, createRequire(filename), own, filename, dirname(filename));
exports.script = script;

function compiled() {
  try {
    return readFileSync(__filename.replace(/cjs$/, 'compiled'));
  } catch {
    return undefined; // not made yet
  }
}
