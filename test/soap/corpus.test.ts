// What nobody should send: each gets a fault, in bounded time and memory, and starts nothing.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import * as fc from 'fast-check';
import { oid, TILL } from '../kit/world.ts';
import {
  envelope,
  pay,
  payPoll,
  post,
  SOAP11,
  SOAP12,
  type SoapServer,
  startSoapServer,
  value,
} from './soap-server.ts';

let server: SoapServer;
before(async () => {
  server = await startSoapServer({});
  // The reader of XML is loaded by the first call; what is timed here is what it does.
  await post(server.url, POLL);
});
after(() => server.close());

const GOOD = pay('fuzzed', 100);
const POLL = payPoll('nobody');

const laughs = `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">${Array.from(
  { length: 12 },
  (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`,
).join('')}]>`;

const utf16 = (text: string, mark: boolean): Buffer =>
  Buffer.concat([mark ? Buffer.of(0xff, 0xfe) : Buffer.of(), Buffer.from(text, 'utf16le')]);

const CORPUS: readonly (readonly [name: string, body: string | Buffer])[] = [
  ['nothing', ''],
  ['no XML', 'uid=1&amount=2'],
  ['JSON', '{"uid":"1"}'],
  ['a billion laughs', laughs + envelope('Pay', value('uid', '&a12;')).slice(39)],
  [
    'an external entity',
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${envelope('Pay', value('uid', '&e;')).slice(39)}`,
  ],
  [
    'a document type behind a comment',
    `<?xml version="1.0"?> <!-- c --> <?p?><!DOCTYPE x>${GOOD.slice(39)}`,
  ],
  ['a document type in small letters', `<!doctype x>${GOOD.slice(39)}`],
  ['an entity without a declaration', pay('&nothing;', 100)],
  ['an endless comment', '<!-- '],
  ['an endless instruction', '<?xml '],
  ['deep nesting', '<a>'.repeat(150_000)],
  ['deep and well-formed nesting', '<a>'.repeat(60_000) + '</a>'.repeat(60_000)],
  ['33 levels', envelope('Pay', '<m:x>'.repeat(31) + '</m:x>'.repeat(31))],
  ['many elements', envelope('Pay', '<a/>'.repeat(200_000))],
  ['many attributes', `<a ${Array.from({ length: 60_000 }, (_, n) => `a${n}=""`).join(' ')}/>`],
  [
    'many namespaces',
    `<a ${Array.from({ length: 40_000 }, (_, n) => `xmlns:a${n}="u"`).join(' ')}/>`,
  ],
  ['a name of half a megabyte', `<${'a'.repeat(500_000)}/>`],
  ['more than a megabyte', pay('x'.repeat(1_100_000), 1)],
  ['an unbound prefix', GOOD.replace('xmlns:m=', 'xmlns:n=')],
  ['an attribute twice', GOOD.replace('<m:uid ', '<m:uid a="1" a="2" ')],
  ['a control character', pay('a\u0001b', 100)],
  ['a reference to no character', pay('&#0;', 100)],
  ['a lone surrogate by reference', pay('&#xd800;', 100)],
  ['two roots', `${GOOD}<a/>`],
  ['a wrong envelope', GOOD.replace(SOAP11, 'urn:soap')],
  ['no envelope', '<Pay xmlns="http://www.stampsoft.ru/pos"/>'],
  ['no body', `<s:Envelope xmlns:s="${SOAP11}"/>`],
  ['an empty body', `<s:Envelope xmlns:s="${SOAP11}"><s:Body/></s:Envelope>`],
  ['two calls', POLL.replace('</soap:Body>', '<x/></soap:Body>')],
  ['a fault', `<s:Envelope xmlns:s="${SOAP12}"><s:Body><s:Fault/></s:Body></s:Envelope>`],
  ['an unknown operation', envelope('Steal', value('uid', 'x'))],
  ['a name of Object', envelope('constructor', '')],
  ['a foreign namespace', POLL.replace('http://www.stampsoft.ru/pos', 'urn:other')],
  [
    'a header that must be understood',
    POLL.replace(
      '<soap:Header/>',
      '<soap:Header><w:S xmlns:w="urn:w" soap:mustUnderstand="1"/></soap:Header>',
    ),
  ],
  [
    'windows-1251',
    Buffer.concat([
      Buffer.from(pay('', 1).split('</m:uid>')[0]!),
      Buffer.of(0xcf, 0xf0),
      Buffer.from('</m:uid></m:Pay></soap:Body></soap:Envelope>'),
    ]),
  ],
  ['a declaration of windows-1251', GOOD.replace('UTF-8', 'windows-1251')],
  ['a declaration of UTF-16 in UTF-8', GOOD.replace('UTF-8', 'UTF-16')],
  ['UTF-16 cut in a character', utf16(GOOD, true).subarray(0, -1)],
  [
    'a lone surrogate in UTF-16',
    Buffer.concat([utf16(GOOD.slice(0, 40), true), Buffer.of(0x00, 0xd8)]),
  ],
  ['UTF-16 without a mark', utf16(GOOD, false)],
  [
    'a document type in UTF-16 without a mark',
    utf16(
      `<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE x [<!ENTITY e "e">]>${GOOD.slice(39)}`,
      false,
    ),
  ],
  ['UTF-32', Buffer.concat([Buffer.of(0xff, 0xfe, 0, 0), Buffer.from('<a/>')])],
  [
    'an overlong UTF-8',
    Buffer.concat([Buffer.from('<a>'), Buffer.of(0xc0, 0xaf), Buffer.from('</a>')]),
  ],
];

