/*
 * TEST DOUBLE of the bank's library: the symbols of BPOSLib.h with a terminal of our own behind them.
 * It moves no money and speaks to no terminal. The terminal lives on disk, so that it survives the
 * process: whoever kills the library in the middle of a sale finds out later what came of it.
 *
 *   BPOS_DOUBLE   folder with `script` (read when an operation begins), `once` (one line for each
 *                 of the next operations), `cancel` (the red button), `dark` (no power), `journal`
 *
 * script: one word a line, some with a number: step-ms N, confirm-timeout-ms N, and the faults below.
 * Compiled with -fexec-charset=CP1251, as the real library's texts are. With -DCALL_LOG and
 * -finstrument-functions it writes the name of each function that is called into `calls`; with
 * -DDEMONSTRATION it says on every paper and in every name that it is a stand-in.
 */
#define _GNU_SOURCE
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef CALL_LOG
#include <dlfcn.h>
#endif

#define API(type, name) type BPOSLib_##name
#define JOURNAL_MAX 4096

enum { OK = 0, FAIL = 1, NOT_OPENED = 5, NOT_INITED = 6, BUSY = 7, NO_DATA = 8, CHECK_TIMEOUT = 17 };
enum { SUCCESS = 0, ERROR = 1, IN_PROGRESS = 2 };
enum { PURCHASE = 1, REFUND = 2, VOID = 3, COMPLETION = 4, DEPOSIT = 7, INSTALMENT = 10,
       CASH_ADVANCE = 11, CASHBACK = 14 };

typedef struct {
  int invoice, type, status, amount, add, merchant, batch, confirmed;
  long long at;
  char rrn[16], auth[8];
} entry_t;

/* The terminal, on disk. */
static entry_t journal[JOURNAL_MAX];
static int entries, batch_number = 7, last_invoice = 100;
static entry_t pending;
static int is_pending, pending_declines;
static long long pending_due;

/* The library, in memory. */
static int inited, is_open, last_result, error_code, response_code, status_code, corrected;
static long long work_since, work_ms, heard_at;
static int was_dropped;
static int working_money, waits_for_sum, shows_journal;
static entry_t shown;
static int txn_count, term_status = 12, sign_needed, receipt_of;
static char receipt[40000], text_of_error[128], extra_print[1100], scenario_data[512];
static int totals[6];

static char script[2048];
/* Terminals wait a minute; whoever wants to see one take its money back says so. */
static int step_ms = 10, confirm_timeout_ms = 5000;

#ifdef DEMONSTRATION
#define PAPER_HEAD "МАКЕТ БІБЛІОТЕКИ БАНКУ\nГРОШІ НЕ РУХАЮТЬСЯ\nSTAND-IN, NO MONEY MOVES"
#define VERSION "STAND-IN 1.4.19, not the bank's library"
#define PROGRAM "STAND-IN"
#define ISSUER "МАКЕТ"
#else
#define PAPER_HEAD "TEST DOUBLE"
#define VERSION "TEST DOUBLE 1.4.19"
#define PROGRAM "TE7E118"
#define ISSUER "ПриватБанк"
#endif

static long long now_ms(void) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static FILE *file(const char *name, const char *mode) {
  char path[512];
  const char *folder = getenv("BPOS_DOUBLE");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nonexistent", name);
  return fopen(path, mode);
}

/* The number behind a word of the script, 1 where it has none, 0 where it is not there. */
static int told(const char *word) {
  char *at = script;
  size_t length = strlen(word);
  while ((at = strstr(at, word)) != NULL) {
    char end = at[length];
    if ((at == script || at[-1] == '\n') && (end == '\n' || end == ' ' || end == '\0'))
      return end == ' ' ? atoi(at + length + 1) : 1;
    at += length;
  }
  return 0;
}

