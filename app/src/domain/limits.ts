// Every limit of the product, each with where it comes from.

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

// --- Waiting for a terminal -----------------------------------------------------------------
/** Вчасно recommends 310 s for a terminal; a till may hold its request that long. */
export const OPERATION_DEADLINE_MS = 310 * SECOND;
/** The longest `?wait=`: the deadline of the operation and ten seconds to conclude it. */
export const WAIT_SECONDS_MAX = 320;
/** The longest place in a terminal's queue: two payments ahead at the deadline each. */
export const QUEUE_DEADLINE_MS = 620 * SECOND;
/** Tills that may wait for one terminal; a shop shares a terminal between a few tills. */
export const QUEUE_LENGTH_MAX = 16;
/** How long a till or a rule may think about an adjusted sum: the terminal's «Adjust Timeout». */
export const ADJUST_DEADLINE_MS = 25 * SECOND;

// --- Finding out what happened ----------------------------------------------------------------
/** Terminal clocks drift and show whole seconds; receipts are stamped at authorisation. */
export const EVIDENCE_WINDOW_SLACK_MS = 90 * SECOND;
/** First and longest pause between two looks at the journal of a terminal that does not answer. */
export const LOOKUP_RETRY_MS = { first: 1 * SECOND, longest: 30 * SECOND };
/** After a decisive look failed to decide, the journal is read again this often. */
export const AMBIGUOUS_RETRY_MS = 5 * MINUTE;
/** Entries read between the watermark and the last invoice; more is a batch nobody watched. */
export const EVIDENCE_ENTRIES_MAX = 50;

// --- Links --------------------------------------------------------------------------------------
export const CONNECT_TIMEOUT_MS = 5 * SECOND;
export const RECONNECT_MS = { first: 500, longest: 30 * SECOND };
/** A terminal's line stays closed so long while the box gets another address. */
export const LINK_REST_MS = 3 * SECOND;
/** SimplyAddinConnect's measured values for a N950: idle 10 s. */
export const TCP_KEEPALIVE_IDLE_MS = 10 * SECOND;
/** The largest frame any public client accepts is 1 MiB; receipts are under 64 KiB. */
export const FRAME_BYTES_MAX = 1024 * 1024;

// --- HTTP -----------------------------------------------------------------------------------------
/** An operation's body is under 1 KiB; an order of 2,000 lines is some 400 KiB. */
export const BODY_BYTES_MAX = 1024 * 1024;
export const REQUEST_HEADERS_TIMEOUT_MS = 10 * SECOND;
export const REQUEST_BODY_TIMEOUT_MS = 30 * SECOND;
export const CONNECTIONS_MAX = 4_096;
/** Rows of a table that are read and written in one turn: some 4 ms on a small board. */
export const CSV_ROWS_PER_TURN = 200;
export const PAGE_SIZE = { default: 50, largest: 500 };
/**
 * Operations of one card, sum or document that a page of a search looks at before it offers to go
 * on: some 10 ms where none of them fits to its filters, during which payments wait.
 */
export const SEARCH_CANDIDATES_MAX = 2_000;
/** Failed sign-ins from one address: five at once, then one every ten seconds. */
export const AUTH_FAILURES = { burst: 5, refillMs: 10 * SECOND, addressesMax: 10_000 };
/** Open event streams: one a till and one a page; a browser holds six to a host. */
export const EVENT_STREAMS_MAX = 1_024;
export const EVENT_STREAM_HEARTBEAT_MS = 15 * SECOND;
/** A stream whose client does not read: some 2,000 events; the client resumes by Last-Event-ID. */
export const EVENT_STREAM_BUFFER_BYTES_MAX = 1024 * 1024;
/** Longer than the idle times of nginx (75 s) and common balancers (60 s), so they close first. */
export const HTTP_KEEP_ALIVE_MS = 90 * SECOND;
/** How often connections are checked against the two timeouts above: their precision. */
export const HTTP_TIMEOUT_CHECK_MS = 2 * SECOND;
/** A body that is too large is read on and dropped up to here, so that the client sees the 413. */
export const BODY_DRAIN_BYTES_MAX = 4 * BODY_BYTES_MAX;
/** The deepest document of the API has four levels. */
export const JSON_DEPTH_MAX = 32;
/** Faults named in one refusal; whoever has more is not helped by a longer list. */
export const VALIDATION_ERRORS_MAX = 50;
/** What a till is told to wait before it asks again: while running, and while unknown. */
export const RETRY_AFTER_SECONDS = { open: 1, unknown: 5 };
/** A quiet probe: connect, handshake, one question, each within the connect timeout, twice over. */
export const TERMINAL_TEST_DEADLINE_MS = 30 * SECOND;
/** Written by hand or by a program; longer is a mistake. */
export const TEXT_FIELD_MAX = { reference: 128, cashier: 64, reason: 500, name: 64 };
export const SERVICE_PARAMETERS_MAX = 32;
/** Lines of an order; the longest receipts of a wholesale shop. */
export const ORDER_ITEMS_MAX = 2_000;

