<?php

declare(strict_types=1);

namespace Amtia\Error;

/** The API answered, and refused. `getCode()` is the HTTP status. */
class ApiException extends AmtiaException
{
    /**
     * @param string|null $requestId what support and the log know the call by
     * @param list<ErrorDetail> $details every offending field at once
     * @param float|null $retryAfter seconds to wait before the next try, when the API says
     */
    final public function __construct(
        int $code,
        string $message,
        public readonly string $status = '',
        public readonly ?string $requestId = null,
        public readonly array $details = [],
        public readonly ?float $retryAfter = null,
    ) {
        parent::__construct($message, $code);
    }

    /** What is wrong with this field, if anything is. */
    public function field(string $name): ?string
    {
        foreach ($this->details as $detail) {
            if ($detail->field === $name) {
                return $detail->message;
            }
        }
        return null;
    }

    /** The error that a refusal stands for. `body` is its JSON, or null where it held none. */
    public static function from(int $code, mixed $body, string $reason, ?string $requestId, ?float $retryAfter): self
    {
        $kind = match (true) {
            $code === 400 => BadRequestException::class,
            $code === 401 => AuthenticationException::class,
            $code === 403 => PermissionDeniedException::class,
            $code === 404 => NotFoundException::class,
            $code === 412 => PreconditionFailedException::class,
            $code === 429 => RateLimitException::class,
            $code >= 500 => InternalServerException::class,
            default => self::class,
        };
        $error = $body->error ?? null;
        if (!$error instanceof \stdClass) {
            // RFC 6749 answers a name and a description; anything else gets its status line.
            $described = $body->error_description ?? null;
            $message = is_string($described) ? $described : ($reason !== '' ? $reason : "HTTP $code");
            return new $kind($code, $message, $reason, $requestId, [], $retryAfter);
        }
        $details = [];
        foreach (is_array($error->details ?? null) ? $error->details : [] as $item) {
            if ($item instanceof \stdClass) {
                $details[] = new ErrorDetail(
                    (string) ($item->field ?? ''),
                    (string) ($item->message ?? ''),
                    $item->yours ?? null,
                    $item->current ?? null,
                );
            }
        }
        return new $kind(
            $code,
            (string) ($error->message ?? $reason),
            (string) ($error->status ?? $reason),
            $error->request_id ?? $requestId,
            $details,
            $retryAfter,
        );
    }
}
