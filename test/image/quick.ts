// The image without a virtual machine: units, rules, confinement, and the real units under nspawn.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { TEXTS } from '../../app/src/console/texts/say.ts';
import { Container, waitFor } from './kit/container.ts';
import { type Lan, makeLan } from './kit/lan.ts';
import { artifact, layerSizes, OUT, rootTree, TRANSCRIPTS, WORK } from './kit/places.ts';

const run = promisify(execFile);
const MIB = 1024 * 1024;
/** Exposure 2.0 in the tenths that `--threshold` takes. */
const EXPOSURE_MAX = '20';

let root = '';
before(
  () => {
    root = rootTree();
  },
  { timeout: 300_000 },
);

const inRoot = (...command: readonly string[]) =>
  run('chroot', [root, ...command], { timeout: 60_000, env: { PATH: '/usr/sbin:/usr/bin' } });

describe('the tree', { timeout: 300_000 }, () => {
  test('our units have no mistake that systemd finds', async () => {
    const units = readdirSync(join(root, 'usr/lib/systemd/system')).filter(
      (name) => /^(tillgate|var-l|efi\.)/.test(name) && !name.endsWith('.d'),
    );
    assert.ok(units.length > 10, units.join(' '));
    const { stderr } = await inRoot('systemd-analyze', 'verify', '--man=no', ...units);
    assert.equal(stderr.trim(), '');
  });

  test('the gateway is exposed no more than 2.0', async () => {
    const args = ['security', '--offline=true', '--no-pager', `--threshold=${EXPOSURE_MAX}`];
    const { stdout } = await inRoot('systemd-analyze', ...args, 'tillgate.service');
    writeFileSync(join(TRANSCRIPTS, 'security.txt'), stdout);
    assert.match(stdout, /Overall exposure level for tillgate\.service: [01]\.\d|2\.0/);
  });

  test('the hand, which is root, is exposed no more than 3.0', async () => {
    const args = ['security', '--offline=true', '--no-pager', '--threshold=30'];
    const { stdout } = await inRoot('systemd-analyze', ...args, 'tillgate-hand.service');
    assert.match(stdout, /Overall exposure level for tillgate-hand\.service: [0-2]\.\d|3\.0/);
  });

  test('udev takes the rules of the terminals', async () => {
    await inRoot('udevadm', 'verify', '/usr/lib/udev/rules.d/70-tillgate-terminals.rules');
  });

  test('the firewall rules parse, and drop what they do not name', async () => {
    const file = join(root, 'etc/nftables.conf');
    await run('unshare', ['--net', 'nft', '--check', '--file', file], { timeout: 30_000 });
    assert.match(readFileSync(file, 'utf8'), /hook input [^\n]* policy drop;/);
  });

  test('shell scripts pass shellcheck', async () => {
    const folder = join(root, 'usr/libexec/tillgate');
    const scripts = readdirSync(folder).map((name) => join(folder, name));
    await run('shellcheck', [...scripts, join(root, 'usr/bin/tillgate')], { timeout: 60_000 });
  });

  test('no account has a password and nothing secret is inside', () => {
    for (const line of readFileSync(join(root, 'etc/shadow'), 'utf8').trim().split('\n')) {
      assert.match(line.split(':')[1] ?? '', /^(\*|!\*?)$/, line);
    }
    const ssh = readdirSync(join(root, 'etc/ssh')).filter((name) => /host.*key/.test(name));
    assert.deepEqual(ssh, []);
    assert.equal(readFileSync(join(root, 'etc/machine-id'), 'utf8').trim(), '');
    assert.deepEqual(
      readdirSync(join(root, 'var/lib')).filter((name) => name === 'tillgate'),
      [],
    );
  });

  test('the slot stays small: squashfs under 230 MB, ISO under 300 MB', () => {
    const { squashfs, iso } = layerSizes();
    assert.ok(squashfs > 50 * MIB && squashfs < 230 * MIB, `${squashfs}`);
    assert.ok(iso < 300 * MIB, `${iso}`);
  });

  test('the font of the screen has every character that the console writes', () => {
    const unit = readFileSync(
      join(root, 'usr/lib/systemd/system/tillgate-console.service'),
      'utf8',
    );
    const font = /setfont -C \/dev\/tty1 (\S+)$/m.exec(unit)?.[1] ?? assert.fail('no font');
    const path = join(root, 'usr/share/consolefonts', `${font}.psf.gz`);
    const known = charactersOf(gunzipSync(readFileSync(path)));
    const texts = Object.values(TEXTS).flatMap((catalogue) => Object.values(catalogue));
    // Half blocks: the QR code.
    const needed = new Set(Array.from(`${texts.join('')}▀▄█`).filter((one) => one !== '\n'));
    assert.deepEqual(
      [...needed].filter((character) => !known.has(character)),
      [],
    );
  });

  test('ModemManager is not there to disturb terminals', () => {
    assert.equal(existsSync(join(root, 'usr/sbin/ModemManager')), false);
  });
});

