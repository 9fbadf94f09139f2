<?php

declare(strict_types=1);

namespace Amtia\Tests;

use Amtia\Client;

/** A real `amtia serve`, started by `cargo xtask test sdks`, which names it in the environment. */
final class Served
{
    /** @return array{api_key: string, secret: string} the API key of a role */
    public static function key(string $role): array
    {
        $values = array_map(getenv(...), ["AMTIA_TEST_{$role}_KEY", "AMTIA_TEST_{$role}_SECRET"]);
        if (in_array(false, $values, true)) {
            throw new \RuntimeException('The environment names no served API: run `cargo xtask test sdks`.');
        }
        return array_combine(['api_key', 'secret'], $values);
    }

    /** The address of the API. */
    public static function base(): string
    {
        return (string) getenv('AMTIA_BASE_URL');
    }

    /** @param array<string, mixed> $options */
    public static function client(string $role, array $options = []): Client
    {
        return new Client(self::key($role) + $options);
    }
}
