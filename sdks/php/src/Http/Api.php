<?php

declare(strict_types=1);

namespace Amtia\Http;

use Amtia\Error\AmtiaException;
use Amtia\Error\ApiConnectionException;
use Amtia\Error\ApiException;
use Amtia\Page;
use Amtia\Record;
use Amtia\ResultList;

/** One call: token, waits, retries, errors. */
final class Api
{
    /** A token is renewed this many seconds before it ends, or after nine tenths of a short life. */
    private const MARGIN = 60;

    private ?string $token = null;
    private float $until = 0;

    public function __construct(
        private readonly string $apiKey,
        #[\SensitiveParameter] private readonly string $secret,
        public readonly string $baseUrl,
        private readonly int $maxRetries,
        private readonly float $maxRetryWait,
        private readonly Transport $transport,
    ) {
    }

    /**
     * One object.
     *
     * @template T of Record
     * @param class-string<T> $kind
     * @param list<string> $values
     * @param array<string, mixed> $query
     * @return T
     */
    public function get(string $kind, string $path, array $values, array $query): Record
    {
        return $this->record($kind, $this->send(new Request('GET', $this->url($path, $values, $query))));
    }

    /**
     * A list, page by page.
     *
     * @template T of Record
     * @param class-string<T> $kind
     * @param list<string> $values
     * @param array<string, mixed> $query
     * @return ResultList<T>
     */
    public function list(string $kind, string $path, array $values, array $query, string $name): ResultList
    {
        $read = fn (string $url): Page => Paging::read($this->send(new Request('GET', $url)), $url, $kind, $name);
        $following = fn (Page $page): Page => $read(
            $page->nextUrl ?? $this->url($path, $values, ['cursor' => $page->nextCursor] + $query),
        );
        return new ResultList($read($this->url($path, $values, $query)), $following);
    }

    /**
     * Creates a record, once, however often it has to be asked for.
     *
     * @template T of Record
     * @param class-string<T> $kind
     * @param list<string> $values
     * @param array<string, mixed> $fields
     * @return T
     */
    public function post(string $kind, string $path, array $values, array $fields, ?string $idempotencyKey): Record
    {
        $headers = ['content-type' => 'application/json', 'idempotency-key' => $idempotencyKey ?? self::key()];
        return $this->record($kind, $this->send(new Request('POST', $this->url($path, $values), $headers, self::json($fields))));
    }

    /**
     * Changes a record.
     *
     * @template T of Record
     * @param class-string<T> $kind
     * @param list<string> $values
     * @param array<string, mixed> $fields
     * @return T
     */
    public function put(string $kind, string $path, array $values, array $fields, ?string $ifMatch): Record
    {
        $headers = ['content-type' => 'application/json'] + ($ifMatch === null ? [] : ['if-match' => $ifMatch]);
        return $this->record($kind, $this->send(new Request('PUT', $this->url($path, $values), $headers, self::json($fields))));
    }

    /**
     * Deletes a record.
     *
     * @param list<string> $values
     */
    public function delete(string $path, array $values): void
    {
        $this->send(new Request('DELETE', $this->url($path, $values)));
    }

    /**
     * Sends a file as it is read, never the whole of it in memory.
     *
     * @template T of Record
     * @param class-string<T> $kind
     * @param string|resource $file a path or an open stream
     * @param array<string, mixed> $fields
     * @return T
     */
    public function upload(string $kind, string $path, mixed $file, array $fields, ?string $name, ?string $idempotencyKey): Record
    {
        $key = $idempotencyKey ?? self::key();
        $boundary = 'amtia-' . substr(hash('sha256', $key), 0, 40);
        $form = Form::build($boundary, array_map(self::text(...), self::present($fields)), $file, $name);
        $headers = ['content-type' => "multipart/form-data; boundary=$boundary", 'idempotency-key' => $key];
        try {
            return $this->record($kind, $this->send(new Request('POST', $this->url($path, []), $headers, $form)));
        } finally {
            if (is_resource($form)) {
                fclose($form);
            }
        }
    }

    /** A token that is good for now. */
    public function token(): string
    {
        if ($this->token === null || microtime(true) >= $this->until) {
            $headers = ['content-type' => 'application/json'];
            $body = self::json(['api_key' => $this->apiKey, 'secret' => $this->secret]);
            $answer = $this->ask(new Request('POST', $this->baseUrl . '/auth/token', $headers, $body))->json();
            $token = $answer->token ?? $answer->access_token ?? null;
            if (!is_string($token)) {
                throw new AmtiaException('The answer of /auth/token holds no token.');
            }
            $lifetime = is_numeric($answer->expires_in ?? null) ? (float) $answer->expires_in : 3600.0;
            $good = $lifetime < self::MARGIN * 10 ? $lifetime * 0.9 : $lifetime - self::MARGIN;
            $this->until = microtime(true) + $good;
            $this->token = $token;
        }
        return $this->token;
    }

