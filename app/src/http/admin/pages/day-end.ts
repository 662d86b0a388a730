// Day's end: X and Z by button, their history, and the terminal's report beside the ledger's sums.
import type { TerminalId } from '../../../domain/ids.ts';
import { type Currency, formatDecimal, type MinorUnits } from '../../../domain/money.ts';
import type { TerminalView } from '../../../operations/gateway.ts';
import type { OperationBody } from '../../../operations/request-schema.ts';
import { turnoverOf } from '../day-sums.ts';
import type { Faults } from '../form.ts';
import { type PageRoute, type Reply, see, type Services, type Visit } from '../parts.ts';
import { handSchedule, scheduleModel } from './day-end-schedule.ts';
import { newPageId, pageId } from './page-id.ts';
import { refusalText } from './refusals.ts';
import { merchantName, terminalNames } from './terminal-names.ts';
import { badgeOfLink, rowOf } from './words.ts';

const PATH = '/admin/day-end';
const REPORTS = ['totals', 'settlement', 'settlement-copy'] as const;
const SHOWN = 20;
/** Sums are read since the last settlement, but not further back than this. */
const LOOK_BACK_MS = 31 * 86_400_000;

export function dayEndRoutes(services: Services): PageRoute[] {
  return [
    {
      method: 'GET',
      path: PATH,
      right: 'look',
      section: 'dayEnd',
      handle: (visit) => page(services, visit, {}),
    },
    {
      method: 'POST',
      path: PATH,
      right: 'configure',
      section: 'dayEnd',
      handle: async (visit) => {
        const faults = await handSchedule(services, visit);
        return faults === null ? see(PATH, 'saved') : page(services, visit, faults);
      },
    },
    {
      method: 'POST',
      path: `${PATH}/:id`,
      right: 'act',
      section: 'dayEnd',
      handle: (visit) => handRun(services, visit),
    },
  ];
}

async function page(services: Services, visit: Visit, faults: Faults): Promise<Reply> {
  const { gateway, random } = services;
  const views = gateway.terminals(visit.who);
  const nameOf = terminalNames(views);
  const history = REPORTS.flatMap(
    (kind) => gateway.list(visit.who, { kind, limit: SHOWN }).operations,
  )
    .sort((a, b) => b.createdAt - a.createdAt)
    .slice(0, SHOWN);
  const model = {
    terminals: await Promise.all(
      views.map(async (view) => ({
        id: view.settings.id,
        path: `${PATH}/${view.settings.id}`,
        name: view.settings.name || view.settings.id,
        badge: badgeOfLink(view.link, visit.language),
        can: Object.fromEntries(
          REPORTS.map((kind) => [kind.replace('-', ''), view.capabilities.kinds.includes(kind)]),
        ),
        ids: REPORTS.map(() => newPageId(random)),
        merchants: merchantChoices(view, visit),
        ...(await comparison(services, visit, view)),
      })),
    ),
    schedule: await scheduleModel(services, visit, views),
    history: history.map((operation) => rowOf(operation, visit, nameOf)),
    faults,
  };
  const status = Object.keys(faults).length > 0 ? 422 : 200;
  return { kind: 'page', template: 'day-end.njk', model, status };
}

function merchantChoices(view: TerminalView, { t }: Visit) {
  const named = view.settings.merchants.map(({ index }) => index);
  const told = Object.keys(view.identity?.merchants ?? {}).map(Number);
  const indexes = [...new Set([...named, ...told])].filter((index) => index > 0);
  return [
    { value: '0', text: t.allMerchants },
    ...indexes
      .sort((a, b) => a - b)
      .map((index) => ({ value: String(index), text: merchantName(view, index) ?? String(index) })),
  ];
}

/** The ledger's lines since the last settlement, each looked for in the terminal's last X report. */
async function comparison({ gateway, days, clock }: Services, visit: Visit, view: TerminalView) {
  const { f, t } = visit;
  const terminal = view.settings.id as TerminalId; // the settings' schema is the brand
  const approved = { terminal, state: 'approved', limit: 1 } as const;
  const [lastZ] = gateway.list(visit.who, { ...approved, kind: 'settlement' }).operations;
  const [lastX] = gateway.list(visit.who, { ...approved, kind: 'totals' }).operations;
  const now = clock.now();
  const from = Math.max(lastZ?.createdAt ?? 0, now - LOOK_BACK_MS);
  const fresh = lastX !== undefined && lastX.createdAt >= from ? lastX : null;
  const to = fresh?.createdAt ?? now + 1;
  const all = await days.between(from, to, visit.zone);
  const rows = all.filter((row) => row.terminal === terminal);
  const sums = turnoverOf(rows);
  const { currency } = view.settings;
  const text = fresh?.result?.receipt?.merchant ?? null;
  return {
    lastZ: lastZ === undefined ? t.neverZ : f.when(lastZ.createdAt),
    lastX: fresh === null ? null : { when: f.when(fresh.createdAt), text },
    lines: [
      lineOf(t.sales, sums.sales, currency, text, visit),
      lineOf(t.returns, sums.returns, currency, text, visit),
    ],
    net: f.money(sums.net, currency),
  };
}

function lineOf(
  name: string,
  sum: { readonly count: number; readonly amount: number },
  currency: Currency,
  report: string | null,
  { f, t }: Visit,
) {
  const ours = `${f.number(sum.count)} · ${f.money(sum.amount, currency)}`;
  if (report === null)
    return { name, ours, verdict: { word: t.notCompared, icon: 'off', look: 'off' } };
  return { name, ours, verdict: verdictOf(sum, currency, report, t) };
}

/** The report is a text for paper; a sum that is printed in it stands there with its digits. */
function verdictOf(
  sum: { readonly count: number; readonly amount: number },
  currency: Currency,
  report: string,
  t: Visit['t'],
) {
  const digits = formatDecimal(sum.amount as MinorUnits, currency); // a sum of sums
  const plain = report.replaceAll(/(?<=\d)[\s\u00A0'](?=\d{3}\b)/g, '').replaceAll(',', '.');
  const printed = new RegExp(`(?<![\\d.])${digits.replace('.', String.raw`\.`)}(?!\\d)`).test(
    plain,
  );
  if (sum.count === 0) return { word: t.notCompared, icon: 'off', look: 'off' };
  return printed
    ? { word: t.inReport, icon: 'good', look: 'good' }
    : { word: t.notInReport, icon: 'alarm', look: 'alarm' };
}

async function handRun(services: Services, visit: Visit): Promise<Reply> {
  const { form, t } = visit;
  const terminal = visit.params['id'] ?? '';
  const kind = REPORTS.find((one) => one === form.text('kind'));
  const id = pageId(form.text('id'));
  const merchant = form.whole('merchant', 0, 99);
  if (kind === undefined || id === null || merchant === null) {
    return { kind: 'refused', status: 400, why: 'badForm' };
  }
  const body: OperationBody = { kind, terminal, merchant };
  const started = await services.gateway.start(visit.who, id, body);
  if (started.kind === 'refused') {
    return page(services, visit, { all: refusalText(started.refusal, visit) || t.notValid });
  }
  if (!started.repeated) visit.audit(kind, `terminal ${terminal}`, null, { id, merchant });
  return see(`/admin/operations/${started.operation.id}`, 'started');
}
