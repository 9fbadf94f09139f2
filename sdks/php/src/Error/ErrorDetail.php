<?php

declare(strict_types=1);

namespace Amtia\Error;

/** One thing that is wrong with one field. `yours` and `current` come with a 412. */
final readonly class ErrorDetail
{
    public function __construct(
        public string $field,
        public string $message,
        public mixed $yours = null,
        public mixed $current = null,
    ) {
    }
}
