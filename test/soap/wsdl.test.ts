import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { BASIC, type SoapServer, startSoapServer } from './soap-server.ts';

let server: SoapServer;
before(async () => {
  server = await startSoapServer({ terminals: ['till-1'] });
});
after(() => server.close());

async function get(path: string, headers: Record<string, string> = {}) {
  const response = await fetch(new URL(path, server.url), {
    headers: { Authorization: BASIC, ...headers },
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    text: await response.text(),
  };
}

test('the WSDL is byte for byte the one that old configurations hold', async () => {
  const wsdl = await get('/?wsdl');
  assert.equal(wsdl.status, 200);
  assert.equal(wsdl.type, 'text/xml; charset=utf-8');
  const golden = readFileSync(new URL('./pos.wsdl', import.meta.url), 'utf8');
  assert.equal(wsdl.text.replace(server.url, 'http://terminal:8080/'), golden);
});

test('has the names and types that 1C looks for', async () => {
  const { text } = await get('/?WSDL');
  for (const part of [
    'targetNamespace="http://www.stampsoft.ru/pos"',
    '<wsdl:service name="pos">',
    '<wsdl:port name="pos" ',
    '<xs:complexType name="order">',
    '<xs:complexType name="orderitem">',
    'elementFormDefault="qualified"',
    '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>',
    '<wsdl:part name="parameters" element="tns:Pay"/>',
  ]) {
    assert.ok(text.includes(part), part);
  }
  assert.doesNotMatch(text, /<xs:(import|include|any|choice)/);
});

test('names the address that the caller used', async () => {
  const address = async (path: string, host?: string) => {
    const text = await new Promise<string>((resolve, reject) => {
      const headers = { Authorization: BASIC, ...(host === undefined ? {} : { Host: host }) };
      request(new URL(path, server.url), { headers }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
        response.on('end', () => resolve(body));
      })
        .on('error', reject)
        .end();
    });
    return /location="([^"]*)"/.exec(text)?.[1];
  };
  assert.equal(await address('/?wsdl', 'pos-1.shop.lan:8080'), 'http://pos-1.shop.lan:8080/');
  assert.equal(await address('/soap/till-1?wsdl', '[::1]:80'), 'http://[::1]:80/soap/till-1');
  assert.equal(await address('/?wsdl', 'a"><evil/>'), server.url);
  await server.settings.change((draft) => {
    draft.soap.publicAddress = 'https://shop.example/pay/';
  });
  assert.equal(await address('/?wsdl', 'x'), 'https://shop.example/pay/');
  assert.equal(await address('/soap/till-1?wsdl', 'x'), 'https://shop.example/pay/soap/till-1');
});

test('has none for a terminal that is not there, and answers HEAD', async () => {
  assert.equal((await get('/soap/till-9?wsdl')).status, 404);
  assert.equal((await get('/soap/TILL?wsdl')).status, 404);
  assert.equal((await get('/')).status, 404);
  const head = await fetch(`${server.url}?wsdl`, {
    method: 'HEAD',
    headers: { Authorization: BASIC },
  });
  assert.equal(head.status, 200);
  assert.ok(Number(head.headers.get('content-length')) > 5_000);
});

test('gives the XDTO package of the order, which the processing server imports', async () => {
  const { status, type, text } = await get('/pos.xsd');
  assert.equal(status, 200);
  assert.equal(type, 'text/xml; charset=utf-8');
  const folder = mkdtempSync(join(tmpdir(), 'tillgate-xsd-'));
  writeFileSync(join(folder, 'pos.xsd'), text);
  const script = `
import sys
from lxml import etree
schema = etree.parse(sys.argv[1]).getroot()
etree.SubElement(schema, '{http://www.w3.org/2001/XMLSchema}element', name='o', type='tns:order')
item = '<orderitem><id>1</id><name>n</name><count>0.5</count><cost>1</cost></orderitem>'
order = etree.fromstring('<o xmlns="http://www.stampsoft.ru/pos">' + item * 2 + '</o>')
etree.XMLSchema(schema).assertValid(order)`;
  execFileSync('/usr/bin/python3', ['-c', script, join(folder, 'pos.xsd')], { timeout: 20_000 });
  rmSync(folder, { recursive: true });
});
