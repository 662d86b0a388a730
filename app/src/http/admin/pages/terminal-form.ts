// The form of a terminal: common fields, merchants, loyalty, and the options of its driver as the
// driver's own table names them.
import { TERMINAL_ID_PATTERN } from '../../../domain/ids.ts';
import { TEXT_FIELD_MAX } from '../../../domain/limits.ts';
import { CURRENCIES, type Currency } from '../../../domain/money.ts';
import { type TerminalSettings, terminalSchema } from '../../../operations/settings-schema.ts';
import type { DriverForm, DriverOption } from '../../../ports/driver-forms.ts';
import type { Faults, Form } from '../form.ts';
import type { Reply, Services, Visit } from '../parts.ts';
import { phrase } from '../texts/phrases/index.ts';

/** Empty rows at the end, to add merchants without a script. */
const SPARE_MERCHANTS = 2;
const MERCHANTS_MAX = 100;

export type TerminalRead =
  | { kind: 'settings'; settings: TerminalSettings }
  | { kind: 'faults'; faults: Faults };

export function readTerminal(
  services: Services,
  visit: Visit,
  before: TerminalSettings | null,
): TerminalRead {
  const { form, t } = visit;
  const faults: Record<string, string> = {};
  const id = before?.id ?? form.text('id');
  if (!TERMINAL_ID_PATTERN.test(id)) faults['id'] = t.terminalIdWrong;
  if (form.text('name').length > TEXT_FIELD_MAX.name) faults['name'] = t.tooLong;
  const driver = services.drivers.find(({ name }) => name === form.text('driver'));
  if (driver === undefined) faults['driver'] = t.required;
  const address = form.text('address') || form.text('scanned');
  if (address === '') faults['address'] = t.required;
  const defaultMerchant = form.whole('defaultMerchant', 0, 99);
  if (defaultMerchant === null) faults['defaultMerchant'] = t.notValid;
  const { merchants, faults: merchantFaults } = readMerchants(form, t);
  Object.assign(faults, merchantFaults);
  const loyalty = readLoyalty(form);
  if (loyalty === null) faults['percent'] = t.notValid;
  if (driver === undefined || Object.keys(faults).length > 0) return { kind: 'faults', faults };
  const parsed = terminalSchema.safeParse({
    id,
    name: form.text('name'),
    driver: driver.name,
    address,
    currency: form.text('currency'),
    defaultMerchant,
    merchants,
    disabled: before?.disabled ?? false,
    loyalty: loyalty ?? {},
    // Another driver has other options: those of the old one are not asked for.
    options: form.text('driverShown') === driver.name ? readOptions(form, driver, before) : {},
  });
  if (parsed.success) return { kind: 'settings', settings: parsed.data };
  for (const issue of parsed.error.issues) faults[issue.path.join('.')] = t.notValid;
  return { kind: 'faults', faults };
}

function readMerchants(form: Form, t: Visit['t']) {
  const faults: Record<string, string> = {};
  const [indexes, names, codes] = [
    form.all('merchantIndex'),
    form.all('merchantName'),
    form.all('merchantTax'),
  ];
  const merchants = names.slice(0, MERCHANTS_MAX).flatMap((name, at) => {
    const index = indexes[at] ?? '';
    if (name === '' && index === '') return [];
    if (!/^\d{1,2}$/.test(index) || name === '' || name.length > TEXT_FIELD_MAX.name) {
      faults['merchants'] = t.merchantWrong;
    }
    return [{ index: Number(index), name, taxCode: codes[at] ?? '' }];
  });
  const unique = new Set(merchants.map(({ index }) => index)).size === merchants.length;
  if (!unique) faults['merchants'] = t.merchantTwice;
  return { merchants, faults };
}

function readLoyalty(form: Form): TerminalSettings['loyalty'] | null {
  const answer = (['ask-till', 'keep-sum', 'percent'] as const).find(
    (one) => one === form.text('loyalty'),
  );
  const percent = form.text('percent').replace(',', '.') || '0';
  if (answer === undefined || !/^\d{1,3}(?:\.\d{1,2})?$/.test(percent)) return null;
  const basisPoints = Math.round(Number(percent) * 100);
  return basisPoints > 10_000 ? null : { answer, basisPoints };
}