/** SPEC PSF 1: magic, mode, bytes of a glyph; after the glyphs a table of UTF-16 units. */
function charactersOf(font: Buffer): Set<string> {
  assert.equal(font.readUInt16LE(0), 0x0436);
  const glyphs = ((font[2] ?? 0) & 1) === 1 ? 512 : 256;
  const table = font.subarray(4 + glyphs * (font[3] ?? 0)).toString('utf16le');
  return new Set(table);
}

function shell(script: string, ...args: readonly string[]) {
  return run('bash', ['-euc', script, 'sh', ...args], { cwd: OUT, timeout: 120_000 });
}

describe('the files of a release', { timeout: 300_000 }, () => {
  test('hold the same disk, whatever their form', async () => {
    const raw = artifact('raw');
    await shell('zstd --decompress --stdout "$1" | cmp - "$2"', artifact('raw.zst'), raw);
    for (const form of ['qcow2', 'vmdk']) {
      const { stdout } = await shell('qemu-img compare "$1" "$2"', raw, artifact(form));
      assert.match(stdout, /Images are identical/);
    }
  });

  test('have the sums that are told, and the machine for import has its own right too', async () => {
    await shell('sha256sum --check --quiet SHA256SUMS');
    const folder = join(WORK, 'ova');
    await shell(
      'rm -rf "$2"; mkdir "$2"; tar -xf "$1" -C "$2"; cd "$2"; sed -E "s/^SHA256\\((.*)\\)= (.*)/\\2  \\1/" tillgate.mf | sha256sum --check --quiet',
      artifact('ova'),
      folder,
    );
    const machine = join(folder, 'tillgate.ovf');
    assert.match(readFileSync(machine, 'utf8'), new RegExp(`href="${basename(artifact('vmdk'))}"`));
  });
});

