"""Holds bodies of Register against the schemas of a WSDL, as strictly as XDTO does."""
import sys

from lxml import etree

XS = "{http://www.w3.org/2001/XMLSchema}"
wsdl = etree.parse(sys.argv[1])
schemas = {one.get("targetNamespace"): one for one in wsdl.iter(XS + "schema")}


class Inline(etree.Resolver):
    def resolve(self, url, public, context):
        return self.resolve_string(etree.tostring(schemas[url]), context)


parser = etree.XMLParser()
parser.resolvers.add(Inline())
for one in wsdl.iter(XS + "import"):
    one.set("schemaLocation", one.get("namespace"))
service = next(one for one in schemas.values() if one.find(XS + "element") is not None)
schema = etree.XMLSchema(etree.fromstring(etree.tostring(service), parser))
for path in sys.argv[2:]:
    body = etree.parse(path).getroot()[-1]
    schema.assertValid(etree.ElementTree(body[0]))
print(len(sys.argv) - 2)