static void read_script(void) {
  FILE *f = file("script", "r");
  size_t length = 0;
  if (f) {
    length = fread(script, 1, sizeof script - 1, f);
    fclose(f);
  }
  script[length] = '\0';
  step_ms = told("step-ms") ? told("step-ms") : 10;
  confirm_timeout_ms = told("confirm-timeout-ms") ? told("confirm-timeout-ms") : 5000;
}

#ifdef CALL_LOG
#define UNSEEN __attribute__((no_instrument_function))
UNSEEN void __cyg_profile_func_enter(void *function, void *caller);
UNSEEN void __cyg_profile_func_exit(void *function, void *caller);
UNSEEN void __cyg_profile_func_enter(void *function, void *caller) {
  char path[512];
  const char *folder = getenv("BPOS_DOUBLE");
  Dl_info info;
  FILE *f;
  (void)caller;
  if (!dladdr(function, &info) || !info.dli_sname || strncmp(info.dli_sname, "BPOSLib_", 8)) return;
  snprintf(path, sizeof path, "%s/calls", folder ? folder : "/nonexistent");
  f = fopen(path, "a");
  if (f) fprintf(f, "%s\n", info.dli_sname + 8), fclose(f);
}
UNSEEN void __cyg_profile_func_exit(void *function, void *caller) { (void)function, (void)caller; }
#endif

/* What only the next operation is told: the first line of `once`. */
static void read_once(void) {
  char all[2048], *rest;
  size_t length;
  FILE *f = file("once", "r");
  if (!f) return;
  length = fread(all, 1, sizeof all - 1, f);
  fclose(f);
  all[length] = '\0';
  if (!(rest = strchr(all, '\n'))) return;
  *rest++ = '\0';
  if ((f = file("once", "w"))) fputs(rest, f), fclose(f);
  if (strlen(script) + strlen(all) + 3 > sizeof script) return;
  strcat(strcat(strcat(script, "\n"), all), "\n");
}

static int is_there(const char *name) {
  char path[512];
  const char *folder = getenv("BPOS_DOUBLE");
  snprintf(path, sizeof path, "%s/%s", folder ? folder : "/nonexistent", name);
  return access(path, F_OK) == 0;
}

/* Somebody pressed the red button; true once. */
static int is_pressed(void) {
  char path[512];
  const char *folder = getenv("BPOS_DOUBLE");
  snprintf(path, sizeof path, "%s/cancel", folder ? folder : "/nonexistent");
  return unlink(path) == 0;
}

static void write_entry(FILE *f, const entry_t *e) {
  fprintf(f, "%d %d %d %d %d %d %d %d %lld %s %s\n", e->invoice, e->type, e->status, e->amount,
          e->add, e->merchant, e->batch, e->confirmed, e->at, e->rrn[0] ? e->rrn : "-",
          e->auth[0] ? e->auth : "-");
}

static int read_entry(FILE *f, entry_t *e) {
  return fscanf(f, "%d %d %d %d %d %d %d %d %lld %15s %7s", &e->invoice, &e->type, &e->status,
                &e->amount, &e->add, &e->merchant, &e->batch, &e->confirmed, &e->at, e->rrn,
                e->auth) == 11;
}

static void save(void) {
  FILE *f = file("journal.tmp", "w");
  char from[512], to[512];
  if (!f) return;
  fprintf(f, "%d %d %d %d %lld\n", batch_number, last_invoice, is_pending, pending_declines, pending_due);
  write_entry(f, &pending);
  for (int i = 0; i < entries; i++) write_entry(f, &journal[i]);
  fclose(f);
  snprintf(from, sizeof from, "%s/journal.tmp", getenv("BPOS_DOUBLE"));
  snprintf(to, sizeof to, "%s/journal", getenv("BPOS_DOUBLE"));
  rename(from, to);
}

static void load(void) {
  FILE *f = file("journal", "r");
  entries = 0;
  if (!f) return;
  if (fscanf(f, "%d %d %d %d %lld", &batch_number, &last_invoice, &is_pending, &pending_declines,
             &pending_due) == 5 && read_entry(f, &pending))
    while (entries < JOURNAL_MAX && read_entry(f, &journal[entries])) entries++;
  fclose(f);
}

