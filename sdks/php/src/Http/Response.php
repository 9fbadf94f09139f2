<?php

declare(strict_types=1);

namespace Amtia\Http;

/** What came back. */
final readonly class Response
{
    /** @param array<string, string> $headers by lower-case name */
    public function __construct(
        public int $status,
        public string $reason,
        public array $headers,
        public string $body,
    ) {
    }

    /** The body as JSON, its objects as stdClass; null where it is not JSON. */
    public function json(): mixed
    {
        return json_decode($this->body, false, 512, JSON_BIGINT_AS_STRING);
    }
}
