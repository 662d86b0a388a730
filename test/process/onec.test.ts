// A shop with 1C as its programmer meets it: a real gateway, set up over REST only, literal XML in,
// and the processing server and a webhook told of the payment.
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { createConnection } from 'node:net';
import { test } from 'node:test';
import { answers, openOtherSide, until } from '../outbound/shop.ts';
import { eventually, type Gateway, startGateway, temporaryFolder } from './programs.ts';

const UID = '06.08.2015 11:15:42';
const ID = `soap-${createHash('sha256').update(UID, 'utf8').digest('base64url')}`;
const [PASSWORD, SIGNING] = ['пароль-1С', 'a secret of sixteen letters'];

const PAY = `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
\t<soap:Header/>
\t<soap:Body>
\t\t<m:Pay xmlns:m="http://www.stampsoft.ru/pos">
\t\t\t<m:uid xmlns:xs="http://www.w3.org/2001/XMLSchema"
\t\t\t\txmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${UID}</m:uid>
\t\t\t<m:amount xmlns:xs="http://www.w3.org/2001/XMLSchema"
\t\t\t\txmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">1000</m:amount>
\t\t\t<m:order xmlns:xs="http://www.w3.org/2001/XMLSchema"
\t\t\t\txmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
\t\t\t\t<m:orderitem>
\t\t\t\t\t<m:id>id0</m:id>
\t\t\t\t\t<m:name>name0</m:name>
\t\t\t\t\t<m:count>1</m:count>
\t\t\t\t\t<m:cost>100</m:cost>
\t\t\t\t</m:orderitem>
\t\t\t\t<m:orderitem>
\t\t\t\t\t<m:id>id1</m:id>
\t\t\t\t\t<m:name>Сир «Гауда»</m:name>
\t\t\t\t\t<m:count>2</m:count>
\t\t\t\t\t<m:cost>200</m:cost>
\t\t\t\t</m:orderitem>
\t\t\t</m:order>
\t\t</m:Pay>
\t</soap:Body>
</soap:Envelope>`;

const PAY_POLL = `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
\t<soap:Header/>
\t<soap:Body>
\t\t<m:PayPoll xmlns:m="http://www.stampsoft.ru/pos">
\t\t\t<m:uid xmlns:xs="http://www.w3.org/2001/XMLSchema"
\t\t\t\txmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${UID}</m:uid>
\t\t</m:PayPoll>
\t</soap:Body>
</soap:Envelope>`;

/** As 1C answers a Register. */
const TRUE = `<?xml version="1.0" encoding="UTF-8"?>
<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">
\t<soap:Header/>
\t<soap:Body>
\t\t<m:RegisterResponse xmlns:m="http://www.stampsoft.ru/pos">
\t\t\t<m:return xmlns:xs="http://www.w3.org/2001/XMLSchema"
\t\t\t\txmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">true</m:return>
\t\t</m:RegisterResponse>
\t</soap:Body>
</soap:Envelope>`;

/** What the seed says that Register gets, in its order; the time is checked apart. */
const REGISTERED =
  '<terminal_id>Каса 7</terminal_id>' +
  `<uid>${UID}</uid>` +
  '<amount>1000</amount><pay_amount>1000</pay_amount>' +
  '<charge_amount>0</charge_amount><rest_amount>0</rest_amount><pay_type>1</pay_type>' +
  '<order>' +
  '<orderitem><id>id0</id><name>name0</name><count>1</count><cost>100</cost></orderitem>' +
  '<orderitem><id>id1</id><name>Сир «Гауда»</name><count>2</count><cost>200</cost></orderitem>' +
  '</order><time>T</time>';

test('1C pays over SOAP; REST, the processing server and a webhook see the same payment', async () => {
  const data = temporaryFolder();
  const processing = await openOtherSide(answers(200, 'text/xml; charset=utf-8', TRUE));
  const crm = await openOtherSide(answers(204, 'text/plain', ''));
  const gateway = await startGateway(data.path);
  try {
    const secret = await setUp(gateway, processing.url, crm.url);
    const call = (name: string, body: string): Promise<Said> =>
      asOneC(gateway, `stamp:${secret}`, name, body);

    assert.equal((await call('Pay', PAY)).code, 0);
    assert.equal((await call('Pay', PAY)).code, -3);
    const codes: (number | null)[] = [];
    await eventually(
      async () => {
        const { code } = await call('PayPoll', PAY_POLL);
        codes.push(code);
        return code;
      },
      (code) => code !== 1,
    );
    assert.equal(codes.at(-1), 0);
    assert.ok(codes.includes(1), 'it was in progress before');

    const { status, body: operation } = await gateway.call('GET', `/v1/operations/${ID}`);
    assert.equal(status, 200);
    const { state, approvedAmount, reference, askedBy, order } = operation;
    assert.deepEqual(
      { state, approvedAmount, reference, askedBy },
      { state: 'approved', approvedAmount: 1000, reference: UID, askedBy: 'stamp' },
    );
    assert.deepEqual(order[1], { id: 'id1', name: 'Сир «Гауда»', count: 2, cost: 200 });

    await until(() => processing.heard.length > 0 && crm.heard.length > 0, 'both were told');
    checkRegister(processing.heard[0]!);
    checkWebhook(crm.heard[0]!);
    const outbox = await eventually(
      () => gateway.call('GET', '/v1/outbox?state=waiting'),
      ({ body }) => body.items.length === 0,
    );
    assert.ok(outbox.body.counts.every(({ state: at }: { state: string }) => at === 'delivered'));
    assert.deepEqual([processing.heard.length, crm.heard.length], [1, 1]);

    assert.equal((await gateway.call('DELETE', '/v1/keys/stamp')).status, 204);
    assert.equal((await call('PayPoll', PAY_POLL)).status, 401);
    const log = gateway.lines.join('\n');
    for (const hidden of [PASSWORD, SIGNING, secret]) assert.ok(!log.includes(hidden), hidden);
  } finally {
    await gateway.kill();
    await processing.close();
    await crm.close();
    data.remove();
  }
});

