// What an administrator may see and do of the messages that the appliance sends to others.
import type { OutboxItem } from './outbox.ts';

/** One way to the service `pos` of a processing server. */
export interface ServicePort {
  readonly name: string;
  readonly soap: '1.1' | '1.2';
  readonly address: string;
  readonly soapAction: string;
}

export type WsdlRead =
  | {
      kind: 'service';
      namespace: string;
      /** Of the type of the parameter `order`; null where there is none. */
      orderNamespace: string | null;
      priceElement: 'cost' | 'price' | null;
      ports: readonly ServicePort[];
      /** Parameters of Register in the order of the service. */
      parameters: readonly string[];
      /** What does not fit to the contract; empty when nothing. */
      problems: readonly string[];
    }
  | { kind: 'refused'; detail: string };

/** What to read a WSDL with; the settings' own value where one is not given. */
export type ProbeRequest = {
  readonly [K in 'url' | 'user' | 'password' | 'authority']?: string | undefined;
};

export interface OutboundControl {
  /** Newest first. */
  list(query: {
    readonly topic?: string;
    readonly state?: OutboxItem['state'];
    readonly operation?: OutboxItem['operation'];
    readonly limit: number;
  }): readonly OutboxItem[];
  counts(): readonly { readonly topic: string; readonly state: string; readonly count: number }[];
  /** A parked item is tried again; false where there is none of this id. */
  replay(id: number): Promise<boolean>;
  /** Reads the WSDL of a processing server; sends nothing. */
  probe(asked: ProbeRequest, signal: AbortSignal): Promise<WsdlRead & { readonly url: string }>;
}