// --- SOAP and XML ------------------------------------------------------------------------------
/** A call is Envelope, Body, Pay, order, orderitem, name; WS-Security headers go to nine. */
export const XML_DEPTH_MAX = 32;
/** An order of ORDER_ITEMS_MAX lines is 10,000 elements; the rest is headers. */
export const XML_ELEMENTS_MAX = 12_000;
/** 1C counts characters of a string as UTF-16 units, and so do we. */
export const SOAP_UID_LENGTH_MAX = 128;
/** `xs:int` of the contract: 21.4 million hryvnias. */
export const SOAP_INT_MAX = 2_147_483_647;

// --- nexo -------------------------------------------------------------------------------------------
/** Connections to a port for nexo messages: a payment, an abort and a text from each of a few tills. */
export const NEXO_CONNECTIONS_MAX = 256;
/** Texts that wait for a till which does not take them; a payment has some twenty. */
export const NEXO_TEXTS_WAITING_MAX = 64;
/** A till takes a text within this, or misses it. */
export const NEXO_TILL_TIMEOUT_MS = 5 * SECOND;
/** Operations of a terminal among which a till’s last one is looked for. */
export const NEXO_LOOK_BACK = 200;
/** Pause before a port that another program holds is tried again. */
export const NEXO_DOOR_RETRY_MS = 10 * SECOND;

// --- Telling others ------------------------------------------------------------------------------
export const WEBHOOKS_MAX = 20;
/** Pauses between two tries: doubled from the first to an hour, with jitter. */
export const DELIVERY_RETRY_MS = { first: 1 * SECOND, longest: 60 * MINUTE };
/** Servers of shops answer a handful at once; each of our lanes has one on its way. */
export const DELIVERIES_AT_ONCE = 8;
/** News of many events are one look into the outbox. */
export const DELIVERY_WAKE_MS = 20;
/** Items of a topic that one look into the outbox brings. */
export const OUTBOX_LOOK_MAX = 64;
/** A fault of the server's own code may heal (a lock, an update): a dozen tries are an hour. */
export const SERVER_FAULTS_MAX = 12;
/** A receiver of webhooks may be away over a long weekend. */
export const WEBHOOK_GIVE_UP_MS = 4 * 24 * 60 * MINUTE;
/** What a server answers to us: a WSDL of 1C is some 100 KiB. */
export const FOREIGN_ANSWER_BYTES_MAX = 1024 * 1024;
/** Of a fault or an HTML page that is kept for people. */
export const DELIVERY_ERROR_LENGTH_MAX = 1_000;

// --- Ledger --------------------------------------------------------------------------------------
/** Writes that go into one commit; bounds the time a commit may take. */
export const COMMIT_BATCH_MAX = 512;
/** Writes waiting for the ledger; beyond it the disk is not keeping up and we refuse (503). */
export const LEDGER_BACKLOG_MAX = 10_000;
/** Pause before a conclusion that the ledger refused is written again. */
export const LEDGER_RETRY_MS = 500;
/**
 * Rows kept in memory for tills that wait and poll: twice TERMINALS_MAX, about 4 KiB each; fewer
 * where orders are long. As objects they take some three times their text.
 */