/* Time passes for the terminal: a sale ends, a sale that nobody confirmed is taken back. */
static void tick(void) {
  long long now = now_ms();
  int changed = 0;
  if (is_pending && now >= pending_due) {
    is_pending = 0;
    changed = 1;
    if (!pending_declines && entries < JOURNAL_MAX) {
      pending.invoice = ++last_invoice;
      pending.batch = batch_number;
      pending.status = 1;
      pending.at = pending_due;
      snprintf(pending.rrn, sizeof pending.rrn, "%012d", 700000 + last_invoice);
      snprintf(pending.auth, sizeof pending.auth, "%06d", 611000 + last_invoice % 1000);
      journal[entries++] = pending;
    }
  }
  for (int i = 0; i < entries; i++)
    if (!journal[i].confirmed && journal[i].status == 1 &&
        now >= journal[i].at + confirm_timeout_ms) {
      journal[i].status = 3;
      changed = 1;
    }
  if (changed) save();
}

static entry_t *by_invoice(int invoice) {
  for (int i = entries - 1; i >= 0; i--)
    if (journal[i].invoice == invoice) return &journal[i];
  return NULL;
}

static void fail(int code, int response, const char *text) {
  last_result = ERROR;
  error_code = code;
  response_code = response;
  snprintf(text_of_error, sizeof text_of_error, "%s", text);
}

static int ready(void) {
  if (!inited) return NOT_INITED;
  if (!is_open) return NOT_OPENED;
  tick();
  return OK;
}

/* Work that the terminal does by itself; its end is seen in LastResult. */
static int begin(int ms) {
  int code = ready();
  if (code != OK) return code;
  if (is_pending || last_result == IN_PROGRESS || told("busy")) return BUSY;
  last_result = IN_PROGRESS;
  error_code = response_code = status_code = 0;
  text_of_error[0] = '\0';
  work_since = now_ms();
  work_ms = ms;
  working_money = 0;
  /* The terminal drops a line on which nothing was said, and the library does not notice. */
  if (told("idle-drop-ms") && heard_at && work_since - heard_at > told("idle-drop-ms")) {
    fail(3, 0, "Немає зв'язку з терміналом");
    work_ms = 0;
    was_dropped = 1;
  }
  heard_at = work_since;
  return OK;
}

static int money(int type, int amount, int add, int merchant) {
  int code, response;
  read_script();
  read_once();
  if (told("crash-before-purchase")) abort();
  code = begin(4 * step_ms);
  if (code != OK || was_dropped) return code;
  memset(&pending, 0, sizeof pending);
  pending.type = type;
  pending.amount = amount + (told("wrong-amount") ? 1 : 0);
  pending.add = add;
  pending.merchant = merchant;
  pending.confirmed = type == VOID;
  is_pending = 1;
  response = told("decline") ? told("decline") : told("error");
  pending_declines = response != 0 || told("endless");
  pending_due = told("endless") ? 1LL << 60 : work_since + work_ms;
  waits_for_sum = told("adjust");
  if (waits_for_sum) pending_due = 1LL << 60;
  working_money = 1;
  shows_journal = corrected = 0;
  save();
  if (told("crash-in-purchase")) abort();
  if (told("hang-in-purchase")) for (;;) pause();
  return OK;
}

static void end_money(void) {
  int response = told("decline") ? told("decline") : told("error");
  if (response != 0) {
    fail(4, response, response == 51 ? "Недостатньо коштів" : "Відхилено");
    return;
  }
  if (told("lost-after-approval")) {
    fail(3, 0, "Немає зв'язку з терміналом");
    return;
  }
  last_result = SUCCESS;
  if (told("stale")) return;
  shown = journal[entries - 1];
  sign_needed = told("signature");
  if (told("no-signs")) shown.amount = 0, shown.rrn[0] = shown.auth[0] = '\0';
  if (told("no-auth")) shown.rrn[0] = shown.auth[0] = '\0';
}

