<?php

declare(strict_types=1);

namespace Amtia\Http;

use Amtia\Error\ApiConnectionException;
use Http\Discovery\Psr17FactoryDiscovery;
use Http\Discovery\Psr18ClientDiscovery;
use Psr\Http\Client\ClientExceptionInterface;
use Psr\Http\Client\ClientInterface;
use Psr\Http\Message\RequestFactoryInterface;
use Psr\Http\Message\StreamFactoryInterface;

/** Any PSR-18 client. */
final readonly class Psr18Transport implements Transport
{
    public function __construct(
        private ClientInterface $client,
        private RequestFactoryInterface $requests,
        private StreamFactoryInterface $streams,
    ) {
    }

    /** A client with factories that are given, that the client is itself, or that php-http/discovery finds. */
    public static function with(
        ClientInterface $client,
        ?RequestFactoryInterface $requests,
        ?StreamFactoryInterface $streams,
    ): self {
        $requests ??= $client instanceof RequestFactoryInterface ? $client : null;
        $streams ??= $client instanceof StreamFactoryInterface ? $client : null;
        if (($requests === null || $streams === null) && !class_exists(Psr17FactoryDiscovery::class)) {
            throw new \InvalidArgumentException('http_client needs request_factory and stream_factory, or php-http/discovery');
        }
        return new self(
            $client,
            $requests ?? Psr17FactoryDiscovery::findRequestFactory(),
            $streams ?? Psr17FactoryDiscovery::findStreamFactory(),
        );
    }

    /** Whatever client php-http/discovery finds. */
    public static function discovered(): self
    {
        if (!class_exists(Psr18ClientDiscovery::class)) {
            throw new \LogicException('Install ext-curl, or give a PSR-18 client as http_client, or install php-http/discovery.');
        }
        return self::with(Psr18ClientDiscovery::find(), null, null);
    }

    public function send(Request $request): Response
    {
        $message = $this->requests->createRequest($request->method, $request->url);
        foreach ($request->headers as $name => $value) {
            $message = $message->withHeader($name, $value);
        }
        if (is_resource($request->body)) {
            rewind($request->body);
            $message = $message->withBody($this->streams->createStreamFromResource($request->body));
        } elseif ($request->body !== null) {
            $message = $message->withBody($this->streams->createStream($request->body));
        }
        try {
            $answer = $this->client->sendRequest($message);
            $headers = array_map(static fn (array $values): string => implode(', ', $values), $answer->getHeaders());
            return new Response(
                $answer->getStatusCode(),
                $answer->getReasonPhrase(),
                array_change_key_case($headers),
                (string) $answer->getBody(),
            );
        } catch (ClientExceptionInterface $cause) {
            // Its own words only: the exception holds the request, and with it the token.
            $place = parse_url($request->url, PHP_URL_PATH);
            throw new ApiConnectionException("$place was not reached: " . $cause->getMessage());
        }
    }
}
