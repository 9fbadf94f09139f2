<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 412: the record changed since it was read; `details` holds both values. */
final class PreconditionFailedException extends ApiException
{
}
