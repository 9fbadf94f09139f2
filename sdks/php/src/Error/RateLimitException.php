<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 429: more than 1,000 requests in a minute, and the wait would be longer than `max_retry_wait`. */
final class RateLimitException extends ApiException
{
}
