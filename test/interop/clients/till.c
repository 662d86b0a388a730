/* Pays as a till through the client that gSOAP generates from the WSDL. Prints one JSON object. */
#include "soapH.h"
#include "posSoapBinding.nsmap"
#include <stdio.h>
#include <unistd.h>

static const char *url, *user, *password;
static int challenged, polls;

/* A client of the second style sends its password only after it was asked for it. */
static void credentials(struct soap *soap) {
  soap->userid = user[0] == '\0' ? NULL : user;
  soap->passwd = user[0] == '\0' ? NULL : password;
}

static int failed(struct soap *soap, const char *call) {
  fprintf(stderr, "%s: ", call);
  soap_print_fault(soap, stderr);
  exit(1);
}

static int pay(struct soap *soap, char *uid, int amount, struct ns1__order *order) {
  struct _ns1__Pay request;
  struct _ns1__PayResponse response;
  soap_default__ns1__Pay(soap, &request);
  request.uid = uid;
  request.amount = amount;
  request.order = order;
  if (!challenged) credentials(soap);
  if (soap_call___ns1__Pay(soap, url, NULL, &request, &response) == 401 && challenged) {
    credentials(soap);
    if (soap_call___ns1__Pay(soap, url, NULL, &request, &response)) failed(soap, "Pay");
  } else if (soap->error) failed(soap, "Pay");
  return response.return_;
}

static int poll_once(struct soap *soap, char *uid) {
  struct _ns1__PayPoll request;
  struct _ns1__PayPollResponse response;
  soap_default__ns1__PayPoll(soap, &request);
  request.uid = uid;
  credentials(soap);
  if (soap_call___ns1__PayPoll(soap, url, NULL, &request, &response)) failed(soap, "PayPoll");
  return response.return_;
}

static int wait_for(struct soap *soap, char *uid) {
  for (int turn = 0; turn < polls; turn++) {
    int status = poll_once(soap, uid);
    if (status != 1) return status;
    usleep(20000);
  }
  return 1;
}

static char *join(struct soap *soap, const char *a, const char *b) {
  size_t length = strlen(a) + strlen(b) + 1;
  char *text = soap_malloc(soap, length);
  snprintf(text, length, "%s%s", a, b);
  return text;
}

static void item(struct ns1__orderitem *one, char *id, char *name, char *count, int cost) {
  one->id = id;
  one->name = name;
  one->count = count;
  one->cost = cost;
}

int main(int argc, char **argv) {
  if (argc != 7) return 2;
  url = argv[1];
  challenged = strcmp(argv[2], "challenged") == 0;
  user = strcmp(argv[2], "none") == 0 ? "" : argv[3];
  password = argv[4];
  char *uid = argv[5];
  polls = atoi(argv[6]);
  struct soap *soap = soap_new1(SOAP_XML_STRICT | SOAP_C_UTFSTRING | SOAP_IO_CHUNK);
  soap->connect_timeout = soap->recv_timeout = soap->send_timeout = 20;

  static struct ns1__orderitem two[2], many[1000];
  item(&two[0], "id0", "name0", "1", 100);
  item(&two[1], "id1", "name1", "2", 200);
  static char ids[1000][32], names[1000][64];
  for (int n = 0; n < 1000; n++) {
    snprintf(ids[n], sizeof ids[n], "арт-%d", n);
    snprintf(names[n], sizeof names[n], "Товар «%d» їжак", n);
    item(&many[n], ids[n], names[n], "0.5", n);
  }
  struct ns1__order sample = {.__sizeorderitem = 2, .orderitem = two};
  struct ns1__order large = {.__sizeorderitem = 1000, .orderitem = many};

  printf("{\"pay\":%d,", pay(soap, uid, 1000, &sample));
  printf("\"poll\":%d,", wait_for(soap, uid));
  printf("\"again\":%d,", pay(soap, uid, 1000, &sample));
  printf("\"nil\":%d,", pay(soap, join(soap, uid, " nil"), 5, NULL));
  printf("\"nilPoll\":%d,", wait_for(soap, join(soap, uid, " nil")));
  struct ns1__order empty = {.__sizeorderitem = 0, .orderitem = NULL};
  printf("\"none\":%d,", pay(soap, join(soap, uid, " none"), 5, &empty));
  printf("\"nonePoll\":%d,", wait_for(soap, join(soap, uid, " none")));
  printf("\"long\":%d,", pay(soap, join(soap, uid, " long"), 6, &large));
  printf("\"longPoll\":%d,", wait_for(soap, join(soap, uid, " long")));

  struct _ns1__PayInfo asked = {.uid = uid};
  struct _ns1__PayInfoResponse told;
  credentials(soap);
  if (soap_call___ns1__PayInfo(soap, url, NULL, &asked, &told)) failed(soap, "PayInfo");
  struct ns1__payinfo *info = told.return_;
  printf("\"info\":{\"status\":%d,\"rrn\":\"%s\",\"amount\":%lld,\"message\":\"%s\"},", info->status,
         info->rrn, (long long)*info->amount, info->message);
  asked.uid = "nobody";
  credentials(soap);
  if (soap_call___ns1__PayInfo(soap, url, NULL, &asked, &told)) failed(soap, "PayInfo");
  printf("\"missing\":%d,", told.return_->status);

  struct _ns1__PayCash cash = {.uid = join(soap, uid, " cash"), .amount = 700, .pay_USCOREamount = 1000,
                               .charge_USCOREamount = 250, .rest_USCOREamount = 50, .order = &sample};
  struct _ns1__PayCashResponse taken;
  credentials(soap);
  if (soap_call___ns1__PayCash(soap, url, NULL, &cash, &taken)) failed(soap, "PayCash");
  printf("\"cash\":%d,", taken.return_);
  printf("\"wrong\":%d}\n", pay(soap, "", 1, &sample));
  soap_destroy(soap);
  soap_end(soap);
  soap_free(soap);
  return 0;
}
