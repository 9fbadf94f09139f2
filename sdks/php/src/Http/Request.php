<?php

declare(strict_types=1);

namespace Amtia\Http;

/** What to ask for. */
final readonly class Request
{
    /**
     * @param array<string, string> $headers by lower-case name
     * @param string|resource|null $body a text, or a stream that is read as it is sent
     */
    public function __construct(
        public string $method,
        public string $url,
        public array $headers = [],
        public mixed $body = null,
    ) {
    }

    /**
     * Whether asking again after a lost answer does no harm. A POST is, by its idempotency key. A change that names the
     * revision it is based on is not: it would find its own first try and call it somebody else's.
     */
    public function isRepeatable(): bool
    {
        return !isset($this->headers['if-match']);
    }

    /** @param array<string, string> $headers */
    public function with(array $headers): self
    {
        return new self($this->method, $this->url, $headers + $this->headers, $this->body);
    }

    /** @return array<string, mixed> without the token, and without a body that may hold a secret */
    public function __debugInfo(): array
    {
        return ['method' => $this->method, 'url' => $this->url];
    }
}