/* What the library would have heard by this moment. */
static void listen(void) {
  long long since;
  static const int statuses[] = {9, 1, 6, 3};
  if (last_result != IN_PROGRESS || !is_open) return;
  if (is_there("dark")) {
    fail(3, 0, "Немає зв'язку з терміналом");
    return;
  }
  if (is_pending && is_pressed()) {
    is_pending = 0;
    save();
    fail(4, 1001, "Скасовано");
    return;
  }
  tick();
  since = now_ms() - work_since;
  if (!working_money) {
    if (since >= work_ms) last_result = SUCCESS;
    return;
  }
  if (told("crash-in-wait") && since > step_ms) abort();
  if (told("hang-in-wait") && since > step_ms) for (;;) pause();
  if (waits_for_sum && since > step_ms) {
    status_code = 11;
    return;
  }
  if (is_pending) status_code = statuses[since / step_ms > 3 ? 3 : since / step_ms];
  else end_money();
}

API(int, InitializeBPOS)(void) {
  FILE *f = file("pid", "w");
  if (f) fprintf(f, "%d", getpid()), fclose(f);
  inited = 1;
  return OK;
}
API(int, UninitializeBPOS)(void) { inited = is_open = 0; return OK; }

static int open_line(void) {
  if (!inited) return NOT_INITED;
  read_script();
  if (told("open-refused") || is_there("dark")) return 4;
  is_pressed(); /* long ago */
  if (told("hang-in-open")) for (;;) pause();
  /* Not in the middle of a sale: the time that it takes would be the customer's. */
  if (told("leak")) {
    static char *volatile lost;
    lost = malloc(300u << 20);
    if (lost) memset(lost, 1, 300u << 20);
  }
  load();
  if (pending_due == 1LL << 60) is_pending = 0; /* its screen timed out meanwhile */
  tick();
  is_open = 1;
  heard_at = now_ms();
  was_dropped = 0;
  last_result = SUCCESS;
  error_code = 0;
  return OK;
}
API(int, CommOpen)(const char *device, int baud) { return device[0] == '/' && baud > 0 ? open_line() : FAIL; }
API(int, CommOpenTCP)(const char *ip, const char *port) { return ip[0] && atoi(port) ? open_line() : FAIL; }
API(int, CommClose)(void) { is_open = 0; return OK; }
API(int, Purchase)(int amount, int add, unsigned char merchant) { return money(PURCHASE, amount, add, merchant); }
API(int, Confirm)(void) {
  int code = begin(step_ms);
  if (code != OK) return code;
  if (told("crash-before-confirm")) abort();
  if (told("confirm-refused")) { work_ms = 0; fail(4, 1000, "Загальна помилка"); return OK; }
  if (entries > 0 && journal[entries - 1].status != 1) { work_ms = 0; fail(4, 1000, "Операцію вже скасовано"); return OK; }
  if (entries > 0) journal[entries - 1].confirmed = 1;
  save();
  if (told("crash-after-confirm")) abort();
  if (told("hang-in-confirm")) for (;;) pause();
  if (told("confirm-lost")) fail(3, 0, "Немає зв'язку з терміналом");
  memset(&shown, 0, sizeof shown); /* undefined from here on */
  return OK;
}
API(int, Cancel)(void) {
  int code = ready();
  if (code != OK) return code;
  if (last_result != IN_PROGRESS || told("deaf-to-cancel")) return OK;
  if (is_pending) {
    is_pending = 0;
    save();
    fail(4, 1001, "Скасовано");
  }
  return OK;
}
API(int, CorrectTransaction)(int amount, int add) {
  if (!waits_for_sum || corrected) return FAIL;
  corrected = 1;
  waits_for_sum = 0;
  pending.amount = amount;
  pending.add = add;
  work_since = now_ms();
  pending_due = work_since + 2 * step_ms;
  save();
  return OK;
}
API(int, GetTxnNum)(void) { int code = begin(1); if (code == OK) txn_count = entries; return code; }
static int show(const entry_t *e) {
  int code = begin(1);
  if (code != OK) return code;
  if (!e) { fail(4, 1000, "Немає даних"); return OK; }
  shown = *e;
  shows_journal = 1;
  return OK;
}
API(int, GetTxnDataByOrder)(int order) {
  return show(order >= 1 && order <= entries ? &journal[order - 1] : NULL);
}