export const ROWS_CACHED = { count: 2_000, characters: 8 * 1024 * 1024 };
/** Given up when the disk is full: one whole WAL (1,000 pages of 4 KiB), and its pages in the table. */
export const BALLAST_BYTES = 8 * 1024 * 1024;
/** Pause between two tries to write again after the disk refused. */
export const LEDGER_PROBE_MS = 5 * SECOND;
/** Larger ledgers skip the page check at the start: it reads some 200 MiB/s of a cheap disk. */
export const LEDGER_PAGE_CHECK_BYTES = 256 * 1024 * 1024;
/** Newest events whose hashes are checked at the start; older ones are checked by hand. */
export const LEDGER_TAIL_CHECKED = 1_000;
/** Operations whose times are summed up in one row, so that a list by time reads few of them. */
export const OPERATIONS_PER_SPAN = 1_000;
/** Delivered outbox items that people can still look at. */
export const OUTBOX_DELIVERED_KEPT = 10_000;
/** A busy lock of another process is waited for this long when a ledger or settings are opened. */
export const STORAGE_BUSY_MS = 2 * SECOND;

// --- Settings ------------------------------------------------------------------------------------
/** A key added on the command line works within two seconds. */
export const SETTINGS_POLL_MS = 1 * SECOND;
/** Paths of a newer release's settings in one line of the log: some kilobytes at most. */
export const UNUSED_TOLD_MAX = 20;
/** A change takes some ten milliseconds; a process that holds the lock longer hangs. */
export const SETTINGS_LOCK_WAIT_MS = 2 * SECOND;
export const SETTINGS_LOCK_RETRY_MS = 20;

// --- Appliance -----------------------------------------------------------------------------------
export const TERMINALS_MAX = 1_000;
export const API_KEYS_MAX = 1_000;
/** Running operations may finish within this after a stop was asked for. */
export const STOP_GRACE_MS = 20 * SECOND;
/** Tills that wait are answered within this when the gateway stops. */
export const HTTP_CLOSE_GRACE_MS = 2 * SECOND;
/** After the box is ready its terminals connect first: handshakes of three exchanges each. */
export const WARMING_AFTER_MS = 1 * SECOND;
/** Our own door and ledger answer at once, or are busy with others, who warm them too. */
export const WARMING_WAIT_MS = 5 * SECOND;
/** Between two pieces of warming, so that a payment that comes meanwhile has its turn. */
export const WARMING_PAUSE_MS = 50;
/** Then a lost exchange may still write that it is lost. */
export const STOP_CONCLUDE_MS = 2 * SECOND;
/** A terminal whose settings change has nothing running; its link closes at once. */
export const LANE_CLOSE_GRACE_MS = 1 * SECOND;
/** Log lines that wait for a reader that hangs; an hour of a busy shop. */
export const LOG_BUFFER_BYTES_MAX = 4 * 1024 * 1024;
/** Causes of a cause that a log line names; ours are at most three deep. */
export const ERROR_CAUSES_MAX = 5;

// --- Scheduled settlement ------------------------------------------------------------------------
/** The schedule is looked at this often: a settlement begins so much late at most. */
export const SCHEDULE_LOOK_MS = 15 * SECOND;
/**
 * From its time on a settlement may begin within this, whatever kept it up: a shop that settles
 * after it closed is not open again yet. Later the batch would be closed in the middle of a day.
 */
export const SETTLEMENT_WINDOW_MS = 4 * 60 * MINUTE;
/** Pause after one that did not succeed, doubled: a bank's host is away for minutes or for hours. */
export const SETTLEMENT_RETRY_MS = { first: 1 * MINUTE, longest: 30 * MINUTE };
/** With these pauses some thirteen fit into the window. */
export const SETTLEMENT_TRIES_MAX = 16;
/** Days back that are judged when the box comes back: a long weekend. */
export const SCHEDULE_DAYS_BACK = 3;
/** Notes of settlements that did not happen: half a year of a terminal that never does. */
export const MISSED_SETTLEMENTS_KEPT = 200;

// --- Simulated terminals --------------------------------------------------------------------------
/** Clients that wait silently for a terminal: the small listen backlog of an embedded system. */
export const TERMINAL_WAITING_LINKS_MAX = 8;
/** Different remarks about a till's breaches that a simulated terminal keeps; a page of them. */
export const TERMINAL_REMARKS_MAX = 50;
/** Journal entries that the state of a simulated terminal shows; the page of a batch. */
export const SIMULATOR_JOURNAL_SHOWN = 100;
/** Cards whose wrong PINs a simulated bank counts: more than a certification run presents. */
export const SIMULATOR_PIN_CARDS_MAX = 100;
/** The longest a simulated terminal may be set to take, or to stay without power: an hour. */
export const SIMULATOR_DELAY_MS_MAX = 60 * MINUTE;

