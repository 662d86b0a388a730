// The second lane: ServiceMessage is answered at any time, also while an ordinary method runs.
import { readAmount, writeAmount } from './amounts.ts';
import { mask } from './cards.ts';
import type { Connection, Device, StatusCode } from './device.ts';
import { type Params, type Reply, serviceReply } from './frames.ts';
import { text } from './money-methods.ts';

type Service = (device: Device, params: Params) => Reply | null;

const SERVICES: Readonly<Record<string, Service>> = {
  identify: ({ profile }) =>
    serviceReply('identify', { result: 'true', vendor: profile.vendor, model: profile.model }),
  interrupt: (device) => {
    interrupt(device);
    return serviceReply('interruptTransmitted');
  },
  getMerchantList: (device) => {
    const names = device.merchants().map((one) => [one.index, one.name]);
    return serviceReply('getMerchantList', Object.fromEntries(names));
  },
  getMaskList: (device) => {
    const tids = device.merchants().map((one) => [one.index, one.tid]);
    return serviceReply('getMaskList', Object.fromEntries(tids));
  },
  getLastResult: (device) =>
    serviceReply('getLastResult', { LastResult: device.running === null ? '0' : '2' }),
  getLastStatMsgCode: ({ status }) =>
    serviceReply('getLastStatMsgCode', { LastStatMsgCode: status }),
  getLastStatMsgDescription: ({ status }) => {
    const LastStatMsgDescription = STATUS_TEXTS[status];
    return serviceReply('getLastStatMsgDescription', { LastStatMsgDescription });
  },
  getDiscountName: discountName,
  correctTransaction,
  debug: () => null,
};

/** Status texts of the specification's table 1.3. */
const STATUS_TEXTS: Readonly<Record<StatusCode, string>> = {
  '0': 'Not available',
  '1': 'Card was read',
  '3': 'Authorization in progress',
  '6': 'PIN is needed',
  '9': 'Waiting for card',
  '10': 'Operation in progress',
  '11': 'Correct transaction',
};

export function answerService(device: Device, connection: Connection, params: Params): void {
  const msgType = text(params, 'msgType').trim();
  // The till need not answer a refusal, and answers of ours are not questions.
  if (msgType === 'deviceBusy' || msgType === 'methodNotImplemented') return;
  const service = Object.hasOwn(SERVICES, msgType) ? SERVICES[msgType] : undefined;
  if (service === undefined) {
    device.remark(`unknown msgType ${JSON.stringify(msgType.slice(0, 40))}`);
    device.send(connection, serviceReply('methodNotImplemented'));
    return;
  }
  const reply = service(device, params);
  if (reply !== null) device.send(connection, reply);
}

/** An interrupt is handed to whatever runs; its acknowledgement says nothing about the outcome. */
function interrupt(device: Device): void {
  const taken = device.faults.take('interrupt');
  if (taken.has('approval-wins')) return;
  const exchange = device.running;
  if (exchange === null) return;
  exchange.interrupted = true;
  // The acknowledgement goes first: the reply of the exchange follows in a turn of its own.
  const { wake } = exchange;
  if (wake !== null) device.clock.after(0, () => exchange.wake?.({ kind: 'cancel' }));
}

function discountName(device: Device): Reply {
  const exchange = device.running;
  const card = exchange?.stage === 'adjust' ? exchange.card : null;
  return serviceReply('getDiscountName', {
    discountName: card === null ? 'NO_D_GROUP' : (card.loyalty ?? 'NO_D_GROUP'),
    pan: card === null ? 'PAN_UNDEF' : mask(card.pan, device.profile.maskStyle),
    posEntryMode: card === null ? 'MODE_UNDEF' : card.entry,
  });
}

/** A corrected sum is taken while the terminal waits for one; otherwise the sale goes on as it was. */
function correctTransaction(device: Device, params: Params): Reply {
  const amount = readAmount(text(params, 'amount'));
  const discount = readAmount(text(params, 'discount') || '0.00');
  const exchange = device.running;
  const { wake } = exchange ?? { wake: null };
  if (exchange?.stage !== 'adjust' || wake === null || !amount || discount === null) {
    return {
      ...serviceReply('correctionTransmitted'),
      error: true,
      description: 'Корекція неможлива',
    };
  }
  device.clock.after(0, () => exchange.wake?.({ kind: 'corrected', amount, discount }));
  const { amountSeparator } = device.profile;
  return serviceReply('correctionTransmitted', {
    amount: writeAmount(amount, amountSeparator),
    discount: writeAmount(discount, amountSeparator),
  });
}