API(unsigned char, LastResult)(void) { listen(); return last_result; }
API(unsigned char, LastErrorCode)(void) { return error_code; }
API(unsigned char, LastStatMsgCode)(void) { listen(); return last_result == IN_PROGRESS ? status_code : 0; }
API(int, ResponseCode)(void) { return response_code; }
API(unsigned char, TxnType)(void) { return shown.type; }
API(unsigned char, TrnStatus)(void) { return shown.status; }
API(int, InvoiceNum)(void) { return shown.invoice; }
API(int, TxnNum)(void) { return txn_count; }
API(int, Amount)(void) { return shown.amount; }

#define TEXT(name, value) \
  API(int, name)(char *out) { const char *text = (value); strcpy(out, text); return text[0] ? OK : NO_DATA; }
static const char *terminal_id(void) { return shown.merchant == 2 ? "S1DB0002" : "S1DB0001"; }
TEXT(RRN, shown.rrn[0] == '-' ? "" : shown.rrn)
TEXT(AuthCode, shown.auth[0] == '-' ? "" : shown.auth)
TEXT(TerminalID, terminal_id())

#ifdef WITH_DATE_TIME
static const char *date_time(void) {
  static char text[20];
  time_t seconds = shown.at / 1000;
  struct tm t;
  if (!shown.at) return "";
  gmtime_r(&seconds, &t);
  strftime(text, sizeof text, "%Y%m%d%H%M%S", &t);
  return text;
}
TEXT(DateTime, date_time())
API(int, CompletionInvoiceNum)(void) { return shown.type == COMPLETION ? shown.invoice : 0; }
#endif

#ifndef WITHOUT_OPTIONAL
API(int, CommOpenAuto)(int baud) { return baud > 0 ? open_line() : FAIL; }
API(int, Ping)(void) { return begin(1); }
API(int, CheckTerminal)(void) {
  FILE *f = file("checks", "a");
  if (f) fputs("check\n", f), fclose(f);
  return told("check-fails") ? CHECK_TIMEOUT : OK;
}
API(int, CheckConnection)(unsigned char merchant) { (void)merchant; return begin(2 * step_ms); }
API(int, SetErrorLang)(unsigned char language) { return language <= 2 ? OK : FAIL; }
API(int, useLogging)(unsigned char level, char *path) {
  FILE *f = level ? fopen(path, "a") : NULL;
  if (f) fputs("TEST DOUBLE log\n", f), fclose(f);
  return OK;
}
API(int, UseMac)(unsigned char type, char *key) { return type == 0 && strlen(key) >= 32 ? OK : FAIL; }

