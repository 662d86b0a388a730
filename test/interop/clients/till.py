"""Pays as a till through zeep: WSDL, Pay, PayPoll, PayInfo. Prints one JSON object."""
import json
import sys
import time

import requests
import zeep
from requests.auth import AuthBase, HTTPBasicAuth
from zeep.transports import Transport

url, style, user, password, uid, polls = sys.argv[1:7]
NS = "http://www.stampsoft.ru/pos"


class Challenged(AuthBase):
    """Sends nothing until the server asks, as RFC 7235 wants it."""

    def __call__(self, request):
        request.register_hook("response", self.answer)
        return request

    def answer(self, response, **more):
        if response.status_code != 401 or "Authorization" in response.request.headers:
            return response
        if not response.headers["WWW-Authenticate"].startswith("Basic "):
            return response
        response.content
        again = HTTPBasicAuth(user, password)(response.request.copy())
        answer = response.connection.send(again, **more)
        answer.history.append(response)
        return answer


session = requests.Session()
if style == "preemptive":
    session.auth = HTTPBasicAuth(user, password)
elif style == "challenged":
    session.auth = Challenged()
settings = zeep.Settings(strict=True, xml_huge_tree=False)
client = zeep.Client(url + "?wsdl", transport=Transport(session=session, timeout=20), settings=settings)
proxy = client.bind("pos", "pos")
String = client.get_type("{http://www.w3.org/2001/XMLSchema}string")
Int = client.get_type("{http://www.w3.org/2001/XMLSchema}int")
Item = client.get_type("{%s}orderitem" % NS)
Order = client.get_type("{%s}order" % NS)


def wait(name):
    for _ in range(int(polls)):
        status = proxy.PayPoll(String(name))
        if status != 1:
            return status
        time.sleep(0.02)
    return 1


sample = Order(orderitem=[
    Item(id="id0", name="name0", count=1, cost=100),
    Item(id="id1", name="name1", count=2, cost=200),
])
long = Order(orderitem=[
    Item(id="арт-%d" % n, name="Товар «%d» їжак" % n, count="0.5", cost=n) for n in range(1000)
])
result = {"pay": proxy.Pay(String(uid), Int(1000), sample), "poll": wait(uid)}
result["again"] = proxy.Pay(String(uid), Int(1000), sample)
result["nil"] = proxy.Pay(uid + " nil", 5, zeep.xsd.Nil)
result["nilPoll"] = wait(uid + " nil")
result["none"] = proxy.Pay(uid + " none", 5)
result["nonePoll"] = wait(uid + " none")
result["long"] = proxy.Pay(uid + " long", 6, long)
result["longPoll"] = wait(uid + " long")
info = proxy.PayInfo(uid)
result["info"] = {name: info[name] for name in ("status", "rrn", "amount", "message")}
result["missing"] = proxy.PayInfo("nobody")["status"]
result["cash"] = proxy.PayCash(uid + " cash", 700, 1000, 250, 50, sample)
result["wrong"] = proxy.Pay("", 1, sample)
print(json.dumps(result, ensure_ascii=True))
