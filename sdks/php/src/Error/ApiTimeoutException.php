<?php

declare(strict_types=1);

namespace Amtia\Error;

/** The API did not answer in time. */
final class ApiTimeoutException extends ApiConnectionException
{
}