API(int, Refund)(int amount, int add, unsigned char merchant, char *rrn) {
  return rrn[0] ? money(REFUND, amount, add, merchant) : FAIL;
}
API(int, Void)(int invoice, unsigned char merchant) {
  entry_t *original;
  int amount;
  tick();
  original = by_invoice(invoice);
  amount = original ? original->amount : 0;
  if (!original || original->status != 1) { int code = begin(1); if (code == OK) fail(4, 1000, "Немає чека"); return code; }
  original->status = 4;
  return money(VOID, amount, 0, merchant);
}
API(int, Completion)(unsigned char merchant, int amount, char *rrn, int invoice) {
  return rrn[0] || invoice ? money(COMPLETION, amount, 0, merchant) : FAIL;
}
API(int, PurchaseService)(unsigned char merchant, int amount, char *params) {
  return params[0] ? money(INSTALMENT, amount, 0, merchant) : FAIL;
}
API(int, CashAdvance)(unsigned char merchant, int amount, char *currency, unsigned char account) {
  return strcmp(currency, "980") == 0 && account <= 4 ? money(CASH_ADVANCE, amount, 0, merchant) : FAIL;
}
API(int, Deposit)(unsigned char merchant, int amount, char *currency, unsigned char account) {
  return strcmp(currency, "980") == 0 && account <= 4 ? money(DEPOSIT, amount, 0, merchant) : FAIL;
}
static int card(void) { int code = begin(step_ms); if (code == OK) memset(&shown, 0, sizeof shown); return code; }
API(int, Balance)(unsigned char merchant, char *currency, unsigned char account) {
  int code = card();
  (void)merchant, (void)account;
  if (code == OK) shown.amount = currency[0] ? 150075 : 0;
  return code;
}
API(int, IdentifyCard)(unsigned char merchant, char *currency, unsigned char account) {
  (void)merchant, (void)currency, (void)account;
  return card();
}
API(int, StartScenario)(int id, char *xml) {
  int amount = 0, add = 0, merchant = 0;
  const char *at = strstr(xml, "<Amount>"), *cash = strstr(xml, "<AddAmount>"), *index = strstr(xml, "<MerchIdx>");
  if (at) amount = atoi(at + 8);
  if (cash) add = atoi(cash + 11);
  if (index) merchant = atoi(index + 10);
  snprintf(scenario_data, sizeof scenario_data, "<ScenarioResponse><Id>%d</Id></ScenarioResponse>", id);
  return amount > 0 ? money(CASHBACK, amount, add, merchant) : begin(step_ms);
}
API(int, SetExtraPrintData)(char *text) { snprintf(extra_print, sizeof extra_print, "%s", text); return OK; }
API(int, SetExtraXmlData)(char *xml) { return strlen(xml) <= 512 ? OK : FAIL; }
API(int, ReadCard)(void) { return card(); }
API(int, ReadBankCard)(void) { return card(); }
API(int, POSGetInfo)(void) { return begin(1); }
API(int, POSExTransaction)(void) { return begin(step_ms); }
API(int, SelectApp)(char *name, int index) { return strlen(name) <= 15 && index >= 0 ? OK : FAIL; }
API(int, CloseApp)(void) { return OK; }

static int count_totals(int clear) {
  int code = begin(step_ms);
  if (code != OK) return code;
  memset(totals, 0, sizeof totals);
  for (int i = 0; i < entries; i++) {
    int at = journal[i].status != 1 ? 4 : journal[i].type == REFUND ? 2 : 0;
    if (journal[i].type == VOID) continue;
    totals[at] += journal[i].amount;
    totals[at + 1]++;
  }
  txn_count = entries;
  if (clear) entries = 0, batch_number++, save();
  receipt_of = -1;
  return OK;
}
API(int, Settlement)(unsigned char merchant) { (void)merchant; return count_totals(1); }
API(int, PrintBatchTotals)(unsigned char merchant) { (void)merchant; return count_totals(0); }
API(int, PrintLastSettleCopy)(unsigned char merchant) { (void)merchant; receipt_of = -1; return begin(step_ms); }
API(int, PrintBatchJournal)(unsigned char merchant) { (void)merchant; receipt_of = -1; return begin(step_ms); }
API(int, GetBatchTotals)(unsigned char merchant) { (void)merchant; return count_totals(0); }
API(int, GetTxnDataByInv)(int invoice, unsigned char merchant) { (void)merchant; tick(); return show(by_invoice(invoice)); }

