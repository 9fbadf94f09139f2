<?php

declare(strict_types=1);

namespace Amtia\Error;

/** 500 and above: the API failed. */
final class InternalServerException extends ApiException
{
}