/** Everything that docs/1c.md asks for; returns the password of the user `stamp`. */
async function setUp(gateway: Gateway, processing: string, crm: string): Promise<string> {
  const made = await gateway.call('POST', '/v1/keys', { name: 'stamp', role: 'till' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  const changed = await gateway.call('PATCH', '/v1/settings', {
    soap: { authentication: true, defaultTerminal: 'till-1' },
    registration: {
      enabled: true,
      url: processing,
      user: 'pos',
      terminalIds: { 'till-1': 'Каса 7' },
    },
    webhooks: [{ name: 'crm', url: `${crm}hook`, states: ['approved'] }],
    secrets: { registration: { password: PASSWORD }, webhooks: { crm: SIGNING } },
  });
  assert.equal(changed.status, 200, JSON.stringify(changed.body));
  const read = await gateway.call('GET', '/v1/settings');
  assert.deepEqual(read.body.secrets, {
    registration: { password: true },
    webhooks: { crm: true },
  });
  return String(made.body.secret);
}

interface Said {
  readonly status: number;
  readonly code: number | null;
}

/** One call on a connection of its own, byte for byte as WSПрокси sends it. */
function asOneC(gateway: Gateway, user: string, name: string, body: string): Promise<Said> {
  const { hostname, port } = new URL(gateway.base);
  const content = Buffer.from(body, 'utf8');
  const head =
    `POST / HTTP/1.1\r\nHost: ${hostname}:${port}\r\nUser-Agent: 1C+Enterprise/8.3\r\n` +
    `Accept: */*\r\nContent-Type: text/xml; charset=utf-8\r\n` +
    `SOAPAction: "http://www.stampsoft.ru/pos#pos:${name}"\r\n` +
    `Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n` +
    `Content-Length: ${content.length}\r\nConnection: close\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host: hostname, port: Number(port) });
    let text = '';
    socket.setEncoding('utf8').setTimeout(10_000, () => socket.destroy(new Error('no answer')));
    socket.on('data', (chunk: string) => (text += chunk));
    socket.once('error', reject);
    socket.once('close', () => {
      const code = new RegExp(`<${name}Response[^>]*><return>(-?\\d+)</return>`).exec(text)?.[1];
      const status = Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]);
      resolve({ status, code: code === undefined ? null : Number(code) });
    });
    socket.write(Buffer.concat([Buffer.from(head, 'latin1'), content]));
  });
}

type Heard = Awaited<ReturnType<typeof openOtherSide>>['heard'][number];

function checkRegister({ method, path, headers, body }: Heard): void {
  assert.equal(`${method} ${path}`, 'POST /ws/pos.1cws');
  assert.equal(headers['content-type'], 'text/xml; charset=utf-8');
  assert.equal(headers['soapaction'], '"http://www.stampsoft.ru/pos#pos:Register"');
  const basic = Buffer.from(`pos:${PASSWORD}`, 'utf8').toString('base64');
  assert.equal(headers.authorization, `Basic ${basic}`);
  const prefixless = body.replaceAll(/<(\/?)\w+:/g, '<$1');
  const inner = /<Register [^>]*>(.*)<\/Register>/s.exec(prefixless)?.[1] ?? body;
  const time = Number(/<time>(\d+)<\/time>/.exec(inner)?.[1]);
  assert.ok(Math.abs(Date.now() / 1_000 - time) < 60, `${time} is not now`);
  assert.equal(inner.replace(/<time>\d+<\/time>/, '<time>T</time>'), REGISTERED);
}

function checkWebhook({ path, headers, body }: Heard): void {
  assert.equal(path, '/hook');
  const given = String(headers['tillgate-signature']);
  const seconds = /^t=(\d+),v1=[0-9a-f]{64}$/.exec(given)?.[1] ?? '';
  const mac = createHmac('sha256', SIGNING).update(`${seconds}.${body}`, 'utf8').digest('hex');
  assert.equal(given, `t=${seconds},v1=${mac}`);
  const { type, operation } = JSON.parse(body) as { type: string; operation: { id: string } };
  assert.deepEqual([type, operation.id], ['operation.approved', ID]);
}
