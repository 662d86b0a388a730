"""A till that speaks nexo Retailer 3.1 over HTTP, with the standard library alone.

Written from the description of the protocol and from nothing of the gateway's own code, so that a
wrong reading of the one is not repeated by the other. Runs one whole day of a small shop against
ADDRESS, or one visit of a customer where a currency is given, and prints what it saw as JSON.

    nexo-till.py ADDRESS STYLE [LISTEN_PORT] [CURRENCY]
"""
import base64
import http.client
import http.server
import json
import sys
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from datetime import datetime, timezone

PATH = '/EPASSaleToPOI/3.1'
TYPE = 'application/xml; charset=utf-8'
SALE, POI = 'ECR1', 'A-POIID'
CAPABILITIES = {
    'light': 'PrinterReceipt',
    'default': 'CashierStatus CashierError CashierDisplay POIReplication CustomerAssistance '
    'CashierInput PrinterReceipt',
}


def now():
    return datetime.now(timezone.utc).isoformat(timespec='milliseconds')


def el(name, attributes=None, *children, text=None):
    node = ET.Element(name, attributes or {})
    node.extend(children)
    node.text = text
    return node


class Lost(Exception):
    """No usable answer: the payment may have been made."""


class Till:
    def __init__(self, address, style, currency='SEK'):
        self.host = urllib.parse.urlparse(address).netloc
        self.currency = currency
        self.style = style
        # As the guide suggests: the time of the login, then one more each time.
        self.counter = int(time.strftime('%H%M%S')) % 90000 + 10000

    def service_id(self):
        self.counter += 1
        return str(self.counter)

    def post(self, category, body, service_id=None, patience=60, hang_up_after=None):
        service_id = service_id or self.service_id()
        header = {
            'MessageClass': 'Service',
            'MessageCategory': category,
            'MessageType': 'Request',
            'ServiceID': service_id,
            'SaleID': SALE,
            'POIID': POI,
        }
        if category == 'Login':
            header['ProtocolVersion'] = '3.1'
        message = el('SaleToPOIRequest', None, el('MessageHeader', header), body)
        data = ET.tostring(message, encoding='utf-8', xml_declaration=True)
        connection = http.client.HTTPConnection(self.host, timeout=hang_up_after or patience)
        try:
            connection.request('POST', PATH, data, {'Content-Type': TYPE, 'Accept': '*/*'})
            response = connection.getresponse()
            status, answer = response.status, response.read()
        except OSError as error:
            raise Lost(str(error)) from error
        except http.client.HTTPException as error:
            raise Lost(repr(error)) from error
        finally:
            connection.close()
        if status == 204:
            return None
        if status != 200:
            raise Lost(f'HTTP {status}')
        root = ET.fromstring(answer)
        got = root.find('MessageHeader').attrib
        assert root.tag == 'SaleToPOIResponse' and got['MessageType'] == 'Response', answer
        assert got['MessageCategory'] == category and got['ServiceID'] == service_id, answer
        assert got['SaleID'] == SALE and got['POIID'] == POI, answer
        return root.find(f'{category}Response')

    def login(self):
        body = el(
            'LoginRequest',
            {'OperatorLanguage': 'sv'},
            el('DateTime', text=now()),
            el(
                'SaleSoftware',
                {
                    'ProviderIdentification': 'Demo',
                    'ApplicationName': 'Other till',
                    'SoftwareVersion': '1.0',
                },
            ),
            el(
                'SaleTerminalData',
                {'TerminalEnvironment': 'Attended'},
                el('SaleCapabilities', text=CAPABILITIES[self.style]),
            ),
        )
        for _ in range(20):
            answer = self.post('Login', body, patience=30)
            if verdict(answer) != ('Failure', 'Busy'):
                return answer
            time.sleep(0.2)
        raise AssertionError('busy for ever')

    def logout(self):
        return self.post('Logout', el('LogoutRequest', {'MaintenanceAllowed': 'true'}))

    def payment(self, name, amount, kind='Normal', service_id=None, hang_up_after=None):
        body = el(
            'PaymentRequest',
            None,
            el(
                'SaleData',
                None,
                el('SaleTransactionID', {'TransactionID': name, 'TimeStamp': now()}),
            ),
            el(
                'PaymentTransaction',
                None,
                el('AmountsReq', {'Currency': self.currency, 'RequestedAmount': amount}),
            ),
            el('PaymentData', {'PaymentType': kind}),
        )
        return self.post('Payment', body, service_id, 60, hang_up_after)

    def patient_payment(self, name, amount, kind='Normal'):
        """Right after another one the terminal may be busy: it has not begun then."""
        for _ in range(20):
            answer = self.payment(name, amount, kind)
            if verdict(answer) != ('Failure', 'Busy'):
                return answer
            time.sleep(0.2)
        raise AssertionError('busy for ever')

    def reversal(self, transaction):
        original = el(
            'OriginalPOITransaction',
            {'SaleID': SALE, 'POIID': POI},
            el('POITransactionID', dict(transaction)),
        )
        return self.post('Reversal', el('ReversalRequest', {'ReversalReason': 'MerchantCancel'}, original))

    def reference(self, service_id, category='Payment'):
        return el(
            'MessageReference',
            {
                'MessageCategory': category,
                'ServiceID': service_id,
                'SaleID': SALE,
                'POIID': POI,
            },
        )

    def abort(self, service_id):
        reason = el('AbortReason', text='Abort by Sale System')
        body = el('AbortRequest', None, self.reference(service_id), reason)
        return self.post('Abort', body, patience=10)

    def status(self, service_id=None):
        body = el('TransactionStatusRequest')
        if service_id is not None:
            body.append(self.reference(service_id))
        return self.post('TransactionStatus', body, patience=30)

    def found(self, service_id, name):
        """Asks until the transaction is told; what is older than ours is not ours."""
        for _ in range(100):
            answer = self.status(service_id)
            result, condition = verdict(answer)
            if condition in ('Busy', 'InProgress'):
                time.sleep(0.1)
                continue
            if result != 'Success':
                return condition
            repeated = answer.find('RepeatedMessageResponse')
            payment = repeated.find('PaymentResponse')
            own = payment.find('SaleData/SaleTransactionID').get('TransactionID')
            same = repeated.find('MessageHeader').get('ServiceID') == service_id and own == name
            return verdict(payment)[0] if same else 'older'
        return 'unfinished'


