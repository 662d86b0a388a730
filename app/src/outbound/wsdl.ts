// Reads the WSDL of a processing server: where its service is and how it wants to be called.
import type { ServicePort, WsdlRead } from '../ports/outbound.ts';
import type { SoapVersion } from '../xml/envelope.ts';
import { attribute, readXml, type XmlElement } from '../xml/read.ts';

const WSDL = 'http://schemas.xmlsoap.org/wsdl/';
const XSD = 'http://www.w3.org/2001/XMLSchema';
const BINDINGS: Readonly<Record<string, SoapVersion>> = {
  'http://schemas.xmlsoap.org/wsdl/soap/': '1.1',
  'http://schemas.xmlsoap.org/wsdl/soap12/': '1.2',
};

/** Parameters of Register as the seed lists them, with their types. */
const PARAMETERS: Readonly<Record<string, string>> = {
  terminal_id: 'string',
  uid: 'string',
  amount: 'int',
  pay_amount: 'int',
  charge_amount: 'int',
  rest_amount: 'int',
  pay_type: 'int',
  order: 'order',
  time: 'int',
};

export async function readWsdl(bytes: Uint8Array, charset: string | null): Promise<WsdlRead> {
  const read = await readXml(bytes, charset);
  if (read.kind === 'refused') return read;
  const { root } = read;
  if (root.name !== 'definitions' || root.namespace !== WSDL) {
    return { kind: 'refused', detail: 'the document is not a WSDL 1.1' };
  }
  const schemas = all(root, 'schema', XSD);
  const wrapper = schemas
    .flatMap((schema) => schema.children)
    .find((element) => element.name === 'element' && attribute(element, 'name') === 'Register');
  const declared = wrapper === undefined ? [] : all(wrapper, 'element', XSD);
  const parameters = declared.map((element) => attribute(element, 'name') ?? '');
  const orderSchema = schemas.find((schema) => typeNamed(schema, 'order') !== null);
  const item = orderSchema === undefined ? null : typeNamed(orderSchema, 'orderitem');
  const names = item === null ? [] : all(item, 'element', XSD).map((one) => attribute(one, 'name'));
  const ports = portsOf(root);
  return {
    kind: 'service',
    namespace: attribute(root, 'targetNamespace') ?? '',
    orderNamespace: orderSchema === undefined ? null : attribute(orderSchema, 'targetNamespace'),
    priceElement: names.includes('cost') ? 'cost' : names.includes('price') ? 'price' : null,
    ports,
    parameters,
    problems: [
      ...(ports.length === 0 ? ['the service has no SOAP port with an operation Register'] : []),
      ...problemsOf(declared),
    ],
  };
}

function problemsOf(declared: readonly XmlElement[]): readonly string[] {
  const found = new Map(
    declared.map((element) => [
      attribute(element, 'name') ?? '',
      (attribute(element, 'type') ?? '').split(':').at(-1) ?? '',
    ]),
  );
  const missing = Object.entries(PARAMETERS).flatMap(([name, type]) => {
    const is = found.get(name);
    if (is === undefined) return [`the parameter ${name} is missing`];
    return is === type ? [] : [`the parameter ${name} is ${is || 'without a type'}, not ${type}`];
  });
  const more = [...found.keys()].filter((name) => !(name in PARAMETERS));
  const names = [...found.keys()].filter((name) => name in PARAMETERS);
  const wanted = Object.keys(PARAMETERS).filter((name) => found.has(name));
  const sorted = names.every((name, index) => name === wanted[index]);
  return [
    ...missing,
    ...more.map((name) => `the parameter ${name} is not known to us`),
    ...(sorted ? [] : [`the parameters are not in the order ${wanted.join(', ')}`]),
  ];
}

function portsOf(root: XmlElement): readonly ServicePort[] {
  const bindings = root.children.filter(({ name }) => name === 'binding');
  return all(root, 'port', WSDL).flatMap((port) => {
    const address = port.children.find(({ name }) => name === 'address');
    const soap = address === undefined ? undefined : BINDINGS[address.namespace];
    const location = address === undefined ? null : attribute(address, 'location');
    const local = (attribute(port, 'binding') ?? '').split(':').at(-1);
    const operation = bindings
      .find((binding) => attribute(binding, 'name') === local)
      ?.children.find((one) => one.name === 'operation' && attribute(one, 'name') === 'Register');
    if (soap === undefined || location === null || operation === undefined) return [];
    const details = operation.children.find(({ name, namespace }) => {
      return name === 'operation' && namespace !== WSDL;
    });
    const soapAction = details === undefined ? '' : (attribute(details, 'soapAction') ?? '');
    return [{ name: attribute(port, 'name') ?? '', soap, address: location, soapAction }];
  });
}

function typeNamed(schema: XmlElement, name: string): XmlElement | null {
  const matches = (one: XmlElement): boolean =>
    one.name === 'complexType' && attribute(one, 'name') === name;
  return schema.children.find(matches) ?? null;
}

/** Elements of this name at any depth, in document order. */
function all(from: XmlElement, name: string, namespace: string): readonly XmlElement[] {
  return from.children.flatMap((element) => [
    ...(element.name === name && element.namespace === namespace ? [element] : []),
    ...all(element, name, namespace),
  ]);
}
