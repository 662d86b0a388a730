// The WSDL of the façade: one text, in which only the address differs. Everything is inline and
// every type has a name, because 1C loads no imports and finds types by their names.
import { escapeXml } from '../../xml/read.ts';
import { CALLS, PAYINFO_FIELDS, POS_NAMESPACE } from './contract.ts';

export function wsdlFor(address: string): string {
  return TEMPLATE.replace('@ADDRESS@', () => escapeXml(address));
}

const names = Object.keys(CALLS);

/** `order` and `orderitem`: the types that both directions share. */
const ORDER_TYPES = `      <xs:complexType name="orderitem">
        <xs:sequence>
          <xs:element name="id" type="xs:string"/>
          <xs:element name="name" type="xs:string"/>
          <xs:element name="count" type="xs:decimal"/>
          <xs:element name="cost" type="xs:int"/>
        </xs:sequence>
      </xs:complexType>
      <xs:complexType name="order">
        <xs:sequence>
          <xs:element name="orderitem" type="tns:orderitem" minOccurs="0" maxOccurs="unbounded"/>
        </xs:sequence>
      </xs:complexType>
`;

/** The XDTO package that the processing server imports. */
export const POS_XSD = `<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:tns="${POS_NAMESPACE}" targetNamespace="${POS_NAMESPACE}"
    elementFormDefault="qualified" attributeFormDefault="unqualified">
${ORDER_TYPES.replace(/^ {4}/gm, '')}</xs:schema>
`;

const TEMPLATE = `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema"
    xmlns:tns="${POS_NAMESPACE}"
    name="pos" targetNamespace="${POS_NAMESPACE}">
  <wsdl:types>
    <xs:schema targetNamespace="${POS_NAMESPACE}"
        elementFormDefault="qualified" attributeFormDefault="unqualified">
${ORDER_TYPES}      <xs:complexType name="payinfo">
        <xs:sequence>
${Object.entries(PAYINFO_FIELDS).map(payinfoField).join('\n')}
        </xs:sequence>
      </xs:complexType>
${Object.entries(CALLS)
  .map(([name, { parameters, result }]) => elements(name, parameters, result))
  .join('\n')}
    </xs:schema>
  </wsdl:types>
${names.map(messages).join('\n')}
  <wsdl:portType name="posPortType">
${names.map(portOperation).join('\n')}
  </wsdl:portType>
  <wsdl:binding name="posSoapBinding" type="tns:posPortType">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${names.map(boundOperation).join('\n')}
  </wsdl:binding>
  <wsdl:service name="pos">
    <wsdl:port name="pos" binding="tns:posSoapBinding">
      <soap:address location="@ADDRESS@"/>
    </wsdl:port>
  </wsdl:service>
</wsdl:definitions>
`;

function payinfoField([name, type]: readonly [string, string]): string {
  const nillable = name === 'status' ? '' : ' nillable="true"';
  return `          <xs:element name="${name}" type="xs:${type}"${nillable}/>`;
}

function elements(name: string, parameters: object, result: string): string {
  const inputs = Object.entries(parameters).map(([parameter, type]) =>
    type === 'order'
      ? // 1C passes Неопределено for no order; others leave it out.
        `<xs:element name="${parameter}" type="tns:order" minOccurs="0" nillable="true"/>`
      : `<xs:element name="${parameter}" type="xs:${type}"/>`,
  );
  const output = `<xs:element name="return" type="${result === 'int' ? 'xs' : 'tns'}:${result}"/>`;
  return [wrapper(name, inputs), wrapper(`${name}Response`, [output])].join('\n');
}

function wrapper(name: string, content: readonly string[]): string {
  return `      <xs:element name="${name}">
        <xs:complexType>
          <xs:sequence>
${content.map((line) => `            ${line}`).join('\n')}
          </xs:sequence>
        </xs:complexType>
      </xs:element>`;
}

function messages(name: string): string {
  return `  <wsdl:message name="${name}Request">
    <wsdl:part name="parameters" element="tns:${name}"/>
  </wsdl:message>
  <wsdl:message name="${name}Response">
    <wsdl:part name="parameters" element="tns:${name}Response"/>
  </wsdl:message>`;
}

function portOperation(name: string): string {
  return `    <wsdl:operation name="${name}">
      <wsdl:input message="tns:${name}Request"/>
      <wsdl:output message="tns:${name}Response"/>
    </wsdl:operation>`;
}

function boundOperation(name: string): string {
  return `    <wsdl:operation name="${name}">
      <soap:operation soapAction="${POS_NAMESPACE}#pos:${name}" style="document"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input>
      <wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation>`;
}
