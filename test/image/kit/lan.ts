// A LAN of two: the box, and somebody beside it who looks at it from outside.
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const BOX = 'tillgate-box';
const BESIDE = 'tillgate-lan';
/** Everybody's multicast name server. SPEC RFC 6762 section 3. */
const MDNS = '224.0.0.251';
const NEIGHBOUR = '169.254.77.1/16';

export interface Lan {
  /** For systemd-nspawn: where the box lives. */
  readonly namespace: string;
  /** IPv4 address that somebody on the LAN answers to `name` with; null where nobody does. */
  resolve(name: string, timeoutMs: number): Promise<string | null>;
  /** All TCP ports of `host` that accept a connection. */
  openPorts(host: string): Promise<readonly number[]>;
  remove(): void;
}

/** Two network namespaces with one cable between them, and nothing else in either. */
export function makeLan(): Lan {
  remove();
  for (const name of [BOX, BESIDE]) ip('netns', 'add', name);
  const plug = ['link', 'add', 'eth0', 'netns', BOX, 'type', 'veth', 'peer', 'name', 'eth0'];
  ip(...plug, 'netns', BESIDE);
  ip('-n', BESIDE, 'link', 'set', 'lo', 'up');
  ip('-n', BESIDE, 'link', 'set', 'eth0', 'up');
  ip('-n', BESIDE, 'address', 'add', NEIGHBOUR, 'dev', 'eth0');
  return {
    namespace: `/run/netns/${BOX}`,
    resolve: async (name, timeoutMs) => {
      const said = await beside(ASK, [name, String(timeoutMs)], timeoutMs + 20_000);
      return said === '' ? null : said;
    },
    openPorts: async (host) => {
      const said = await beside(SCAN, [host], 180_000);
      return said === '' ? [] : said.split(' ').map(Number);
    },
    remove,
  };
}

function remove(): void {
  for (const name of [BOX, BESIDE]) {
    try {
      execFileSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
    } catch {
      // There was none.
    }
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'], timeout: 20_000 });
}

async function beside(script: string, args: readonly string[], timeout: number): Promise<string> {
  const command = ['netns', 'exec', BESIDE, process.execPath, '--eval', script, ...args];
  return (await run('ip', command, { timeout })).stdout.trim();
}

/** Asks for the A record as a telephone does, again and again, and prints the first answer. */
const ASK = `
const [name, ms] = process.argv.slice(1);
const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
const question = Buffer.from([0,0, 0,0, 0,1, 0,0, 0,0, 0,0, ...labels, 0, 0,1, 0,1]);
const socket = require('dgram').createSocket({ type: 'udp4', reuseAddr: true });
socket.bind(5353, () => {
  socket.addMembership('${MDNS}', '${NEIGHBOUR.split('/')[0] ?? ''}');
  socket.setMulticastInterface('${NEIGHBOUR.split('/')[0] ?? ''}');
  const ask = () => socket.send(question, 5353, '${MDNS}');
  ask();
  setInterval(ask, 1000);
});
socket.on('message', (message) => {
  // An answer of ours: the name in full, then type A, class, time to live, four bytes of address.
  const at = message.indexOf(Buffer.from([...labels, 0, 0, 1]));
  if ((message[2] & 0x80) === 0 || at < 0) return;
  const address = at + labels.length + 1 + 2 + 2 + 4 + 2;
  console.log([...message.subarray(address, address + 4)].join('.'));
  process.exit(0);
});
setTimeout(() => process.exit(0), Number(ms));
`;

const SCAN = `
const [host] = process.argv.slice(1);
const net = require('net');
const open = [];
let next = 1;
const knock = () => new Promise((resolve) => {
  const port = next++;
  const socket = net.connect(port, host);
  const done = (isOpen) => { if (isOpen) open.push(port); socket.destroy(); resolve(); };
  socket.setTimeout(1500, () => done(false));
  socket.on('connect', () => done(true));
  socket.on('error', () => done(false));
});
const lane = async () => { while (next <= 65535) await knock(); };
Promise.all(Array.from({ length: 4000 }, lane)).then(() => console.log(open.sort((a, b) => a - b).join(' ')));
`;