def verdict(answer):
    response = answer.find('Response')
    return response.get('Result'), response.get('ErrorCondition')


def receipts(answer):
    """The two papers: base64 of a JSON document with a root of its own each."""
    papers = {}
    for paper in answer.findall('PaymentReceipt'):
        text = paper.find('OutputContent/OutputText').text
        papers[paper.get('DocumentQualifier')] = json.loads(base64.b64decode(text))
    return papers


class Listener(http.server.BaseHTTPRequestHandler):
    """Where terminals of the default style call."""

    protocol_version = 'HTTP/1.1'
    seen = []
    signature = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        root = ET.fromstring(self.rfile.read(int(self.headers['Content-Length'])))
        header = dict(root.find('MessageHeader').attrib)
        body = [part for part in root if part.tag != 'MessageHeader'][0]
        answer = None
        if body.tag == 'DisplayRequest':
            answer = self.display(body)
        elif body.tag == 'InputRequest':
            answer = self.input(body)
        elif body.tag == 'PrintRequest':
            answer = self.print(body)
        elif body.tag == 'EventNotification':
            self.seen.append(['event', body.get('EventToNotify')])
        self.reply(header, answer)

    def display(self, body):
        results = []
        for output in body.findall('DisplayOutput'):
            for text in output.findall('OutputContent/OutputText'):
                self.seen.append(['display', text.text])
            if output.get('ResponseRequiredFlag', 'true') != 'false':
                results.append(self.output_result(output))
        return el('DisplayResponse', None, *results) if results else None

    def output_result(self, output):
        copied = {name: output.get(name) for name in ('Device', 'InfoQualify')}
        return el('OutputResult', copied, el('Response', {'Result': 'Success'}))

    def input(self, body):
        asked = body.find('InputData')
        assert asked.get('InputCommand') == 'GetConfirmation', ET.tostring(body)
        output = body.find('DisplayOutput')
        self.seen.append(['question', output.find('OutputContent/OutputText').text])
        copied = {name: asked.get(name) for name in ('Device', 'InfoQualify')}
        confirmed = el('ConfirmedFlag', text='true' if Listener.signature else 'false')
        return el(
            'InputResponse',
            None,
            self.output_result(output),
            el(
                'InputResult',
                copied,
                el('Response', {'Result': 'Success'}),
                el('Input', {'InputCommand': 'GetConfirmation'}, confirmed),
            ),
        )

    def print(self, body):
        output = body.find('PrintOutput')
        self.seen.append(['print', output.get('DocumentQualifier')])
        if output.get('ResponseMode') == 'NotRequired':
            return None
        copied = {'DocumentQualifier': output.get('DocumentQualifier')}
        return el('PrintResponse', copied, el('Response', {'Result': 'Success'}))

    def reply(self, header, body):
        if body is None:
            self.send_response(204)
            self.end_headers()
            return
        header['MessageType'] = 'Response'
        message = el('SaleToPOIResponse', None, el('MessageHeader', header), body)
        data = ET.tostring(message, encoding='utf-8')
        self.send_response(200)
        self.send_header('Content-Type', TYPE)
        self.send_header('Content-Length', str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def aborted(till):
    """The abort goes on a connection of its own; the payment's own answer is the verdict."""
    service_id = till.service_id()
    ended = {}
    thread = threading.Thread(
        target=lambda: ended.update(answer=till.payment('order-4', '5', service_id=service_id))
    )
    thread.start()
    time.sleep(0.6)
    taken = till.abort(service_id)
    thread.join(30)
    return taken is None, verdict(ended['answer'])


def hung_up(till):
    """Our line is cut while the customer pays. It is not sent again: it is asked for."""
    service_id = till.service_id()
    try:
        till.payment('order-5', '12.30', service_id=service_id, hang_up_after=0.05)
    except Lost:
        return till.found(service_id, 'order-5')
    return 'the answer was faster than the cut'


def day(till):
    told = {'unknown session': verdict(till.payment('order-0', '1'))}
    told['login'] = verdict(till.login())
    told['not found'] = verdict(till.status('99999'))

    paid = till.patient_payment('order-1', '38.50')
    told['payment'] = verdict(paid)
    told['amount'] = paid.find('PaymentResult/AmountsResp').get('AuthorizedAmount')
    told['named'] = paid.find('SaleData/SaleTransactionID').get('TransactionID')
    papers = receipts(paid)
    told['papers'] = sorted(f'{name} {list(paper)[0]}' for name, paper in papers.items())
    merchant = papers['CashierReceipt']['Merchant']['Mandatory']['Payment']
    told['sum on paper'] = merchant['TotalAmount']

    last = till.status()
    told['status'] = verdict(last)
    repeated = last.find('RepeatedMessageResponse/PaymentResponse')
    told['repeated'] = repeated.find('SaleData/SaleTransactionID').get('TransactionID')

    transaction = paid.find('POIData/POITransactionID').attrib
    told['reversal'] = verdict(till.reversal(transaction))
    told['refund'] = verdict(till.patient_payment('order-2', '9', 'Refund'))
    told['signature'] = verdict(till.patient_payment('order-3', '20'))
    Listener.signature = False
    told['refused signature'] = verdict(till.patient_payment('order-3b', '20'))
    told['abort'] = aborted(till)
    told['hung up'] = hung_up(till)
    told['logout'] = verdict(till.logout())
    told['after logout'] = verdict(till.payment('order-6', '1'))
    return told


def visit(till):
    """A customer pays, gives back what he bought, and another one goes away."""
    told = {'login': verdict(till.login())}
    paid = till.patient_payment('order-1', '38.50')
    told['payment'] = verdict(paid)
    told['amount'] = paid.find('PaymentResult/AmountsResp').get('AuthorizedAmount')
    told['papers'] = sorted(receipts(paid))
    transaction = paid.find('POIData/POITransactionID').attrib
    told['reversal'] = verdict(till.reversal(transaction))
    told['abort'] = aborted(till)
    told['hung up'] = hung_up(till)
    told['logout'] = verdict(till.logout())
    return told


def main(address, style, port='', currency=''):
    server = None
    if port:
        server = http.server.ThreadingHTTPServer(('127.0.0.1', int(port)), Listener)
        threading.Thread(target=server.serve_forever, daemon=True).start()
    told = visit(Till(address, style, currency)) if currency else day(Till(address, style))
    if server is not None:
        server.shutdown()
    print(json.dumps({**told, 'seen': Listener.seen}))


main(*sys.argv[1:])
