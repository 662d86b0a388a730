// Settings as one document: shop, browsers, SOAP, registrations, webhooks. Secrets go in only.
import { viewSettings } from '../../operations/change-settings.ts';
import {
  type SettingsPatch,
  type SettingsView,
  settingsPatchSchema,
} from '../../operations/settings-patch.ts';
import { secretsSchema, settingsSchema } from '../../operations/settings-schema.ts';
import type { Deed } from '../../ports/audit.ts';
import { refusalReply, type Route, route } from './route.ts';
import { nothing } from './schemas.ts';
import type { Services } from './services.ts';

const common = {
  tag: 'Settings',
  access: 'configure',
  path: '/v1/settings',
  params: nothing,
  query: nothing,
} as const;

const REGISTRATION = {
  enabled: true,
  url: 'https://server.shop.lan/base/ws/pos.1cws',
  user: 'pos',
  terminalIds: { 'till-1': 'Каса 7' },
};
const WEBHOOK = { name: 'crm', url: 'https://crm.shop.example/tillgate' };

/** By the schemas, so that every default is in it. */
const EXAMPLE_SETTINGS = settingsSchema.parse({
  shop: { name: 'Гастроном' },
  soap: { defaultTerminal: 'till-1' },
  registration: REGISTRATION,
  webhooks: [WEBHOOK],
});
const EXAMPLE_SECRETS = secretsSchema.parse({
  registration: { password: 'password' },
  webhooks: { crm: 'sixteen letters.' },
});
const SETTINGS_EXAMPLE = viewSettings({
  settings: { current: () => EXAMPLE_SETTINGS },
  secrets: { current: () => EXAMPLE_SECRETS },
});

export function settingsRoutes(services: Services): Route[] {
  return [
    route({
      ...common,
      method: 'GET',
      name: 'readSettings',
      summary: 'All settings but terminals and keys; of secrets only which are set',
      body: null,
      replies: {
        200: { description: 'The settings', schema: 'Settings', example: SETTINGS_EXAMPLE },
      },
      problems: [],
      handle: () => ({ kind: 'json', status: 200, body: viewSettings(services) }),
    }),
    route({
      ...common,
      method: 'PATCH',
      name: 'changeSettings',
      summary: 'Change settings and secrets; on disk before the answer',
      description:
        'What is left out stays, `null` means the default (or none, where that is a value), a list is replaced as a whole ' +
        '(RFC 7396). Secrets are written and never answered. A change works at once: what waits ' +
        'for a server that is set up anew is sent; `certification` opens and closes its routes.',
      body: {
        schema: settingsPatchSchema,
        name: 'SettingsPatch',
        example: {
          soap: { defaultTerminal: 'till-1' },
          registration: REGISTRATION,
          webhooks: [WEBHOOK],
          secrets: { registration: { password: '…' }, webhooks: { crm: '16 characters or more' } },
        },
      },
      replies: {
        200: { description: 'The settings', schema: 'Settings', example: SETTINGS_EXAMPLE },
      },
      problems: [],
      handle: async ({ who, body }) => {
        const changed = await services.changeSettings(who, body);
        if (changed.kind === 'refused') return refusalReply(changed.refusal);
        const { settings, before } = changed;
        return { kind: 'json', status: 200, body: settings, deed: deedOf(body, before, settings) };
      },
    }),
  ];
}

/** Of the sections that were asked for; of secrets which are set, and which were set anew. */
function deedOf(patch: SettingsPatch, before: SettingsView, after: SettingsView): Deed {
  const asked = (view: SettingsView): Record<string, unknown> =>
    Object.fromEntries(Object.entries(view).filter(([name]) => Object.hasOwn(patch, name)));
  const secretsSet = patch.secrets === undefined ? {} : { secretsSet: pathsOf(patch.secrets) };
  return {
    act: 'settings-change',
    object: Object.keys(patch).join(' ') || 'nothing',
    before: asked(before),
    after: { ...asked(after), ...secretsSet },
  };
}

/** Names of what is written, never what. */
function pathsOf(secrets: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(secrets).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null
      ? pathsOf({ ...value }).map((path) => `${name}.${path}`)
      : [name],
  );
}