/** Only what differs from the driver's default is kept, so that better defaults reach old boxes. */
function readOptions(
  form: Form,
  driver: DriverForm,
  before: TerminalSettings | null,
): TerminalSettings['options'] {
  const entries = Object.entries(driver.options).flatMap(([name, option]) => {
    const typed = optionValue(form, `o-${name}`, option);
    const keeps = option.type === 'secret' && typed === '' && !form.checked(`o-${name}-forget`);
    const value = keeps ? (keptOption(before, driver, name) ?? '') : typed;
    return value === option.default ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function keptOption(
  before: TerminalSettings | null,
  driver: DriverForm,
  name: string,
): string | number | boolean | undefined {
  return before?.driver === driver.name ? before.options[name] : undefined;
}

function optionValue(form: Form, field: string, option: DriverOption): string | number | boolean {
  switch (option.type) {
    case 'boolean':
      return form.checked(field);
    case 'integer': {
      const text = form.text(field);
      // What is no number goes on as text: the driver's own check names the fault.
      return /^-?\d{1,12}$/.test(text) ? Number(text) : text;
    }
    case 'text':
    case 'secret':
    case 'choice':
      return form.text(field);
  }
}

export async function terminalForm(
  services: Services,
  visit: Visit,
  settings: TerminalSettings | null,
  faults: Faults,
): Promise<Reply> {
  const { form, t } = visit;
  const typed = form.has('driver');
  const first = visit.query.get('first') === '1' || form.text('first') === '1';
  const driverName = typed
    ? form.text('driver')
    : (settings?.driver ?? services.drivers[0]?.name ?? '');
  const driver = services.drivers.find(({ name }) => name === driverName);
  const value = (name: string, kept: string): string => (typed ? form.text(name) : kept);
  const model = {
    isNew: settings === null,
    first,
    action: settings === null ? '/admin/terminals/new' : `/admin/terminals/${settings.id}/edit`,
    back: settings === null ? '/admin/terminals' : `/admin/terminals/${settings.id}`,
    title: settings === null ? t.addTerminal : t.editTerminal,
    crumb: settings === null ? t.terminals : settings.name || settings.id,
    id: value('id', settings?.id ?? ''),
    name: value('name', settings?.name ?? ''),
    driver: driverName,
    drivers: services.drivers.map(({ name, title }) => ({
      value: name,
      text: phrase(title, visit.language),
    })),
    schemes: (driver?.schemes ?? []).map((scheme) => ADDRESS_EXAMPLES[scheme] ?? `${scheme}://`),
    address: value('address', settings?.address ?? ''),
    found: await services.machine.serialAddresses(),
    currency: value('currency', settings?.currency ?? 'UAH'),
    currencies: Object.keys(CURRENCIES).map((name) => ({ value: name, text: name as Currency })),
    defaultMerchant: value('defaultMerchant', String(settings?.defaultMerchant ?? 0)),
    merchants: merchantRows(form, typed, settings),
    loyalty: value('loyalty', settings?.loyalty.answer ?? 'ask-till'),
    percent: value('percent', String((settings?.loyalty.basisPoints ?? 0) / 100)),
    loyalties: [
      { value: 'ask-till', text: t.loyaltyAskTill },
      { value: 'keep-sum', text: t.loyaltyKeepSum },
      { value: 'percent', text: t.loyaltyPercent },
    ],
    options: driver === undefined ? [] : optionRows(driver, settings, visit, typed, faults),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'terminal-form.njk', model, status };
}

const ADDRESS_EXAMPLES: Readonly<Record<string, string>> = {
  tcp: 'tcp://192.168.1.50:2000',
  serial: 'serial:///dev/terminals/…?baud=115200',
  http: 'http://192.168.1.51:11000',
};

function merchantRows(form: Form, typed: boolean, settings: TerminalSettings | null) {
  const spare = Array.from({ length: SPARE_MERCHANTS }, () => ({
    index: '',
    name: '',
    taxCode: '',
  }));
  if (!typed) {
    const kept = settings?.merchants ?? [];
    return [...kept.map((one) => ({ ...one, index: String(one.index) })), ...spare];
  }
  const [indexes, codes] = [form.all('merchantIndex'), form.all('merchantTax')];
  return form.all('merchantName').map((name, at) => ({
    index: indexes[at] ?? '',
    name,
    taxCode: codes[at] ?? '',
  }));
}

function optionRows(
  driver: DriverForm,
  settings: TerminalSettings | null,
  { form, language, f, t }: Visit,
  typed: boolean,
  faults: Faults,
) {
  const shown = typed && form.text('driverShown') === driver.name;
  return Object.entries(driver.options).map(([name, option]) => {
    const kept = keptOption(settings, driver, name);
    const value = shown ? optionValue(form, `o-${name}`, option) : (kept ?? option.default);
    return {
      name,
      field: `o-${name}`,
      type: option.type,
      description: phrase(option.description, language),
      // A secret is never sent to a browser, nor what stands for it.
      value: option.type === 'secret' ? '' : String(value),
      isSet: option.type === 'secret' && kept !== undefined,
      forget: f.fill(t.secretForget, { name }),
      checked: value === true,
      choices:
        option.type === 'choice'
          ? option.choices.map((one) => ({ value: one, text: phrase(one, language) }))
          : [],
      bounds: option.type === 'integer' ? `${f.number(option.min)}…${f.number(option.max)}` : '',
      fault: faults[`options.${name}`] ?? '',
    };
  });
}
