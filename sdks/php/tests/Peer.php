<?php

declare(strict_types=1);

namespace Amtia\Tests;

use Amtia\Client;
use Nyholm\Psr7\Factory\Psr17Factory;
use Nyholm\Psr7\Response;
use Psr\Http\Client\ClientExceptionInterface;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestInterface;
use Psr\Http\Message\ResponseInterface;

/** A PSR-18 client that gives these answers, one after the other, and remembers what it was asked. */
final class Peer implements ClientInterface
{
    public const BASE = 'https://amtia.example/v1';

    /** @var list<RequestInterface> */
    public array $asked = [];

    /** @var list<string> */
    public array $bodies = [];

    /** @var list<ResponseInterface|ClientExceptionInterface> */
    private array $answers;

    public function __construct(ResponseInterface|ClientExceptionInterface ...$answers)
    {
        $this->answers = array_values($answers);
    }

    /** @param array<string, string> $headers */
    public static function answer(int $status, mixed $body, array $headers = []): Response
    {
        return new Response($status, $headers, is_string($body) ? $body : (string) json_encode($body));
    }

    public static function lost(): ClientExceptionInterface
    {
        return new class ('gone') extends \RuntimeException implements ClientExceptionInterface {
        };
    }

    /** @param array<string, mixed> $options */
    public function client(array $options = []): Client
    {
        $factory = new Psr17Factory();
        return new Client($options + [
            'api_key' => 'the-key',
            'secret' => 'the-secret',
            'base_url' => self::BASE,
            'http_client' => $this,
            'request_factory' => $factory,
            'stream_factory' => $factory,
        ]);
    }

    public function sendRequest(RequestInterface $request): ResponseInterface
    {
        if (str_ends_with($request->getUri()->getPath(), '/auth/token')) {
            return self::answer(200, ['token' => 'secret-token', 'expires_in' => 3600]);
        }
        $this->asked[] = $request;
        $this->bodies[] = (string) $request->getBody();
        $answer = array_shift($this->answers) ?? throw new \LogicException('asked once more than expected');
        if ($answer instanceof ClientExceptionInterface) {
            throw $answer;
        }
        return $answer;
    }
}
