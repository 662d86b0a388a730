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

/** What a person has to look at after a test. */
export const REGISTRATION_CHECKS = [
  /** It went well: the document of the test lies on the server. */
  'document',
  /** The server's own rules said no. */
  'rules',
  /** The server does not understand the message. */
  'contract',
  /** The server failed over it. */
  'server',
  'credentials',
  /** Nobody listens there. */
  'address',
  /** The name of the server leads nowhere. */
  'name',
  'certificate',
  /** It takes longer than `timeoutMs`. */
  'patience',
  /** Somebody else answers there than the service. */
  'publication',
] as const;
export type RegistrationCheck = (typeof REGISTRATION_CHECKS)[number];

export interface RegistrationTestRequest {
  /** The one that the message names; the first of the settings where it is not given. */
  readonly terminal?: string | undefined;
  /** Only one of these; any where it is null or not given. */
  readonly among?: readonly string[] | null;
}

export type RegistrationTest =
  | { kind: 'not-sent'; why: 'no-address' | 'unknown-terminal' }
  | {
      kind: 'sent';
      uid: string;
      terminal: string;
      url: string;
      /** `no-answer`: nothing that the service itself said; nobody knows whether it has arrived. */
      answer: 'accepted' | 'refused' | 'fault' | 'no-answer';
      /** Of HTTP; null where none came. */
      status: number | null;
      /** The server's, or why there is no answer; '' where there is nothing to say. */
      words: string;
      check: RegistrationCheck;
      tookMs: number;
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
  /**
   * Sends one Register with the sum 0 and a uid of its own to the stored address, also where
   * registration is switched off. Past outbox and ledger: it is sent once, whatever comes of it.
   */
  test(asked: RegistrationTestRequest, signal: AbortSignal): Promise<RegistrationTest>;
}
