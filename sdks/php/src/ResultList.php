<?php

declare(strict_types=1);

namespace Amtia;

use Amtia\Error\AmtiaException;

/**
 * A list. `foreach` gives every record, and asks for each further page when it is reached.
 *
 * The first page is read at once, so that an error comes from the call that made it. Iterating again reads the further
 * pages again.
 *
 * @template T of Record
 * @implements \IteratorAggregate<int, T>
 */
final readonly class ResultList implements \Countable, \IteratorAggregate
{
    /**
     * @param Page<T> $first
     * @param \Closure(Page<T>): Page<T> $following
     */
    public function __construct(private Page $first, private \Closure $following)
    {
    }

    /** @return list<T> the records of the first page */
    public function data(): array
    {
        return $this->first->data;
    }

    /** How many records the whole list holds, where the API says. */
    public function total(): ?int
    {
        return $this->first->total;
    }

    /** @return \Generator<int, Page<T>> page after page */
    public function pages(): \Generator
    {
        $seen = [];
        $page = $this->first;
        while (true) {
            yield $page;
            $place = $page->nextCursor ?? $page->nextUrl;
            if ($place === null) {
                return;
            }
            if (isset($seen[$place])) {
                throw new AmtiaException('The list leads back to a page that was read already.');
            }
            $seen[$place] = true;
            $page = ($this->following)($page);
        }
    }

    /** @return \Generator<int, T> */
    public function getIterator(): \Generator
    {
        $index = 0;
        foreach ($this->pages() as $page) {
            foreach ($page->data as $record) {
                yield $index++ => $record;
            }
        }
    }

    /** How many records the list holds; where the API does not say, all pages are read. */
    public function count(): int
    {
        return $this->first->total ?? iterator_count($this->getIterator());
    }
}