// --- Updates and the recovery console -------------------------------------------------------------
/**
 * A system that is new must show that payments work within this, or the old one comes back: the
 * slowest terminal reconnects after RECONNECT_MS.longest, a cold start of a small board takes a
 * minute.
 */
export const CONFIRM_DEADLINE_MS = 5 * MINUTE;
export const CONFIRM_POLL_MS = 1 * SECOND;
/** One question to our own gateway over loopback. */
export const OWN_HEALTH_TIMEOUT_MS = 3 * SECOND;
/** A line a part of the gateway; a thousand terminals fit. */
export const OWN_HEALTH_BYTES_MAX = 256 * 1024;
/** A program that the console or the updater starts; longer ones name their own. */
export const COMMAND_TIMEOUT_MS = 30 * SECOND;
/** Writing a slot of 512 MiB to the slowest stick or eMMC (2 MB/s), and checking it. */
export const INSTALL_TIMEOUT_MS = 15 * MINUTE;
/** What a person is shown of a program's output; the rest is in the journal. */
export const COMMAND_OUTPUT_BYTES_MAX = 1024 * 1024;
/** The status screen looks at the appliance this often; it is drawn anew only when it changed. */
export const STATUS_REFRESH_MS = 10 * SECOND;
/** Whether a slot is confirmed by now is looked up this often, until it is. */
export const SLOT_REFRESH_MS = 1 * MINUTE;
/** A menu that nobody answers goes back to the status screen. */
export const CONSOLE_IDLE_MS = 10 * MINUTE;
/** A line typed at the console; longer ones are cut. */
export const CONSOLE_LINE_MAX = 200;

// --- The privileged hand --------------------------------------------------------------------------------
/** Other network settings come back by themselves unless confirmed: time to type an address and sign in. */
export const NETWORK_TRIAL_MS = 2 * MINUTE;
/** The longest names a hundred unresolved payments. */
export const HAND_REQUEST_BYTES_MAX = 8 * 1024;
/** The state of ten links or slots is a few KiB; a refusal names every open payment. */
export const HAND_ANSWER_BYTES_MAX = 256 * 1024;
export const HAND_REQUEST_TIMEOUT_MS = 5 * SECOND;
/** The longest verb starts two programs, each within COMMAND_TIMEOUT_MS. */
export const HAND_ANSWER_TIMEOUT_MS = 65 * SECOND;
/** A page asks once or twice; open pages watch an update. */
export const HAND_CONNECTIONS_MAX = 32;
/** Without a request the hand ends and gives its memory back; the next one starts it again. */
export const HAND_IDLE_MS = 5 * MINUTE;
/** The answer and the page after it reach the browser before the network or the power goes. */
export const HAND_GRACE_MS = 1_500;
/** Between the word to the gateway and the change of the address: its terminals hear the farewell. */
export const LINK_FAREWELL_MS = 500;
/** A slot has 512 MiB; the signature and the hashes of a bundle take some more. */
export const UPDATE_BUNDLE_BYTES_MAX = 576 * 1024 * 1024;
/** An upload leaves this to the ledger: eight times BALLAST_BYTES. */
export const UPDATE_SPACE_LEFT_BYTES = 64 * 1024 * 1024;
/** timesyncd tries one after another. */
export const TIME_SERVERS_MAX = 4;

// --- The bank's library -----------------------------------------------------------------------------
/** From the start of its process to the loaded library; half a second on the slowest machine tried. */
export const LIBRARY_START_MS = 20 * SECOND;
/** Calls are made one by one; more that wait is a fault of ours. */
export const LIBRARY_CALLS_WAITING_MAX = 16;
/** A process above this is replaced while its terminal is idle; a new one takes some 60 MiB. */
export const LIBRARY_RESIDENT_BYTES_MAX = 256 * 1024 * 1024;
/** The vendor's libraries are under 4 MiB. */
export const LIBRARY_FILE_BYTES_MAX = 32 * 1024 * 1024;
/** The library's own log begins anew at a start above this. */
export const LIBRARY_LOG_BYTES_MAX = 8 * 1024 * 1024;

