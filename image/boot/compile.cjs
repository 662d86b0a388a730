// Runs a program of the appliance with the appliance's own node and keeps the compiled form of all
// that ran: `node FLAGS compile.cjs main|console`. The flags are part of what must fit later.
const { writeFileSync } = require('node:fs');

const FOLDER = '/usr/lib/tillgate';
const KEY = 'c'.repeat(43);
const SALE = { kind: 'purchase', amount: 100, busy: 'wait' };
const WAIT_MS = 60_000;

const name = process.argv[2];
const { script } = require(`${FOLDER}/${name}.cjs`);
const exercise = { main: walkGateway, console: async () => {} }[name];
exercise().then(
  () => {
    writeFileSync(`${FOLDER}/${name}.compiled`, script.createCachedData());
    process.exit(0);
  },
  (error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  },
);

/** What the first customers of the day ask for. */
async function walkGateway() {
  await until(() => ask('GET', '/health'));
  for (const path of ['/v1/terminals', '/v1/settings', '/v1/operations']) await ask('GET', path);
  await until(async () => {
    const { state } = await ask('PUT', '/v1/operations/compile-1?wait=30', SALE);
    return state === 'approved';
  });
}

async function ask(method, path, body) {
  const response = await fetch(`http://127.0.0.1:${process.env.TILLGATE_PORT}${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return response.json();
}

async function until(what) {
  for (const end = Date.now() + WAIT_MS; ; ) {
    try {
      if ((await what()) !== false) return;
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
