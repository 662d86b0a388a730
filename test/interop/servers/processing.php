<?php
// Plays the 1C processing server through ext-soap's server, from a WSDL of the shape that 1C
// publishes. What it does with each request stands in the file `script` of its folder, a word a
// line; the last one stays. Every body that arrives is kept, and every payment that it took.
$folder = getenv('PROCESSING_FOLDER');
$wsdl = __DIR__ . '/pos.1cws.wsdl';
ini_set('soap.wsdl_cache_enabled', '0');
if (strtok($_SERVER['REQUEST_URI'], '?') !== '/base/ws/pos.1cws') {
    http_response_code(404);
    exit('<html>no such base</html>');
}
if (($_SERVER['PHP_AUTH_USER'] ?? '') !== 'pos' || $_SERVER['PHP_AUTH_PW'] !== 'пароль') {
    header('WWW-Authenticate: Basic realm="1C:Enterprise 8.3"');
    http_response_code(401);
    exit;
}
if ($_SERVER['REQUEST_METHOD'] === 'GET') {
    header('Content-Type: text/xml; charset=utf-8');
    exit(str_replace('ADDRESS', $_SERVER['HTTP_HOST'], file_get_contents($wsdl)));
}

$body = file_get_contents('php://input');
$lock = fopen("$folder/lock", 'c');
flock($lock, LOCK_EX);
$lines = file("$folder/script", FILE_IGNORE_NEW_LINES);
$what = count($lines) > 1 ? array_shift($lines) : $lines[0];
file_put_contents("$folder/script", implode("\n", $lines) . "\n");
$number = count(glob("$folder/heard-*.xml")) + 1;
file_put_contents(sprintf('%s/heard-%04d.xml', $folder, $number), $body);
flock($lock, LOCK_UN);

if ($what === 'html') {
    http_response_code(500);
    header('Content-Type: text/html; charset=utf-8');
    exit('<!DOCTYPE html><html><body>Не знайдено ліцензію</body></html>');
}
if ($what === 'session') {
    http_response_code(400);
    exit('Сеанс відсутній або видалено');
}
if ($what === 'denied') {
    http_response_code(401);
    exit;
}

class Processing
{
    public function __construct(private string $folder, private string $what)
    {
    }

    public function Register($payment)
    {
        if ($this->what === 'fault') {
            throw new SoapFault('Server', '{ВебСервис.pos.Модуль(12)}: Конфлікт блокувань');
        }
        if ($this->what === 'ours') {
            throw new SoapFault('Client', 'Невідповідність типів XDTO');
        }
        if ($this->what === 'false') {
            return ['return' => false];
        }
        $line = json_encode($payment, JSON_UNESCAPED_UNICODE) . "\n";
        file_put_contents("$this->folder/taken", $line, FILE_APPEND | LOCK_EX);
        if ($this->what === 'slow' || $this->what === 'lost') {
            usleep($this->what === 'slow' ? 400000 : 2500000);
        }
        return ['return' => true];
    }
}

$version = str_contains($_SERVER['CONTENT_TYPE'], 'application/soap+xml') ? SOAP_1_2 : SOAP_1_1;
$server = new SoapServer($wsdl, ['soap_version' => $version, 'cache_wsdl' => WSDL_CACHE_NONE]);
$server->setObject(new Processing($folder, $what));
$server->handle($body);
