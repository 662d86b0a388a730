<?php
// Runs a nexo till that somebody else wrote for a web framework, with as little of that framework
// as it needs. Arguments: file with the class, address, folder for what it remembers, verb, order.
declare(strict_types=0);

namespace App\Models {
    class Place { public function setting($name) { return 'SEK'; } }
    class Terminal {
        public $serial = 'A-POIID';
        public $url;
        public $place;
        public static function find($id) {
            $one = new self();
            $one->url = $GLOBALS['address'];
            $one->place = new Place();
            return $one;
        }
    }
}

namespace Carbon {
    class Carbon {
        public static function now() { return new \DateTimeImmutable(); }
    }
}

namespace Illuminate\Http\Client {
    class ConnectionException extends \Exception {}
}

namespace Illuminate\Support\Facades {
    class Log {
        public static function info($text, $more = []) {}
        public static function error($text, $more = []) { fwrite(STDERR, $text . ' ' . json_encode($more) . "\n"); }
    }
    class Cache {
        private static function file($key) { return $GLOBALS['folder'] . '/' . rawurlencode($key); }
        public static function put($key, $value, $until) { file_put_contents(self::file($key), $value); }
        public static function get($key) { return file_get_contents(self::file($key)); }
    }
    class Http {
        private $body;
        private $type;
        private $seconds;
        public static function timeout($seconds) { $one = new self(); $one->seconds = $seconds; return $one; }
        public function accept($type) { return $this; }
        public function withBody($body, $type) { $this->body = $body; $this->type = $type; return $this; }
        public function post($url) {
            $context = stream_context_create(['http' => [
                'method' => 'POST',
                'header' => "Accept: */*\r\nContent-Type: {$this->type}\r\nConnection: close",
                'content' => $this->body,
                'timeout' => $this->seconds,
                'ignore_errors' => true,
            ]]);
            $body = file_get_contents($url, false, $context);
            if ($body === false) throw new \Illuminate\Http\Client\ConnectionException('no answer');
            preg_match('~^HTTP/\S+ (\d+)~', $http_response_header[0], $match);
            return new class((int) $match[1], $body) {
                public function __construct(private $code, private $text) {}
                public function status() { return $this->code; }
                public function body() { return $this->text; }
            };
        }
    }
}

namespace {
    function env($name) { return 'Shop'; }
    function now() { return new class { public function addDays($days) { return $days; } }; }
    if (!function_exists('simplexml_load_string')) {
        // Where PHP comes without it: the same arrays for documents as small as these.
        function simplexml_load_string($text) {
            preg_match_all('~<(/?)([A-Za-z]\w*)((?:\s+\w+="[^"]*")*)\s*(/?)>([^<]*)~', $text, $parts, PREG_SET_ORDER);
            $close = function () use (&$stack) {
                [$name, $element, $content] = array_pop($stack);
                $value = count($element) === 0 && $content !== '' ? $content : $element;
                $parent = &$stack[count($stack) - 1][1];
                if (!isset($parent[$name])) $parent[$name] = $value;
                elseif (is_array($parent[$name]) && array_is_list($parent[$name])) $parent[$name][] = $value;
                else $parent[$name] = [$parent[$name], $value];
            };
            $stack = [['', [], '']];
            foreach ($parts as [, $end, $name, $attributes, $empty, $content]) {
                if ($end === '/') { $close(); continue; }
                preg_match_all('~(\w+)="([^"]*)"~', $attributes, $pairs, PREG_SET_ORDER);
                $given = [];
                foreach ($pairs as [, $key, $value]) $given[$key] = html_entity_decode($value, ENT_XML1 | ENT_QUOTES);
                $stack[] = [$name, $given === [] ? [] : ['@attributes' => $given], trim(html_entity_decode($content, ENT_XML1))];
                if ($empty === '/') $close();
            }
            return reset($stack[0][1]);
        }
    }
    error_reporting(E_ALL & ~E_DEPRECATED);
    [, $class, $address, $folder, $verb, $order] = $argv;
    require $class;
    $till = new \App\Gateways\SwedbankGateway('ECR1', 1);
    $answer = match ($verb) {
        'login' => $till->login(),
        'pay' => $till->pay('38.50', $order),
        'refund' => $till->pay('9', $order, 'Refund'),
        'revert' => $till->revert($order),
        'abort' => $till->abort($order),
        'status' => $till->getTransaction(),
    };
    echo json_encode($answer);
}
