<?php

declare(strict_types=1);

namespace Amtia;

/**
 * One page of a list.
 *
 * @template T of Record
 */
final readonly class Page
{
    /**
     * @param list<T> $data
     * @param int|null $total how many records the whole list holds, where the API says
     */
    public function __construct(
        public array $data,
        public ?int $total,
        public ?string $nextCursor,
        public ?string $nextUrl,
    ) {
    }
}
