<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 400: the request is malformed; `details` lists every offending field. */
final class BadRequestException extends ApiException
{
}