for (const [name, body] of CORPUS) {
  test(`answers ${name} with a fault within a second`, async () => {
    const began = performance.now();
    const answer = await post(server.url, body);
    assert.ok(performance.now() - began < 1_000);
    assert.ok([400, 413, 500].includes(answer.status), String(answer.status));
    assert.match(answer.text, /<soap:Fault>/);
    assert.match(answer.text, /Client|Sender|VersionMismatch|MustUnderstand/);
    assert.doesNotMatch(answer.text, /root:/);
    assert.ok(answer.text.length < 2_000);
  });
}

test('takes UTF-16 with a mark, CDATA, comments and references', async () => {
  const declared = POLL.replace('UTF-8', 'UTF-16').replace('nobody', 'ніхто');
  assert.equal(
    (await post(server.url, utf16(declared, true), { 'Content-Type': 'text/xml' })).code,
    -4,
  );
  const text = '<![CDATA[a<b]]>&amp;<!-- c -->&#1101;';
  assert.equal((await post(server.url, payPoll(text))).code, -4);
  await post(server.url, pay(text, 100));
  assert.equal((await post(server.url, payPoll('a&lt;b&amp;э'))).code === -4, false);
});

test('refuses types of content that a page of a browser can send', async () => {
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    '',
  ]) {
    const answer = await post(server.url, GOOD, { 'Content-Type': type });
    assert.equal(answer.status, 415);
  }
});

test('every cut of a call is a fault and starts nothing', async () => {
  const bytes = Buffer.from(pay('cut', 100));
  for (let length = 0; length < bytes.length - 1; length += 7) {
    const answer = await post(server.url, bytes.subarray(0, length));
    assert.equal(answer.status, 500, String(length));
  }
  assert.equal(server.gateway.find(TILL, oid('cut')), null);
});

test('damaged calls are answered, with memory that does not grow', async () => {
  const bytes = Buffer.from(POLL);
  const start = process.memoryUsage().rss;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 }),
      async (changes) => {
        const damaged = Buffer.from(bytes);
        for (const [at, byte] of changes) damaged[at] = byte;
        const answer = await post(server.url, damaged);
        assert.ok([200, 400, 500].includes(answer.status));
      },
    ),
    { numRuns: 300, seed: 20_261_125 },
  );
  assert.ok(process.memoryUsage().rss - start < 200 * 1024 * 1024);
});

test('keeps the connection after the largest bodies', async () => {
  const large = pay('x'.repeat(1_100_000), 1);
  for (let turn = 0; turn < 5; turn += 1) {
    assert.equal((await post(server.url, large)).status, 413);
    assert.equal((await post(server.url, POLL)).code, -4);
  }
});