    /** @return array{base_url: string} */
    public function __debugInfo(): array
    {
        return ['base_url' => $this->baseUrl];
    }

    /** Asks with a token; a refused token is renewed once. */
    private function send(Request $request): Response
    {
        try {
            return $this->ask($request->with(['authorization' => 'Bearer ' . $this->token()]));
        } catch (ApiException $refusal) {
            if ($refusal->getCode() !== 401 || $this->token === null) {
                throw $refusal;
            }
        }
        $this->token = null;
        return $this->ask($request->with(['authorization' => 'Bearer ' . $this->token()]));
    }

    /** Asks until there is an answer that counts, within the limits for retries and waiting. */
    private function ask(Request $request): Response
    {
        $request = $request->with(['accept' => 'application/json', 'user-agent' => 'amtia-sdk-php/0.1.0']);
        $waited = 0.0;
        for ($tries = 0;; $tries++) {
            $wait = null;
            try {
                $response = $this->transport->send($request);
                if ($response->status >= 200 && $response->status < 300) {
                    return $response;
                }
                $failure = self::refusal($response);
                $wait = $failure->retryAfter;
                $again = $response->status === 429
                    || ($request->isRepeatable() && in_array($response->status, [502, 503, 504], true));
            } catch (ApiConnectionException $lost) {
                $failure = $lost;
                $again = $request->isRepeatable();
            }
            $wait ??= min(8.0, 0.5 * 2 ** $tries) * random_int(750, 1000) / 1000;
            if (!$again || $tries >= $this->maxRetries || $waited + $wait > $this->maxRetryWait) {
                throw $failure;
            }
            usleep((int) ceil($wait * 1_000_000));
            $waited += $wait;
        }
    }

    private static function refusal(Response $response): ApiException
    {
        $after = $response->headers['retry-after'] ?? null;
        $seconds = null;
        if ($after !== null) {
            // Seconds, or a date.
            $date = is_numeric($after) ? null : strtotime($after);
            $seconds = is_numeric($after) ? max(0.0, (float) $after) : ($date === false ? null : max(0.0, $date - microtime(true)));
        }
        return ApiException::from(
            $response->status,
            $response->json(),
            $response->reason,
            $response->headers['x-request-id'] ?? null,
            $seconds,
        );
    }

    /**
     * @template T of Record
     * @param class-string<T> $kind
     * @return T
     */
    private function record(string $kind, Response $response): Record
    {
        $body = $response->json();
        if (!$body instanceof \stdClass) {
            throw new AmtiaException('The answer is not a JSON object.');
        }
        return new $kind(get_object_vars($body), $response->headers['etag'] ?? null);
    }

    /**
     * @param list<string> $values
     * @param array<string, mixed> $query
     */
    private function url(string $path, array $values, array $query = []): string
    {
        foreach ($values as $value) {
            if (in_array($value, ['', '.', '..'], true)) {
                throw new \InvalidArgumentException("`$value` is not an identifier");
            }
            $path = implode(rawurlencode($value), explode('{}', $path, 2));
        }
        $text = http_build_query(array_map(self::text(...), self::present($query)), '', '&', PHP_QUERY_RFC3986);
        return $this->baseUrl . $path . ($text === '' ? '' : "?$text");
    }

    /**
     * @param array<string, mixed> $fields
     * @return array<string, mixed>
     */
    private static function present(array $fields): array
    {
        return array_filter($fields, static fn (mixed $value): bool => $value !== null);
    }

    private static function text(mixed $value): string
    {
        return match (true) {
            is_bool($value) => $value ? 'true' : 'false',
            $value instanceof \DateTimeInterface => self::time($value),
            is_array($value) => implode(',', array_map(self::text(...), $value)),
            default => (string) $value,
        };
    }

    private static function time(\DateTimeInterface $time): string
    {
        return \DateTimeImmutable::createFromInterface($time)->setTimezone(new \DateTimeZone('UTC'))->format('Y-m-d\TH:i:s.v\Z');
    }

    /** @param array<string, mixed> $fields */
    private static function json(#[\SensitiveParameter] array $fields): string
    {
        array_walk_recursive($fields, static function (mixed &$value): void {
            if ($value instanceof \DateTimeInterface) {
                $value = self::time($value);
            }
        });
        $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRESERVE_ZERO_FRACTION;
        return json_encode($fields === [] ? new \stdClass() : $fields, $flags);
    }

    private static function key(): string
    {
        return bin2hex(random_bytes(16));
    }
}
