#!/usr/bin/env python3
"""A PrivatBank JSON terminal written from the protocol's description alone, in another language.

It shares nothing with the gateway or its simulator: other JSON (spaces, key order), other texts,
a clock that is some minutes wrong, old spelling of errorDescription, `step` missing in answers.
A purchase whose sum ends in 99 kopecks is approved and journalled, and then the link is cut.
Prints the port on the first line; each line on its input prints the journal.
"""
import json
import socket
import sys
import threading
import time

TID = "PYTID001"
journal = []
status = {"code": "0"}
lock = threading.Lock()


def reply(method, params, error=False, text=""):
    message = {
        "errorDescritption": text,
        "error": error,
        "params": params,
        "method": method,
    }
    return json.dumps(message, ensure_ascii=False).encode("utf-8") + b"\0"


def service(kind, **fields):
    return reply("ServiceMessage", dict(fields, msgType=" " + kind))


def now():
    # Four minutes fast, as terminals' clocks are.
    return time.localtime(time.time() + 240)


def record(kind, amount, voids=None):
    number = len(journal) + 101
    entry = {
        "txnType": kind,
        "amount": amount,
        "invoiceNumber": "%06d" % number,
        "rrn": "5%011d" % number,
        "approvalCode": "%06d" % (number * 7),
        "date": time.strftime("%d.%m.%Y", now()),
        "time": time.strftime("%H:%M:%S", now()),
        "pan": "4731XXXXXXXX9838",
        "issuerName": "VISA",
        "paymentSystem": "VISA",
        "bankAcquirer": "PrivatBank",
        "merchant": TID,
        "terminalId": TID,
        "responseCode": "0000",
        "signVerif": "0",
        "trnStatus": "1",
        "discount": "0.00",
        "receipt": "SLIP %06d\nTOTAL %s UAH\nAPPROVED" % (number, amount),
    }
    if voids is not None:
        entry["voids"] = voids
    journal.append(entry)
    return entry


def purchase(send, close, params):
    for key in ("amount", "discount", "merchantId", "facepay"):
        if key not in params:
            send(reply("Purchase", {"responseCode": "1000"}, True, "Введіть " + key))
            return
    for code in ("9", "1", "6", "3", "10"):
        status["code"] = code
        time.sleep(0.15)
    with lock:
        entry = record("1", params["amount"].replace(",", "."))
    status["code"] = "0"
    if entry["amount"].endswith("99"):
        close()
    else:
        send(reply("Purchase", entry))


def receipt_info(number):
    with lock:
        if not journal:
            return reply("GetReceiptInfo", {"responseCode": "1000"}, True, "no receipts")
        if number in ("", "0"):
            return reply("GetReceiptInfo", journal[-1])
        for entry in journal:
            if int(entry["invoiceNumber"]) == int(number):
                return reply("GetReceiptInfo", entry)
    return reply("GetReceiptInfo", {"responseCode": "1000"}, True, "not found")


def ordinary(method, params, send, close):
    if method == "PingDevice":
        send(reply(method, {"code": "00", "responseCode": "0000"}))
    elif method == "Purchase":
        purchase(send, close, params)
    elif method == "Refund":
        with lock:
            entry = record("2", params["amount"])
        send(reply(method, entry))
    elif method == "Withdrawal":
        with lock:
            match = [e for e in journal if int(e["invoiceNumber"]) == int(params["invoiceNumber"])]
            entry = record("3", match[0]["amount"], match[0]["invoiceNumber"]) if match else None
        if entry is None:
            send(reply(method, {"responseCode": "1000"}, True, "no such receipt"))
        else:
            send(reply(method, entry))
    elif method == "GetReceiptInfo":
        send(receipt_info(params.get("invoiceNumber", "")))
    elif method == "Verify":
        with lock:
            empty = not journal
            journal.clear()
        if empty:
            send(reply(method, {"receipt": "", "responseCode": "0001"}, True, "log file is empty!"))
        else:
            send(reply(method, {"receipt": "Z REPORT", "responseCode": "0000"}))
    elif method == "GetTerminalInfo":
        send(reply(method, {"version": "PY1 TESTKKM0" + TID}))
    else:
        send(service("methodNotImplemented"))


def service_message(params, send):
    kind = params.get("msgType", "").strip()
    if kind == "identify":
        send(service(kind, result="true", vendor="Python", model="emulator"))
    elif kind == "getLastStatMsgCode":
        send(service(kind, LastStatMsgCode=status["code"]))
    elif kind == "getLastStatMsgDescription":
        send(service(kind, LastStatMsgDescription="status " + status["code"]))
    elif kind == "getLastResult":
        send(service(kind, LastResult="0" if status["code"] == "0" else "2"))
    elif kind == "getMaskList":
        send(service(kind, **{"1": TID}))
    elif kind == "getMerchantList":
        send(service(kind, **{"1": "Shop"}))
    elif kind == "interrupt":
        send(service("interruptTransmitted"))
    else:
        send(service("methodNotImplemented"))


def serve(client):
    busy = threading.Event()
    sending = threading.Lock()

    def send(data):
        with sending:
            try:
                # In two pieces, as a slow link delivers it.
                client.sendall(data[:7])
                time.sleep(0.002)
                client.sendall(data[7:])
            except OSError:
                pass

    def close():
        try:
            client.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def work(method, params):
        try:
            ordinary(method, params, send, close)
        finally:
            busy.clear()

    pending = b""
    while True:
        try:
            chunk = client.recv(4096)
        except OSError:
            break
        if not chunk:
            break
        pending += chunk
        while b"\0" in pending:
            frame, pending = pending.split(b"\0", 1)
            if not frame.strip():
                continue
            message = json.loads(frame.decode("utf-8"))
            params = message.get("params", {})
            if message["method"] == "ServiceMessage":
                service_message(params, send)
            elif busy.is_set():
                send(service("deviceBusy"))
            else:
                busy.set()
                threading.Thread(target=work, args=(message["method"], params), daemon=True).start()
    client.close()


def accept(server):
    while True:
        client, _peer = server.accept()
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        serve(client)  # one client at a time; a second one hears nothing until then


def main():
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.bind(("127.0.0.1", 0))
    server.listen(5)
    print(server.getsockname()[1], flush=True)
    threading.Thread(target=accept, args=(server,), daemon=True).start()
    for _line in sys.stdin:
        with lock:
            print(json.dumps(journal, ensure_ascii=False), flush=True)


main()