// --- Backups and uploads ------------------------------------------------------------------------------
/** As passwords, but a stolen file can be guessed at with all the time in the world: 64 MiB a guess. */
export const BACKUP_COST = { N: 2 ** 16, r: 8, p: 2 };
/** Costs that a file may ask for: half a gigabyte of memory must not be one of them. */
export const BACKUP_COST_N = { min: 2 ** 10, max: 2 ** 17 };
/** Two million operations with their events are some 8 GiB; a backup holds them compressed. */
export const BACKUP_BYTES_MAX = 16 * 1024 * 1024 * 1024;
/** Backup and restore leave this much of the disk to payments: two ballasts and a day of sales. */
export const DISK_RESERVE_BYTES = 64 * 1024 * 1024;
/** A chain of five certificates with long names and a key of 8,192 bits is under 32 KiB. */
export const CERTIFICATE_FILE_BYTES_MAX = 128 * 1024;
/** Roots send none of their own; public chains have at most four. */
export const CERTIFICATE_CHAIN_MAX = 8;
/** Time to order a new one and to put it in before tills and browsers refuse the old one. */
export const CERTIFICATE_WARN_MS = 30 * 24 * 60 * MINUTE;
/** Names of a certificate: host name, addresses, a few more. */
export const CERTIFICATE_NAMES_MAX = 20;
/** An administrator's file over a slow line: 2 GiB at 10 Mbit/s. */
export const UPLOAD_TIMEOUT_MS = 30 * MINUTE;
/** What a form with files carries besides: fields, names, boundaries. */
export const UPLOAD_FIELDS_BYTES_MAX = 64 * 1024;

// --- People and pages ---------------------------------------------------------------------------------
export const PEOPLE_MAX = 200;
/** NIST SP 800-63B: length is what counts; ten characters are a year of guessing at our pace. */
export const PASSWORD_LENGTH = { min: 10, max: 128 };
/** OWASP's scrypt parameters: 32 MiB and a quarter of a second on a small board. */
export const PASSWORD_COST = { N: 2 ** 15, r: 8, p: 3 };
/** Two of four cores of a small board; payments need the others. */
export const PASSWORDS_AT_ONCE = 2;
/** Eight seconds of waiting; more is an attack and told to come back. */
export const PASSWORDS_WAITING_MAX = 32;
/** One person from one place may be wrong five times, then once a minute; a shop shares an address. */
export const SIGN_IN_FAILURES = {
  both: { burst: 5, refillMs: MINUTE },
  address: { burst: 20, refillMs: 20 * SECOND },
  login: { burst: 20, refillMs: 20 * SECOND },
};
export const SIGN_IN_BUCKETS_MAX = 10_000;
/** A long shift; a week until the password is asked again. */
export const SESSION_IDLE_MS = 12 * 60 * MINUTE;
export const SESSION_LIFE_MS = 7 * 24 * 60 * MINUTE;
/** Time to take out a telephone and read six digits. */
export const SESSION_CODE_MS = 5 * MINUTE;
export const SESSION_TOUCH_MS = 1 * MINUTE;
/** The largest form, a terminal with a hundred merchants, is some 20 KiB. */
export const FORM_FIELDS_MAX = 1_000;
/** News of a busy shop become one refresh of an open page. */
export const PAGE_NEWS_MS = 400;
export const AUDIT_PAGE_SIZE = 50;
/** Lines that a support bundle takes along; an hour of a busy shop. */
export const LOG_LINES_KEPT = 2_000;
/** Days of the dashboard's chart. */
export const CHART_DAYS = 14;
/** Load and temperature change slowly, and reading them is not free. */
export const MACHINE_FACTS_MS = 15 * SECOND;
/** A chip and a journal of a terminal: nearly full where this many receipts are in the batch. */
export const BATCH_NEARLY_FULL = 400;
/** Transactions that a journal report lists; each costs two questions to the terminal. */
export const BPOS_JOURNAL_LINES_MAX = 100;
