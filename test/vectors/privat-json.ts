// Literal bytes of PrivatBank ECR JSON 1.0.3.1 (17.01.2025), from the specification's own dumps
// and examples. None was made by our encoder.

const hex = (text: string): Uint8Array =>
  Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

/** SPEC, handshake request: the only frame with a 0x00 in front. */
export const PING_REQUEST = hex(
  '00 7b 22 6d 65 74 68 6f 64 22 3a 22 50 69 6e 67 44 65 76 69 63 65 22 2c 22 73 74 65 70 22 3a 30 7d 00',
);

/** SPEC, its reply: note the misspelt `errorDescritption`. */
export const PING_REPLY = hex(
  `7b 22 6d 65 74 68 6f 64 22 3a 22 50 69 6e 67 44 65 76 69 63 65 22 2c 22 73 74 65 70 22 3a 30 2c
   22 70 61 72 61 6d 73 22 3a 7b 22 63 6f 64 65 22 3a 22 30 30 22 2c 22 72 65 73 70 6f 6e 73 65 43
   6f 64 65 22 3a 22 30 30 30 30 22 7d 2c 22 65 72 72 6f 72 22 3a 66 61 6c 73 65 2c 22 65 72 72 6f
   72 44 65 73 63 72 69 74 70 74 69 6f 6e 22 3a 22 22 7d 00`,
);

/** SPEC, identify request. */
export const IDENTIFY_REQUEST = hex(
  `7b 22 6d 65 74 68 6f 64 22 3a 22 53 65 72 76 69 63 65 4d 65 73 73 61 67 65 22 2c 22 73 74 65 70
   22 3a 30 2c 22 70 61 72 61 6d 73 22 3a 7b 22 6d 73 67 54 79 70 65 22 3a 22 69 64 65 6e 74 69 66
   79 22 7d 7d 00`,
);

/** SPEC examples, word for word. */
export const IDENTIFY_REPLY =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"identify","result":"true","vendor":"PAX","model":"s800"},"error":false,"errorDescription":""}';
export const PURCHASE_REQUEST =
  '{"method":"Purchase","step":0,"params":{"amount":"0.60","discount":"","merchantId":"0","facepay":"false"}}';
export const PURCHASE_REPLY =
  '{"method":"Purchase","step":0,"params":{"amount":"0.60","approvalCode":"999999","captureReference":"","cardExpiryDate":"2020","cardHolderName":"INSTANT/ISSUE","date":"02.10.2019","discount":"0.00","hstFld63Sf89":"","invoiceNumber":"999999","issuerName":"VISA ПРИВАТ","merchant":"TSTTTTTT","pan":"4731XXXXXXXX9838","posConditionCode":"00","posEntryMode":"022","processingCode":"000000","receipt":"text-of-receipt","responseCode":"0000","rrn":"9999999999999","rrnExt":"8888888888888","terminalId":"TSTSALE2","time":"09:11:07","track1":"","signVerif":"0","txnType":"1","trnStatus":"1","adv":"ПриватБанк","adv2p":"Беремо і робимо!","bankAcquirer":"ПриватБанк","paymentSystem":"VISA","subMerchant":""},"error":false,"errorDescription":""}';
export const CANCELLED_REPLY =
  '{"error":true,"errorDescription":"Oперація скасов.","method":"Purchase","params":{"responseCode":"1001"},"step":0}';
export const BUSY =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"deviceBusy"},"error":false,"errorDescription":""}';
export const INTERRUPT_REQUEST =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"interrupt"}}';
export const INTERRUPT_REPLY =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"interruptTransmitted"},"error":false,"errorDescription":""}';
export const STATUS_REPLY =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"getLastStatMsgCode","LastStatMsgCode":"6"},"error":false,"errorDescription":""}';
export const CORRECTION_REQUEST =
  '{"method":"ServiceMessage","step":0,"params":{"msgType":"correctTransaction","amount":"0.02","discount":"0.01"}}';
export const REFUND_REQUEST =
  '{"method":"Refund","step":0,"params":{"amount":"0.30","discount":"","merchantId":"0","rrn":"014721258513"}}';
export const WITHDRAWAL_REQUEST =
  '{"method":"Withdrawal","step":0,"params":{"invoiceNumber":"131220"}}';
export const INSTALMENT_REQUEST =
  '{"method":"ServicePbP","step":0,"params":{"amount":"0.30","amountOfParts":"6"}}';
export const GENERIC_REQUEST =
  '{"method":"ServiceGeneric","step":0,"params":{"amount":"0.01","param":"6","srvNum":"046","merchantId":"6"}}';
export const EMPTY_SETTLEMENT_REPLY =
  '{"method":"Verify","step":0,"params":{"receipt":"","responseCode":"0001"},"error":true,"errorDescription":"Cannot obtain receipt: log file is empty!"}';
/** SPEC, one of its dumps: an unquoted `00` and an object that is never closed. */
export const BROKEN_DUMP = '{"method":"PingDevice","step":0,"params":{"code":00,';
