<?php

declare(strict_types=1);

namespace Amtia\Error;

/** Everything that this package throws on its own account. */
class AmtiaException extends \RuntimeException
{
}
