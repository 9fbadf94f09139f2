<?php

declare(strict_types=1);

namespace Amtia;

/**
 * One object of an answer: `$risk->name` and `$risk['name']` read the same.
 *
 * Fields that this version does not know are kept and read in the same way. A field that the answer does not hold throws,
 * so that a misspelt name never passes for an empty value. Records do not change: to change one, call `update`.
 *
 * @implements \ArrayAccess<string, mixed>
 * @implements \IteratorAggregate<string, mixed>
 */
readonly class Record implements \ArrayAccess, \IteratorAggregate, \JsonSerializable
{
    /** @var array<string, class-string<Record>> the classes of fields that are objects */
    protected const NESTED = [];

    /** @var array<string, mixed> */
    private array $fields;

    /**
     * @param array<string, mixed> $fields
     * @param string|null $tag the record's ETag, which lists do not give
     */
    final public function __construct(array $fields, private ?string $tag = null)
    {
        $wrapped = [];
        foreach ($fields as $name => $value) {
            $wrapped[$name] = self::wrap($value, static::NESTED[$name] ?? self::class);
        }
        $this->fields = $wrapped;
    }

    /** What to give as `if_match`, so that nobody else's change is overwritten; null for records of a list. */
    public function etag(): ?string
    {
        return $this->tag;
    }

    /** @return array<string, mixed> the plain object, as the API answered it */
    public function toArray(): array
    {
        return array_map(self::unwrap(...), $this->fields);
    }

    public function __get(string $name): mixed
    {
        if (!array_key_exists($name, $this->fields)) {
            $known = implode(', ', array_keys($this->fields));
            throw new \OutOfBoundsException("This record has no field `$name`; it has $known.");
        }
        return $this->fields[$name];
    }

    public function __isset(string $name): bool
    {
        return isset($this->fields[$name]);
    }

    public function offsetExists(mixed $offset): bool
    {
        return isset($this->fields[$offset]);
    }

    public function offsetGet(mixed $offset): mixed
    {
        return $this->__get((string) $offset);
    }

    public function offsetSet(mixed $offset, mixed $value): never
    {
        throw new \LogicException('A record does not change; call update() to change what the API keeps.');
    }

    public function offsetUnset(mixed $offset): never
    {
        throw new \LogicException('A record does not change.');
    }

    public function getIterator(): \Iterator
    {
        return new \ArrayIterator($this->fields);
    }

    /** @return array<string, mixed>|\stdClass */
    public function jsonSerialize(): array|\stdClass
    {
        return $this->fields === [] ? new \stdClass() : $this->fields;
    }

    /** @return array<string, mixed> a webhook's secret comes once, in the answer that creates it; it is not for logs */
    public function __debugInfo(): array
    {
        return isset($this->fields['secret']) ? ['secret' => '***'] + $this->fields : $this->fields;
    }

    /** @param class-string<Record> $kind */
    private static function wrap(mixed $value, string $kind): mixed
    {
        if ($value instanceof \stdClass) {
            return new $kind(get_object_vars($value));
        }
        return is_array($value) ? array_map(static fn (mixed $item): mixed => self::wrap($item, $kind), $value) : $value;
    }

    private static function unwrap(mixed $value): mixed
    {
        if ($value instanceof self) {
            return $value->toArray();
        }
        return is_array($value) ? array_map(self::unwrap(...), $value) : $value;
    }
}
