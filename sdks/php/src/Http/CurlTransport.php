<?php

declare(strict_types=1);

namespace Amtia\Http;

use Amtia\Error\ApiConnectionException;
use Amtia\Error\ApiTimeoutException;

/** The client's own way: ext-curl with one connection that is kept open. */
final class CurlTransport implements Transport
{
    private ?\CurlHandle $handle = null;

    public function __construct(private readonly float $timeout)
    {
    }

    public function send(Request $request): Response
    {
        $this->handle ??= curl_init();
        // What one request set must not be left for the next; the connection stays.
        curl_reset($this->handle);
        $headers = [];
        $reason = '';
        $lines = [];
        foreach ($request->headers as $name => $value) {
            $lines[] = "$name: $value";
        }
        $options = [
            CURLOPT_URL => $request->url,
            CURLOPT_CUSTOMREQUEST => $request->method,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_RETURNTRANSFER => true,
            CURLOPT_CONNECTTIMEOUT_MS => (int) ($this->timeout * 1000),
            // Given up when nothing moves for this long; a large upload may take longer as a whole.
            CURLOPT_LOW_SPEED_LIMIT => 1,
            CURLOPT_LOW_SPEED_TIME => max(1, (int) ceil($this->timeout)),
            CURLOPT_NOSIGNAL => true,
            CURLOPT_HEADERFUNCTION => static function (\CurlHandle $_, string $line) use (&$headers, &$reason): int {
                if (str_starts_with($line, 'HTTP/')) {
                    // An interim answer came first: only the last one's headers count.
                    $headers = [];
                    $reason = trim(explode(' ', trim($line), 3)[2] ?? '');
                } elseif (str_contains($line, ':')) {
                    [$name, $value] = explode(':', $line, 2);
                    $name = strtolower(trim($name));
                    $headers[$name] = isset($headers[$name]) ? $headers[$name] . ', ' . trim($value) : trim($value);
                }
                return strlen($line);
            },
        ];
        if (is_resource($request->body)) {
            rewind($request->body);
            $options[CURLOPT_UPLOAD] = true;
            $options[CURLOPT_INFILE] = $request->body;
            $options[CURLOPT_INFILESIZE] = fstat($request->body)['size'] ?? -1;
            $lines[] = 'expect:';
        } elseif ($request->body !== null) {
            $options[CURLOPT_POSTFIELDS] = $request->body;
        }
        $options[CURLOPT_HTTPHEADER] = $lines;
        curl_setopt_array($this->handle, $options);
        $body = curl_exec($this->handle);
        if (!is_string($body)) {
            $place = parse_url($request->url, PHP_URL_PATH);
            if (curl_errno($this->handle) === CURLE_OPERATION_TIMEDOUT) {
                throw new ApiTimeoutException("$place did not answer in time.");
            }
            throw new ApiConnectionException("$place was not reached: " . curl_error($this->handle));
        }
        return new Response((int) curl_getinfo($this->handle, CURLINFO_RESPONSE_CODE), $reason, $headers, $body);
    }
}