describe('the running system', { timeout: 600_000 }, () => {
  let box: Container;
  let lan: Lan;
  before(async () => {
    lan = makeLan();
    box = new Container(root, lan.namespace);
    await box.started();
    await waitFor(
      async () => (await box.run('systemctl', 'is-active', 'tillgate.service')) === 'active',
      60_000,
    );
  });
  after(async () => {
    writeFileSync(
      join(TRANSCRIPTS, 'container-journal.txt'),
      await box.run('journalctl', '--no-pager', '--boot'),
    );
    await box.stop();
    lan.remove();
  });

  /** An HTTP request from inside the container's own network. */
  const request = async (method: string, path: string, key: string | null, body: unknown) => {
    const script = `fetch('http://127.0.0.1:8080' + process.argv[2], {
        method: process.argv[1],
        headers: { 'content-type': 'application/json', ...(process.argv[3] ? { authorization: 'Bearer ' + process.argv[3] } : {}) },
        body: process.argv[4] || undefined,
        signal: AbortSignal.timeout(50000),
      }).then(async (r) => console.log(r.status, await r.text()), (e) => console.log('000', e.message));`;
    const json = body === undefined ? '' : JSON.stringify(body);
    return box.run('node', '-e', script, method, path, key ?? '', json);
  };

  test('starts its programs from their compiled form', async () => {
    const said = await box.run('journalctl', '--no-pager', '--boot');
    assert.match(said, /"event":"ready"/);
    assert.doesNotMatch(said, /without the compiled form/);
  });

  test('starts with no failed unit and no ordering cycle', async () => {
    assert.equal(await box.run('systemctl', 'is-system-running'), 'running');
    assert.equal(await box.run('systemctl', '--failed', '--no-legend', '--plain'), '');
    assert.doesNotMatch(await box.run('journalctl', '--no-pager', '--boot'), /ordering cycle/);
  });

  test('is healthy and takes a payment with a simulated terminal', async () => {
    assert.match(await request('GET', '/health', null, undefined), /^200 /);
    const key =
      (await box.run('tillgate', 'key', 'add', 'tests', '--role', 'administrator'))
        .split('\n')
        .at(-1) ?? '';
    const terminal = { driver: 'privat-json', address: 'sim://privat-json?answerAfterMs=300' };
    await waitFor(
      async () => /^20[01] /.test(await request('PUT', '/v1/terminals/till-1', key, terminal)),
      20_000,
    );
    const sale = { kind: 'purchase', amount: 12345, busy: 'wait' };
    let answer = '';
    await waitFor(async () => {
      answer = await request('PUT', '/v1/operations/quick-1?wait=30', key, sale);
      return answer.startsWith('200 ');
    }, 60_000);
    assert.match(answer, /"state":"approved"/);
    assert.match(await box.run('tillgate', 'ledger', 'verify'), /the ledger is whole/);
  });

  test('answers to tillgate.local on a LAN with no server at all, and on the listed ports only', async () => {
    const address = await lan.resolve('tillgate.local', 60_000);
    assert.match(address ?? 'nobody', /^169\.254\./);
    assert.deepEqual(await lan.openPorts(address ?? ''), [80, 443, 8080, 8443]);
  });

  test('the hand answers the gateway, and nobody else', async () => {
    const asking = `const s = require('node:net').connect('/run/tillgate-hand/hand.sock');
      s.on('data', (d) => process.stdout.write(d)); s.on('error', (e) => console.log(e.code));
      s.write(process.argv[1] + '\\n');`;
    const ask = (user: string, verb: string) => {
      const id = ['--reuid', user, '--regid', user, '--clear-groups'];
      const line = JSON.stringify({ verb, ask: {} });
      return box.run('setpriv', ...id, 'node', '-e', asking, line);
    };
    assert.match(await ask('tillgate', 'units'), /"name":"tillgate.service","active":"active"/);
    assert.match(await ask('tillgate', 'time'), /"kind":"done".*"trusted":/);
    assert.match(await ask('tillgate', 'network'), /"kind":"done".*"hostName":"tillgate"/);
    assert.equal(await ask('65534', 'units'), 'EACCES');
    // At rest it is not there.
    await box.run('systemctl', 'stop', 'tillgate-hand.service');
    assert.equal(await box.run('systemctl', 'is-active', 'tillgate-hand.socket'), 'active');
  });

  test('an update is refused while a payment is open, and allowed after', async () => {
    assert.match(await box.run('tillgate', 'update', 'check'), /no payment is open/);
    await box.run('systemctl', 'stop', 'tillgate.service');
    const database = '/var/lib/tillgate/gateway/ledger/ledger.db';
    const open = (final: 0 | 1) =>
      box.run(
        'node',
        '-e',
        `const D=require('/usr/lib/tillgate/node_modules/better-sqlite3');new D('${database}').prepare('UPDATE operations SET final=?').run(${final})`,
      );
    await open(0);
    assert.match(
      await box.run('tillgate', 'update', 'check'),
      /refused, payments are open:\n\s+quick-1: purchase at till-1/,
    );
    await open(1);
    assert.match(await box.run('tillgate', 'update', 'check'), /no payment is open/);
    await box.run('systemctl', 'start', 'tillgate.service');
    assert.equal(await box.run('systemctl', 'is-active', 'tillgate.service'), 'active');
  });

  test('a gateway that hangs is killed by its watchdog and started again', async () => {
    const pid = async () =>
      box.run('systemctl', 'show', 'tillgate.service', '--property=MainPID', '--value');
    const hung = await pid();
    // 0 would be this very test.
    assert.match(hung, /^[1-9]\d*$/);
    await box.run('kill', '-STOP', hung);
    await waitFor(async () => {
      const now = await pid();
      return (
        now !== hung &&
        now !== '0' &&
        (await box.run('systemctl', 'is-active', 'tillgate.service')) === 'active'
      );
    }, 90_000);
    assert.match(
      await box.run('journalctl', '--no-pager', '--unit=tillgate.service'),
      /Watchdog timeout/,
    );
    assert.match(await request('GET', '/health', null, undefined), /^200 /);
  });

  test('at rest it uses less than 250 MB', async () => {
    const text = await box.run(
      'sh',
      '-c',
      'cat /sys/fs/cgroup/memory.stat 2>/dev/null || true; ps -eo rss= | paste -sd+',
    );
    const resident =
      text
        .split('\n')
        .at(-1)
        ?.split('+')
        .map(Number)
        .reduce((sum, rss) => sum + rss, 0) ?? 0;
    writeFileSync(
      join(TRANSCRIPTS, 'memory.txt'),
      await box.run('ps', '-eo', 'rss,args', '--sort=-rss'),
    );
    assert.ok(resident > 0 && resident < 250 * 1024, `${resident} KiB`);
  });
});
