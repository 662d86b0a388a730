import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from '../../app/src/simulator/privat-json/catalogue.ts';
import { merchantsOf } from '../../app/src/simulator/privat-json/profile.ts';
import { PURCHASE, world } from './core-till.ts';

test('voids once, marks the original, and gives the void a receipt of its own', () => {
  const { terminal, till } = world();
  const client = till();
  client.send('Purchase', PURCHASE);
  const invoiceNumber = client.last().params['invoiceNumber']!;
  client.send('Withdrawal', { invoiceNumber });
  assert.equal(client.last().params['responseCode'], '0000');
  assert.equal(client.last().params['txnType'], '3');
  assert.equal(client.last().params['amount'], '100.00');
  assert.equal(terminal.device.journal.transactions[0]!.status, '4');
  client.send('Withdrawal', { invoiceNumber });
  assert.equal(client.last().params['responseCode'], '1000');
  client.send('GetReceiptInfo', { invoiceNumber: '0' });
  assert.equal(client.last().params['txnType'], '3');
});

test('voids in parts up to the whole sum', () => {
  const { till } = world();
  const client = till();
  client.send('Purchase', PURCHASE);
  const invoiceNumber = client.last().params['invoiceNumber']!;
  const partly = (amount: string) => {
    client.send('WithdrawalPartly', { amount, invoiceNumber });
    return client.last().params['responseCode'];
  };
  assert.equal(partly('60.00'), '0000');
  assert.equal(partly('60.00'), '1000');
  assert.equal(partly('40.00'), '0000');
  assert.equal(partly('0.01'), '1000');
});

test('settles: the journal is empty, invoice numbers go on, a second settlement has 0001', () => {
  const { terminal, till } = world();
  const client = till();
  client.send('Verify', { merchantId: '0' });
  assert.equal(
    client.bytes().toString('utf8'),
    '{"method":"Verify","step":0,"params":{"receipt":"","responseCode":"0001"},"error":true,"errorDescription":"Cannot obtain receipt: log file is empty!"}\0',
  );
  client.send('Purchase', PURCHASE);
  client.send('Verify', { merchantId: '0' });
  const { receipt } = client.last().params;
  assert.match(receipt!, /ОПЛАТА: 1 {2}100\.00/);
  client.send('VerifyCopy', { merchantId: '0' });
  assert.equal(client.last().params['receipt'], receipt);
  client.send('GetReceiptInfo', { invoiceNumber: '' });
  assert.equal(client.last().error, true);
  client.send('Purchase', PURCHASE);
  assert.equal(client.last().params['invoiceNumber'], '000002');
  assert.equal(terminal.device.journal.batch, 2);
});

test('keeps the books of several merchants apart', () => {
  const { till } = world({ profile: { merchants: merchantsOf(7, ['Перший', 'Другий']) } });
  const client = till();
  client.service('getMerchantList');
  assert.equal(client.last().params['2'], 'Другий');
  client.service('getMaskList');
  const tid = client.last().params['2'];
  client.send('Purchase', { ...PURCHASE, merchantId: '2' });
  assert.equal(client.last().params['terminalId'], tid);
  client.send('Verify', { merchantId: '1' });
  assert.equal(client.last().params['responseCode'], '0001');
  client.send('Purchase', { ...PURCHASE, merchantId: '77' });
  assert.equal(client.last().params['responseCode'], '1000');
});

test('holds and completes, never above what was held', () => {
  const client = world().till();
  client.send('Preauthorization', { amount: '50.00', merchantId: '0' });
  const { approvalCode } = client.last().params;
  const complete = (addamount: string) => {
    client.send('SaleCompletion', { amount: '50.00', addamount, approvalCode: approvalCode! });
    return client.last().params;
  };
  assert.equal(complete('50.01')['responseCode'], '1000');
  assert.equal(complete('45.00')['amount'], '45.00');
});

test('adds the cash to the goods', () => {
  const client = world().till();
  client.send('Cashback', { amount: '10.00', amountCash: '5.00', merchantId: '0' });
  const { params } = client.last();
  assert.equal(params['amount'], '15.00');
  assert.equal(params['amountCash'], '5.00');
  assert.equal(params['resultCashback'], 'true');
  assert.ok(!('txnType' in params));
});

const ANY_PARAMS = {
  ...PURCHASE,
  amountCash: '1.00',
  addamount: '100.00',
  approvalCode: '111111',
  rrn: '014721258513',
  amountOfParts: '3',
  agreementNum: '12345678',
  invoiceNumber: '1',
  prnFlag: '0',
  param: '6',
  srvNum: '046',
};

test('answers every method of the specification under its own name', () => {
  for (const method of Object.keys(METHODS)) {
    const client = world().till();
    client.send('Purchase', PURCHASE);
    client.send(method, ANY_PARAMS);
    const { method: name, error } = client.last();
    assert.equal(name, method);
    const empty = method === 'VerifyCopy';
    assert.equal(error, empty, method);
  }
  const generic = world().till();
  const params = { amount: '0.01', param: '6', srvNum: '046', merchantId: '6' };
  generic.send('ServiceGeneric', params);
  assert.equal(generic.last().params['amountOfParts'], '6');
});

test('refuses what it does not know without naming it', () => {
  const client = world({ profile: { receiptInfo: false } }).till();
  for (const method of ['ReadCardBank', 'GetReceiptInfo', 'toString']) {
    client.send(method, { invoiceNumber: '' });
    assert.equal(client.last().params['msgType'], 'methodNotImplemented');
  }
});

test('shows instalments as type 4 in GetReceiptInfo only', () => {
  const client = world().till();
  client.send('ServicePbP', { amount: '0.30', amountOfParts: '6' });
  assert.equal(client.last().params['amountOfParts'], '6');
  client.send('GetReceiptInfo', { invoiceNumber: '' });
  assert.equal(client.last().params['txnType'], '4');
});
