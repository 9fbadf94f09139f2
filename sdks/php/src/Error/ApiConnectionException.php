<?php

declare(strict_types=1);

namespace Amtia\Error;

/** The API could not be reached, or the connection ended before the answer was whole. */
class ApiConnectionException extends AmtiaException
{
}