static void make_receipt(const entry_t *e) {
  int length = snprintf(receipt, sizeof receipt, PAPER_HEAD "\nКВИТАНЦІЯ № %d\nСУМА %d\n%s\n", e ? e->invoice : 0, e ? e->amount : 0, extra_print);
  if (told("long-receipt"))
    for (; length < 33000; length++) receipt[length] = "Ї\n"[length % 40 == 39];
  receipt[length] = '\0';
  extra_print[0] = '\0';
}
API(int, ReqCurrReceipt)(void) {
  int code = begin(1);
  if (code == OK) make_receipt(receipt_of < 0 || !entries ? NULL : &journal[entries - 1]);
  receipt_of = 0;
  return code;
}
API(int, ReqReceiptByInv)(int invoice, unsigned char merchant) {
  int code = begin(1);
  const entry_t *e = by_invoice(invoice);
  (void)merchant;
  if (code != OK) return code;
  if (e) make_receipt(e);
  else fail(4, 1000, "Немає чека");
  return OK;
}
API(int, ReqDataFile)(void) { return begin(1); }
API(int, SendFile)(char *path, unsigned char type, unsigned char command) { return path[0] && type <= 2 && command <= 2 ? begin(1) : FAIL; }
API(int, SetControlMode)(bool on) { (void)on; return begin(1); }
API(int, ReadKey)(unsigned char seconds) { (void)seconds; return begin(1); }
API(int, DisplayText)(unsigned char beep) { (void)beep; return begin(1); }
API(int, SetLine)(unsigned char row, unsigned char column, char *text, unsigned char invert) { (void)row, (void)column, (void)invert; return strlen(text) < 64 ? OK : FAIL; }
API(int, ExchangeStatuses)(unsigned char status) {
  FILE *f = file("heartbeats", "a");
  if (f) fputs("beat\n", f), fclose(f);
  return status == 2 ? begin(1) : FAIL;
}
API(int, SetScreen)(int number) { return number >= 0 ? OK : FAIL; }

API(unsigned char, SignVerif)(void) { return sign_needed; }
API(unsigned char, EntryMode)(void) { return 3; }
API(unsigned char, TermStatus)(void) { return told("batch-full") ? 14 : term_status; }
API(unsigned char, Key)(void) { return 13; }
API(unsigned char, SlipPrinted)(void) { return 1; }
API(int, TotalsDebitAmt)(void) { return totals[0]; }
API(int, TotalsDebitNum)(void) { return totals[1]; }
API(int, TotalsCreditAmt)(void) { return totals[2]; }
API(int, TotalsCreditNum)(void) { return totals[3]; }
API(int, TotalsCancelledAmt)(void) { return totals[4]; }
API(int, TotalsCancelledNum)(void) { return totals[5]; }
API(int, AddAmount)(void) { return shown.add; }
API(int, TrnBatchNum)(void) { return shown.batch; }
API(int, DiscountAttribute)(void) { return 1; }
API(int, FlagAcquirer)(void) { return 0; }
static const char *status_text(void) {
  switch (status_code) {
    case 9: return "Вставте картку";
    case 1: return "Картку прочитано";
    case 6: return "Введіть ПІН";
    case 3: return "Авторизація…";
    case 11: return "Бонус Плюс";
    default: return "";
  }
}
TEXT(LibraryVersion, VERSION)
TEXT(MerchantID, "M0000001")
TEXT(LastErrorDescription, text_of_error)
TEXT(LastStatMsgDescription, status_text())
TEXT(PAN, "516815XXXXXX9659")
TEXT(ExpDate, "2912")
TEXT(CardHolder, "IVAN/PETROV")
TEXT(IssueName, ISSUER)
TEXT(Receipt, receipt)
TEXT(emvAID, "A0000000041010")
TEXT(Track3, "1234567890")
TEXT(Currency, "UAH")
TEXT(RNK, "77001")
TEXT(CurrencyCode, "980")
TEXT(AddData, "додаткові дані")
TEXT(TerminalInfo, PROGRAM " S1DB0001 00CT20744822/S1DB0001/S1DB0002")
TEXT(DiscountName, "Бонус Плюс")
TEXT(ECRDataTM, PROGRAM)
TEXT(ScenarioData, scenario_data)
TEXT(CryptedData, "00")
TEXT(ExtraCardData, "none")
TEXT(PanHash, "abcdef")
API(int, DataFile)(char *out) { memcpy(out, "DATA\0FILE", 9); return OK; }
#endif
