<?php
// Pays as a till through ext-soap: WSDL, Pay, PayPoll, PayInfo. Prints one JSON object.
[, $url, $style, $user, $password, $uid, $polls, $version] = $argv;
ini_set('soap.wsdl_cache_enabled', '0');
ini_set('default_socket_timeout', '20');

$options = [
    'soap_version' => $version === '1.2' ? SOAP_1_2 : SOAP_1_1,
    'cache_wsdl' => WSDL_CACHE_NONE,
    'exceptions' => true,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
];
if ($style !== 'none') {
    $options += ['login' => $user, 'password' => $password];
}
if ($style === 'challenged') {
    // Without credentials the server must ask; then the same client is made with them.
    try {
        new SoapClient($url . '?wsdl', ['cache_wsdl' => WSDL_CACHE_NONE]);
        exit("the WSDL was given without a password\n");
    } catch (SoapFault $fault) {
    }
}
$client = @new SoapClient($url . '?wsdl', $options);

function item(string $id, string $name, $count, int $cost): array
{
    return ['id' => $id, 'name' => $name, 'count' => $count, 'cost' => $cost];
}

function pay(SoapClient $client, string $uid, int $amount, ...$order): int
{
    $parameters = ['uid' => $uid, 'amount' => $amount];
    if ($order !== []) {
        $parameters['order'] = $order[0];
    }
    return $client->Pay($parameters)->return;
}

function poll(SoapClient $client, string $uid, int $polls): int
{
    for ($turn = 0; $turn < $polls; $turn++) {
        $status = $client->PayPoll(['uid' => $uid])->return;
        if ($status !== 1) {
            return $status;
        }
        usleep(20000);
    }
    return 1;
}

$sample = ['orderitem' => [item('id0', 'name0', 1, 100), item('id1', 'name1', 2, 200)]];
$long = ['orderitem' => []];
for ($n = 0; $n < 1000; $n++) {
    $long['orderitem'][] = item("арт-$n", "Товар «{$n}» їжак", '0.5', $n);
}
$polls = (int) $polls;
$result = ['pay' => pay($client, $uid, 1000, $sample), 'poll' => poll($client, $uid, $polls)];
$result['again'] = pay($client, $uid, 1000, $sample);
$result['nil'] = pay($client, "$uid nil", 5, null);
$result['nilPoll'] = poll($client, "$uid nil", $polls);
$result['none'] = pay($client, "$uid none", 5);
$result['nonePoll'] = poll($client, "$uid none", $polls);
$result['long'] = pay($client, "$uid long", 6, $long);
$result['longPoll'] = poll($client, "$uid long", $polls);
$info = $client->PayInfo(['uid' => $uid])->return;
$result['info'] = [
    'status' => $info->status,
    'rrn' => $info->rrn,
    'amount' => $info->amount,
    'message' => $info->message,
];
$result['missing'] = $client->PayInfo(['uid' => 'nobody'])->return->status;
$cash = ['uid' => "$uid cash", 'amount' => 700, 'pay_amount' => 1000];
$cash += ['charge_amount' => 250, 'rest_amount' => 50, 'order' => $sample];
$result['cash'] = $client->PayCash($cash)->return;
$result['wrong'] = pay($client, '', 1, $sample);
echo json_encode($result), "\n";
