<?php

declare(strict_types=1);

namespace Amtia;

use Amtia\Http\Api;
use Amtia\Http\CurlTransport;
use Amtia\Http\Psr18Transport;
use Amtia\Http\Transport;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestFactoryInterface;
use Psr\Http\Message\StreamFactoryInterface;

/**
 * The AMTIA API with one API key. The token is fetched on first use and renewed by itself.
 */
final class Client extends Resources
{
    public const DEFAULT_BASE_URL = 'https://api.amtia.net/v1/';

    private readonly Api $api;

    /**
     * Nothing is sent yet.
     *
     * - `api_key`, `secret`: the credentials.
     * - `base_url`: instead of the environment variable `AMTIA_BASE_URL` and of `https://api.amtia.net/v1/`.
     * - `timeout`: seconds that one try may take without progress; 30 if left out. A PSR-18 client has its own.
     * - `max_retries`: further tries after a rate limit, a lost answer, 502, 503 or 504; 2 if left out.
     * - `max_retry_wait`: seconds that a call may wait in sum before further tries; 60 if left out.
     * - `allow_insecure_http`: allows plain http to other machines than this one.
     * - `http_client`, `request_factory`, `stream_factory`: a PSR-18 client of your own, with PSR-17 factories unless the
     *   client is one itself or php-http/discovery finds them.
     *
     * @param array{
     *     api_key: string, secret: string, base_url?: string, timeout?: float, max_retries?: int, max_retry_wait?: float,
     *     allow_insecure_http?: bool, http_client?: ClientInterface, request_factory?: RequestFactoryInterface,
     *     stream_factory?: StreamFactoryInterface
     * } $options
     */
    public function __construct(#[\SensitiveParameter] array $options)
    {
        $known = [
            'api_key', 'secret', 'base_url', 'timeout', 'max_retries', 'max_retry_wait', 'allow_insecure_http', 'http_client',
            'request_factory', 'stream_factory',
        ];
        $unknown = array_diff(array_keys($options), $known);
        if ($unknown !== []) {
            throw new \InvalidArgumentException('There is no option ' . implode(', ', $unknown));
        }
        if (($options['api_key'] ?? '') === '' || ($options['secret'] ?? '') === '') {
            throw new \InvalidArgumentException('api_key and secret are both needed');
        }
        $environment = getenv('AMTIA_BASE_URL');
        $address = $options['base_url'] ?? ($environment === false || $environment === '' ? self::DEFAULT_BASE_URL : $environment);
        $this->api = new Api(
            apiKey: $options['api_key'],
            secret: $options['secret'],
            baseUrl: self::checked($address, $options['allow_insecure_http'] ?? false),
            maxRetries: $options['max_retries'] ?? 2,
            maxRetryWait: (float) ($options['max_retry_wait'] ?? 60),
            transport: self::transport($options),
        );
        parent::__construct($this->api);
    }

    /** The address of the API. */
    public function baseUrl(): string
    {
        return $this->api->baseUrl;
    }

    /** A token that is good for now, at most an hour, for tools that need one to pass on. */
    public function token(): string
    {
        return $this->api->token();
    }

    /** @return array{base_url: string} neither the key nor its secret nor the token: this ends up in logs */
    public function __debugInfo(): array
    {
        return ['base_url' => $this->api->baseUrl];
    }

    /** @param array<string, mixed> $options */
    private static function transport(#[\SensitiveParameter] array $options): Transport
    {
        if (isset($options['http_client'])) {
            return Psr18Transport::with(
                $options['http_client'],
                $options['request_factory'] ?? null,
                $options['stream_factory'] ?? null,
            );
        }
        if (extension_loaded('curl')) {
            return new CurlTransport((float) ($options['timeout'] ?? 30));
        }
        return Psr18Transport::discovered();
    }

    private static function checked(string $address, bool $allowInsecureHttp): string
    {
        $parts = parse_url($address);
        $scheme = strtolower($parts['scheme'] ?? '');
        $host = strtolower(trim($parts['host'] ?? '', '[]'));
        if (!in_array($scheme, ['http', 'https'], true) || $host === '') {
            throw new \InvalidArgumentException('base_url must be an http or https address');
        }
        if (isset($parts['user']) || isset($parts['pass'])) {
            throw new \InvalidArgumentException('base_url must hold no user name or password');
        }
        $here = $host === 'localhost' || $host === '::1' || preg_match('/^127(\.\d{1,3}){3}$/', $host) === 1;
        if ($scheme === 'http' && !$here && !$allowInsecureHttp) {
            throw new \InvalidArgumentException(
                'base_url must be https: the secret would travel in the clear (plain http is for this machine only)',
            );
        }
        return rtrim($address, '/');
    }
}
